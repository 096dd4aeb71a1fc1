"""What the engine's example program can draw: styles by their parts."""

import os
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def example():
    """The engine's example program that draws one combination at a time; built when it is first asked for."""
    command = ["cargo", "build", "--release", "--quiet", "--locked", "-p", "inkgate", "--example", "combination"]
    subprocess.run(command, check=True, cwd=ROOT)
    return str(Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/examples/combination")


def parts(style, size):
    """The look-alikes, layouts and grounds of a style."""
    listed = subprocess.run([example(), "list"], check=True, capture_output=True, text=True).stdout
    rows = [line.split("\t") for line in listed.splitlines()]
    own = [row for row in rows if row[0] == style]
    row = next((row for row in own if row[1] == size), own[0])
    return row[3], *(text.split(",") if text else [] for text in row[4:6])


def draw(style, size, layout, ground, faces, seed, count, folder):
    """Numbered pictures and labels.tsv."""
    subprocess.run([example(), "draw", style, size, layout, ground, faces, seed, str(count), folder], check=True)
