#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scripts/new-handler writes builds and passes its own cases as it stands: outside, against what is
installed, and inside, in a copy of this tree that the house's checks look at.

usage: skeleton.py BUILD SCRATCH
"""
import os
import pathlib
import shutil
import sys

from say import check, failures, must, run

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD, SCRATCH = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
NEW = ROOT / "scripts/new-handler"

REFUSED = [  # arguments, words of the answer
    (["Quota"], "small letters"),
    (["q"], "small letters"),
    (["../quota"], "small letters"),
    (["aquotafortheworld"], "small letters"),
    (["checkpoint"], "already"),
    (["machine"], "is the engine's"),
    ([], "NAME"),
]


def outside(name):
    must(NEW, "--outside", SCRATCH, name)
    home = SCRATCH / name
    must("cmake", "-S", home, "-B", home / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={SCRATCH}/prefix")
    must("ninja", "-C", home / "build")
    done = run("ctest", "--test-dir", home / "build", "--output-on-failure")
    check(f"outside: {name} builds, its cases pass", done.returncode == 0 and "100% tests passed" in done.stdout, done.stdout)
    done = run(BUILD / "bin/kouan", "handler", "check", home / f"build/{name}.so", "--schemas", home / "schemas")
    check(f"outside: {name} is a good module", done.returncode == 0 and "verdict    good" in done.stdout, done.stdout + done.stderr)
    wrong = (home / f"{name}_edit.c").read_text()
    (home / f"{name}_edit.c").write_text(wrong.replace("grams <= conf", "grams < conf"))
    must("ninja", "-C", home / "build")
    done = run("ctest", "--test-dir", home / "build", "--output-on-failure")
    check(f"outside: {name}: a rule broken by its author fails a case", done.returncode != 0 and "as heavy as may be" in done.stdout, done.stdout)
    before = {p: p.read_bytes() for p in home.rglob("*.c")}
    done = run(NEW, "--outside", SCRATCH, name)
    check(f"outside: {name} is not written twice", done.returncode == 2 and "already" in done.stderr
          and before == {p: p.read_bytes() for p in home.rglob("*.c")}, done.stderr)


def copy():
    tree = SCRATCH / "tree"
    tree.mkdir()
    files = must("git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z").split("\0")
    for file in filter(None, files):
        if (ROOT / file).is_file():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, tree / file)
    must("git", "init", "-q", tree)
    return tree


def inside(name):
    tree = copy()
    must(tree / "scripts/new-handler", "--label", "配额", name)
    must("git", "-C", tree, "add", "-A")
    build = tree / "build/plain"
    must("cmake", "-S", tree, "-B", build, "-G", "Ninja")
    must("ninja", "-C", build, "kouan-case", "kouan-gen-docs")
    done = run(build / "bin/kouan-case", name, cwd=tree)
    check(f"inside: {name}'s cases pass", done.returncode == 0 and " 0 failed" in done.stdout, done.stdout + done.stderr)
    must(tree / "scripts/gen-docs", build)
    done = run(tree / "scripts/gen-docs", "--check", build)
    page = (tree / f"handlers/{name}/README.md").read_text()
    check("inside: its page is filled in from its tables", done.returncode == 0 and f"{name.upper()}-M02" in page
          and f"{name.upper()}-F11" in page, done.stdout)
    for script in ("check-format", "check-layers", "check-banned", "check-size", "check-names", "check-pure"):
        done = run(tree / "scripts" / script, *([build] if script in ("check-names", "check-pure") else []))
        check(f"inside: {script} finds nothing about it", "finding" in done.stdout and name not in done.stdout + done.stderr,
              done.stdout + done.stderr)


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True, mode=0o755)
    for args, words in REFUSED:
        done = run(NEW, "--outside", SCRATCH / "none", *args)
        check(f"refused: {' '.join(args) or 'no name'}", done.returncode == 2 and words in done.stderr
              and not (SCRATCH / "none").exists(), done.stderr)
    must("cmake", "--install", BUILD, "--prefix", SCRATCH / "prefix", "--component", "handler-dev")
    outside("qq")
    outside("quotaofseasonyz2")
    inside("quota")
    shutil.rmtree(SCRATCH)
    sys.exit(1 if failures else 0)


os.environ.pop("KOUAN_BUILD", None)
main()
