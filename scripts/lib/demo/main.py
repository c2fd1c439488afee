# SPDX-License-Identifier: Apache-2.0
"""scripts/demo's helper: main.py config|run|judge|by-hand; needs the stack's environment."""
import signal
import sys

import place


def run(args):
    from traffic import Traffic
    size = next((a.removeprefix("--size=") for a in args if a.startswith("--size=")), "full")
    Traffic(size).run()


def judge(_):
    from judge import Judge
    sys.exit(Judge().report())


def by_hand(_):
    from judge import by_hand as text
    print(text())


VERBS = {"config": lambda _: place.write_config(), "run": run, "judge": judge,
         "by-hand": by_hand}

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    VERBS[sys.argv[1]](sys.argv[2:])
