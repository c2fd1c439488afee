# SPDX-License-Identifier: Apache-2.0
"""What all check-* scripts share: which files, code without comments, findings with exceptions.

A finding prints as "file:line: rule: what to do instead".  A comment "/* allow: reason */" (or
"/* size: reason */" for check-size) on the line or right above it turns a finding into an exception,
which is listed, so that the list stays short and seen.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CODE = ("engine", "handlers", "adapters", "samples", "tests")
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def tracked():
    """All files of the repository, also those not yet added, never the ignored ones."""
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT,
                         check=True, capture_output=True).stdout.decode()
    return sorted(p for p in set(out.split("\0")) if p and os.path.isfile(os.path.join(ROOT, p)))


def sources(roots=CODE, ends=(".c", ".h")):
    return [p for p in tracked() if p.split("/")[0] in roots and p.endswith(ends)]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def no_comments(text):
    """Comments blanked; strings and line numbers stay."""
    return TOKEN.sub(lambda m: _blank(m[0]) if m[0].startswith(("/*", "//")) else m[0], text)


def no_comments_no_strings(text):
    """Comments and what stands between quotes blanked; line numbers stay."""
    return TOKEN.sub(lambda m: _blank(m[0]) if m[0][0] == "/" else m[0][0] + _blank(m[0][1:-1]) + m[0][-1],
                     text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def build_folder(argv, *candidates, has="CMakeCache.txt"):
    """The build folder named on the command line, or the first candidate that has this file."""
    for path in argv[1:] or [os.path.join(ROOT, c) for c in candidates]:
        if os.path.exists(os.path.join(path, has)):
            return os.path.abspath(path)
    print(f"{os.path.basename(argv[0])}: no build folder with {has}; run: scripts/test build")
    sys.exit(2)


class Report:
    def __init__(self, name, word="allow"):
        self.name, self.word = name, word
        self.found, self.excepted = [], []
        self.lines = {}

    def _reason(self, path, line, above):
        """The reason on the line itself or in the comment right above it."""
        if path not in self.lines:
            full = os.path.join(ROOT, path)
            self.lines[path] = read(path).split("\n") if os.path.isfile(full) else []
        text = self.lines[path]
        for i in range(line - 1, max(-1, line - 2 - above), -1):
            if i < len(text):
                hit = re.search(rf"/\*\s*{self.word}: ([^*]+?)\s*\*/|#\s*{self.word}: (.+)$", text[i])
                if hit:
                    return hit[1] or hit[2]
        return None

    def add(self, path, line, rule, instead, above=1):
        reason = self._reason(path, line, above)
        if reason:
            self.excepted.append(f"{path}:{line}: {rule}: {self.word}: {reason}")
        else:
            self.found.append(f"{path}:{line}: {rule}: {instead}")

    def finish(self, looked_at):
        for text in self.found:
            print(text)
        for text in self.excepted:
            print("  exception " + text)
        print(f"{self.name}: {looked_at}, {len(self.found)} findings, {len(self.excepted)} exceptions")
        sys.exit(1 if self.found else 0)
