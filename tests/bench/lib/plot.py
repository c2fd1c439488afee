# SPDX-License-Identifier: Apache-2.0
"""One SVG page of what was measured, drawn with nothing but text: bars for where a message's CPU goes,
bars for two sides compared, lines for growth."""
import math
from xml.sax.saxutils import escape

WIDTH, LEFT, BAR = 880, 230, 16
COLOURS = {"engine": "#2f6f9f", "postgres": "#7a9a3a", "broker": "#b0783a"}
FONT = 'font-family="sans-serif" font-size="12"'


class Page:
    """Things stand below each other; y is where the next one begins."""

    def __init__(self):
        self.parts, self.y = [], 10

    def text(self, x, y, words, anchor="start", weight="normal"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>')

    def title(self, words):
        self.y += 26
        self.text(10, self.y, words, weight="bold")
        self.y += 12

    def box(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height}" fill="{colour}"/>')

    def bars(self, title, rows):
        """rows: (name, value, colour, words behind the bar)"""
        most = max((value for _, value, _, _ in rows), default=0) or 1
        self.title(title)
        for name, value, colour, words in rows:
            width = value / most * (WIDTH - LEFT - 170)
            self.text(LEFT - 8, self.y + 12, name, "end")
            self.box(LEFT, self.y, width, BAR - 3, colour)
            self.text(LEFT + width + 6, self.y + 12, words)
            self.y += BAR + 3

    def lines(self, title, unit, points):
        """points: (x label, {series: value}); both axes by powers of ten."""
        self.title(title)
        values = [v for _, row in points for v in row.values() if v > 0]
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        height, top, span = 180, self.y + 6, max(high - low, 1)
        step = (WIDTH - LEFT - 130) / max(len(points) - 1, 1)

        def at(i, value):
            return LEFT + i * step, top + height - (math.log10(value) - low) / span * height

        for power in range(low, high + 1):
            y = at(0, 10.0 ** power)[1]
            self.parts.append(f'<path d="M{LEFT} {y:.1f} H{WIDTH - 120}" stroke="#ddd"/>')
            self.text(LEFT - 8, y + 4, f"{10.0 ** power:g} {unit}", "end")
        for name, colour in COLOURS.items():
            path = [at(i, row[name]) for i, (_, row) in enumerate(points) if row[name] > 0]
            if not path:
                continue
            self.parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                              + " ".join(f"{x:.1f},{y:.1f}" for x, y in path) + '"/>')
            self.text(path[-1][0] + 8, path[-1][1] + 4, name)
        for i, (label, _) in enumerate(points):
            self.text(LEFT + i * step, top + height + 16, label, "middle")
        self.y = top + height + 22

    def svg(self):
        body = "\n".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.y + 20:.0f}" {FONT}>\n'
                f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n')


def _costs(row):
    return {name: row[f"{name}_us"] for name in COLOURS}


def _load(page, result):
    b = result["backlog"]
    rows = [("engine", b["engine_us"], COLOURS["engine"])]
    rows += [(f"of it {name}", us, "#8fb6d2") for name, us in b["stages_us"].items()]
    rows += [(name, b[f"{name}_us"], COLOURS[name]) for name in ("postgres", "broker")]
    page.bars("where the CPU of one message goes (R = one RSA-2048 verify beside the load)",
              [(name, us, colour, f"{us:.1f} us, {us / b['r_us']:.2f} R") for name, us, colour in rows])


def _against(page, against):
    rows = []
    for name, here, there, ratio, low, high in against["rows"]:
        rows += [(name, here, COLOURS["engine"], f"{here:.1f}   {ratio:.3f} ({low:.3f} to {high:.3f})"),
                 ("", there, "#bbb", f"{there:.1f} {against['other']}")]
    page.bars("CPU us a message: here above, the other below; ratio under 1 means here is cheaper", rows)


def page(result):
    out = Page()
    out.text(10, 20, result["revision"], weight="bold")
    if "against" in result:
        _against(out, result["against"])
    if "backlog" in result:
        _load(out, result)
    if "sizes" in result:
        out.lines("CPU of a message by its size", "us", [(f"{r['bytes'] / 1000:g} KB", _costs(r)) for r in result["sizes"]])
    if "records" in result:
        out.lines("CPU of a message by the number of records beside it", "us",
                  [(f"{r['records']:,}", _costs(r)) for r in result["records"]])
    if "matrix" in result:
        out.bars("keys, receipts, lanes, allocators: CPU us of the engine for a message",
                 [(r["name"], r["engine_us"], COLOURS["engine"], f"{r['engine_us']:.0f} us, {r['engine_us'] / r['r_us']:.1f} R")
                  for r in result["matrix"]])
    return out.svg()
