# SPDX-License-Identifier: Apache-2.0
"""scripts/demo's helper: main.py config|customs-options|run|judge|by-hand; needs the stack's environment."""
import signal
import sys

import place


def run(args):
    from traffic import Traffic
    size = next((a.removeprefix("--size=") for a in args if a.startswith("--size=")), "full")
    traffic = Traffic(size)
    try:
        traffic.run()
    finally:
        traffic.reader.close()


def judge(_):
    from judge import Judge
    sys.exit(Judge().report())


def by_hand(_):
    from judge import by_hand as text
    print(text())


def customs_options(_):
    """Every tenth declaration comes back, every seventeenth is not even taken."""
    print("--return-every\n10\n--refuse-every\n17")


VERBS = {"config": lambda _: place.write_config(), "customs-options": customs_options, "run": run, "judge": judge,
         "by-hand": by_hand}

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    VERBS[sys.argv[1]](sys.argv[2:])
