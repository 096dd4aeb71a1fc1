"""Draws a day under attack as an SVG: tries that got through in each hour, and honest visitors asked for more.

usage: plot.py day.tsv picture.svg
"""
import sys
from pathlib import Path

WIDTH, HEIGHT, LEFT, GAP = 720, 150, 64, 62
SERIES = (
    ("tries that got through, in an hour (trained reader, 1,000 addresses)", lambda row: int(row["through"])),
    ("honest visitors asked for more, of a hundred", lambda row: 100 * int(row["asked_more"]) / max(1, int(row["visits"]))),
)
COLOURS = {"off": "#a3261a", "adaptive": "#1d6a40"}


def rows(path):
    block = Path(path).read_text().split("\n\n")[1].strip().splitlines()
    names = block[0].split("\t")
    return [dict(zip(names, line.split("\t"))) for line in block[1:]]


def panel(top, title, value, found):
    most = max([value(row) for row in found] + [1])
    place = lambda hour, y: f"{LEFT + hour * (WIDTH - LEFT - 16) / 23:.1f},{top + HEIGHT - y / most * HEIGHT:.1f}"
    yield f'<text x="{LEFT}" y="{top - 10}">{title}</text>'
    for y in (0, most / 2, most):
        level = top + HEIGHT - y / most * HEIGHT
        yield f'<path d="M{LEFT} {level:.1f}H{WIDTH - 16}" stroke="#ded5c4"/>'
        yield f'<text x="{LEFT - 8}" y="{level + 4:.1f}" text-anchor="end">{y:,.0f}</text>'
    for policy, colour in COLOURS.items():
        points = " ".join(place(int(row["hour"]), value(row)) for row in found if row["policy"] == policy)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
    for hour in range(0, 24, 6):
        x = place(hour, 0).split(",")[0]
        yield f'<text x="{x}" y="{top + HEIGHT + 18}" text-anchor="middle">{hour}:00</text>'


def main():
    found = rows(sys.argv[1])
    height = 40 + len(SERIES) * (HEIGHT + GAP) + 10
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13" fill="#1c2736">',
             f'<rect width="{WIDTH}" height="{height}" fill="#fffcf6"/>']
    for place, (policy, colour) in enumerate(COLOURS.items()):
        x = LEFT + 130 * place
        parts.append(f'<path d="M{x} 20h24" stroke="{colour}" stroke-width="2.5"/><text x="{x + 32}" y="24">policy {policy}</text>')
    for place, (title, value) in enumerate(SERIES):
        parts += panel(60 + place * (HEIGHT + GAP), title, value, found)
    Path(sys.argv[2]).write_text("\n".join([*parts, "</svg>"]) + "\n")


if __name__ == "__main__":
    main()
