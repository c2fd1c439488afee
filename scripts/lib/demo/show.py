# SPDX-License-Identifier: Apache-2.0
"""What a person sees: one live line, tables with wide characters aligned, colours only on a terminal."""
import os
import shutil
import sys
import threading
import time
import unicodedata

TTY = sys.stdout.isatty()
COLOUR = TTY and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_lock = threading.Lock()


def paint(text, how):
    return f"\x1b[{CODES[how]}m{text}\x1b[0m" if COLOUR else text


def width(text):
    """Columns on the screen: Chinese characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def cut(text, columns):
    if width(text) <= columns:
        return text
    out = ""
    for c in text:
        if width(out + c) > columns - 1:
            break
        out += c
    return out + "…"


def pad(text, columns):
    text = cut(text, columns)
    return text + " " * (columns - width(text))


def right(text, columns):
    return " " * (columns - width(text)) + text


def say(text=""):
    with _lock:
        print(text, flush=True)


def title(text):
    say("\n" + paint(text, "bold"))


def phase(text, seconds):
    say(f"  {pad(text, 44)} {seconds:6.1f} s")


def table(heads, rows, indent="  "):
    """rows of texts; every column as wide as its widest text, the last one as it comes."""
    columns = [max(width(r[i]) for r in [heads, *rows]) for i in range(len(heads))]
    for n, row in enumerate([heads, *rows]):
        text = indent + "  ".join([pad(t, w) for t, w in zip(row[:-1], columns)] + [row[-1]])
        say(paint(text, "dim") if n == 0 else text)


class Live:
    """One line that changes in place; without a terminal a plain line every few seconds."""

    def __init__(self, every=5.0):
        self.every, self.last, self.text = every, time.monotonic(), ""

    def update(self, text):
        if TTY and text != self.text:
            columns = shutil.get_terminal_size((100, 24)).columns
            with _lock:
                print("\r\x1b[K  " + cut(text, columns - 3), end="", flush=True)
        elif not TTY and time.monotonic() - self.last >= self.every and text != self.text:
            self.last = time.monotonic()
            say("  " + text)
        else:
            return
        self.text = text

    def done(self):
        if TTY and self.text:
            with _lock:
                print("\r\x1b[K", end="", flush=True)
