# SPDX-License-Identifier: Apache-2.0
"""count.py ctest JUNIT | log NAME STATUS LOG: the tests inside what ran, one line each: STATUS<tab>NAME.

A cmocka program counts test by test, a TAP program line by line; anything else counts as one test.
A program that died, or failed after all its tests passed, is one failed test more.  So nothing passes
silently and nothing counts twice.  STATUS: passed, failed, skipped.
"""
import re
import sys
import xml.etree.ElementTree as tree

CMOCKA = re.compile(r"^\[ {6} OK \] (.+)$|^\[  (?:FAILED|ERROR)   ?\] (\w+).*$|^\[  SKIPPED \] (\w+)$|^\[ RUN {6}\] (.+)$")
TAP = re.compile(r"^(ok|not ok)\b(?:\s+\d+)?(?:\s+-)?\s*(.*?)(?:\s+# (skip|todo)\b\s*(.*))?$", re.I)


def cmocka(lines):
    found, running = [], None
    for line in lines:
        m = CMOCKA.match(line)
        if m and m[4]:
            if running:
                found.append(("failed", running + " (died)"))
            running = m[4].strip()
        elif m and running:
            status = "passed" if m[1] else "failed" if m[2] else "skipped"
            name = m[1] or m[2] or m[3]
            if name.strip() == running:
                found.append((status, running))
                running = None
        elif running and line.startswith("[==========]"):
            found.append(("failed", running + " (not finished)"))
            running = None
    if running:
        found.append(("failed", running + " (died)"))
    return found


def tap(lines):
    found, plan = [], None
    for line in lines:
        m = TAP.match(line)
        if m:
            status = "skipped" if (m[3] or "").lower() == "skip" else "passed" if m[1] == "ok" else "failed"
            found.append((status, (m[2] or "?") + (f" # {m[4]}" if m[4] else "")))
        m = re.match(r"^1\.\.(\d+)", line)
        if m:
            plan = int(m[1])
    if plan is not None and len(found) < plan:
        found.append(("failed", f"{plan} tests planned, {len(found)} ran"))
    return found


def cases(lines):
    """The case runner's own last word, "checkpoint: 437 cases, 276 refusals, 0 failed": each case is a test."""
    found = []
    for line in lines:
        m = re.match(r"^(\w+): (\d+) cases, .*?(\d+) failed$", line)
        if m:
            found += [("passed", f"{m[1]} case")] * (int(m[2]) - int(m[3])) + [("failed", f"{m[1]} case")] * int(m[3])
    return found


def inside(name, status, text):
    """status is what the exit code said; the text may know more."""
    lines = text.splitlines()
    found = cmocka(lines) or tap(lines) or cases(lines)
    if not found:
        reason = re.search(r"^(?:\s*)skipped: ?(.*)$", text, re.M)
        if status == "passed" and reason:
            status = "skipped"
        found = [(status, name + (f": {reason[1]}" if reason and status == "skipped" else ""))]
        return found
    found = [(s, f"{name}: {n}") for s, n in found]
    if status == "failed" and not any(s == "failed" for s, _ in found):
        found.append(("failed", f"{name}: exit code (all its tests had passed)"))
    return found


def from_ctest(path):
    for case in tree.parse(path).getroot().iter("testcase"):
        status = {"run": "passed", "fail": "failed"}.get(case.get("status"), "skipped")
        text = case.findtext("system-out") or ""
        if case.get("status") in ("notrun", "disabled") and "Unable to find" in (text + (case.find("skipped").get("message", "") if case.find("skipped") is not None else "")):
            status = "failed"
        yield from inside(case.get("name"), status, text)


def main():
    if sys.argv[1] == "ctest":
        rows = from_ctest(sys.argv[2])
    else:
        with open(sys.argv[4], encoding="utf-8", errors="replace") as f:
            rows = inside(sys.argv[2], sys.argv[3], f.read())
    for status, name in rows:
        print(f"{status}\t{' '.join(name.split())}")


main()
