"""Prints the readings of `lab/peers/run` as tables, and how many times a peer's rate ours is.

Of two readings of ours the lower counts, of two of a peer the higher.
"""

import sys
from pathlib import Path

# What each peer is compared with: a style and a size.
COMPARED = (
    ("floor", "ink", "200x100"),
    ("captcha-a", "ink", "200x100"),
    ("newpage", "newpage", "200x100"),
    ("member", "member", "60x30"),
)


def read(path):
    rows = (line.split("\t") for line in path.read_text().splitlines())
    return {(name, size): (float(rate), int(size_)) for name, size, rate, size_ in rows}


def merged(one, other, choose):
    return {key: (choose(one[key][0], other[key][0]), one[key][1]) for key in one}


def row(*cells):
    print(f"{cells[0]:<22}{cells[1]:<9}" + "".join(f"{cell:>14}" for cell in cells[2:]))


def main(folder):
    before, after = read(folder / "before.tsv"), read(folder / "after.tsv")
    ours = merged(before, after, min)
    peers = merged(read(folder / "peers.tsv"), read(folder / "peers-again.tsv"), max)
    pillow = read(folder / "pillow.tsv")
    peers |= pillow

    row("style", "size", "pictures/s", "again", "us", "bytes")
    for (name, size), (rate, size_) in ours.items():
        again = after[name, size][0]
        row(name, size, f"{before[name, size][0]:.0f}", f"{again:.0f}", f"{1e6 / rate:.1f}", size_)
    print()
    row("peer", "size", "pictures/s", "bytes", "ours", "times")
    for peer, style, size in COMPARED:
        rate, size_ = peers[peer, size]
        name = f"Pillow: {peer}" if (peer, size) in pillow else peer
        lower = ours[style, size][0]
        row(name, size, f"{rate:.1f}", size_, f"{lower:.0f}", f"{lower / rate:.2f}")
    large, small = ours["ink", "300x170"][0], ours["ink", "200x100"][0]
    print(f"\nink at 300x170 takes {small / large:.2f} times as long as at 200x100")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
