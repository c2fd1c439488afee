# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder share: one line a check, programs that may fail, programs that must not."""
import subprocess
import sys

failures = []


def check(name, ok, detail=""):
    print(f"{'ok' if ok else 'not ok'} - {name}", flush=True)
    if not ok:
        failures.append(name)
        print("# " + str(detail).strip()[-1500:].replace("\n", "\n# "))


def run(*args, **more):
    return subprocess.run([str(a) for a in args], text=True, capture_output=True, **more)


def must(*args, **more):
    done = run(*args, **more)
    if done.returncode:
        sys.exit(f"not ok - {' '.join(map(str, args))}\n{done.stdout}{done.stderr}")
    return done.stdout
