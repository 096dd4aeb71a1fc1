"""Draws, trains and examines: called by lab/attack/train, which says how."""

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch

import subjects
from attack import folding, plain
from learner import BATCH, Course

# Pictures are looked at no wider than this: enough for the thinnest stroke.
WIDTH = 150
TESTED = 1000


def main(arguments):
    if arguments.npz:
        known, unseen = (load_npz(file, count) for file, count in zip(arguments.npz, (arguments.pictures, TESTED)))
        symbols, subject = int(known[1].max()) + 1, Path(arguments.npz[0]).name
    else:
        alike, *_ = subjects.parts(arguments.style, arguments.size)
        begun = time.process_time()
        known = drawn(arguments, "", arguments.seed, arguments.pictures, alike)
        unseen = drawn(arguments, "test_", secrets.token_hex(32), TESTED, alike)
        symbols, (known, unseen) = encoded(known, unseen)
        print(f"drawing and loading took {time.process_time() - begun:.0f} s")
        subject = f"{arguments.style} {arguments.size}"
    course = Course(*known, symbols)
    weights = sum(weight.numel() for weight in course.learner.parameters())
    print(f"{subject}, {len(known[0])} labelled pictures, {weights} weights")
    print(f"{'CPU s':>7} {'shown':>8} {'whole':>7} {'characters':>11}")
    curve = []
    for seconds in arguments.seconds:
        course.go_on(seconds)
        whole, characters = course.examined(*unseen)
        shown = course.steps * BATCH
        curve.append({"seconds": seconds, "shown": shown, "whole": whole, "characters": characters})
        print(f"{seconds:>7.0f} {shown:>8} {whole:>7.1%} {characters:>11.1%}", flush=True)
    if arguments.json:
        report = {**vars(arguments), "weights": weights, "curve": curve}
        Path(arguments.json).write_text(json.dumps(report, indent=1) + "\n")


def read_arguments():
    parser = argparse.ArgumentParser(prog="lab/attack/train", add_help=False)
    parser.add_argument("--style", default="ink")
    parser.add_argument("--size", default="300x170")
    parser.add_argument("--pictures", type=int, default=40000)
    parser.add_argument("--seconds", type=lambda text: [float(word) for word in text.split(",")], default=[30, 60, 120, 300])
    parser.add_argument("--seed", default=secrets.token_hex(32))
    for part in ("layout", "ground", "faces"):
        parser.add_argument(f"--{part}", default="all")
        parser.add_argument(f"--test-{part}", default="all")
    parser.add_argument("--npz", nargs=2)
    parser.add_argument("--json")
    return parser.parse_args()


def drawn(arguments, prefix, seed, count, alike):
    """Fresh pictures as arrays, and their answers as they are compared."""
    layout, ground, faces = (getattr(arguments, prefix + part) for part in ("layout", "ground", "faces"))
    fold = folding(alike)
    with tempfile.TemporaryDirectory() as folder:
        subjects.draw(arguments.style, arguments.size, layout, ground, faces, seed, count, folder)
        with open(os.path.join(folder, "labels.tsv"), encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        pictures = np.stack([seen(os.path.join(folder, name)) for name, _ in rows])
    return torch.from_numpy(pictures), [plain(answer, fold) for _, answer in rows]


def seen(file):
    """The picture in grey, its two colours made black and white."""
    grey = cv2.imread(file, cv2.IMREAD_GRAYSCALE)
    scale = min(1.0, WIDTH / grey.shape[1])
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32)
    low, high = np.percentile(grey[::4], (2, 98))
    return np.clip((grey - low) * (255 / max(1.0, high - low)), 0, 255).astype(np.uint8)


def encoded(*sets):
    """Answers as numbers of symbols, and how many symbols there are."""
    symbols = sorted({symbol for _, answers in sets for answer in answers for symbol in answer})
    number = {symbol: index for index, symbol in enumerate(symbols)}
    encode = lambda answers: torch.tensor([[number[symbol] for symbol in answer] for answer in answers])
    return len(symbols), [(pictures, encode(answers)) for pictures, answers in sets]


def load_npz(file, count):
    """Pictures of another generator: arrays `x` (grey) and `y` (numbers of symbols, five of each)."""
    arrays = np.load(file)
    pictures = arrays["x"].reshape(len(arrays["x"]), *arrays["x"].shape[-2:])[:count]
    return torch.from_numpy(pictures), torch.from_numpy(arrays["y"][:count, :5]).long()


if __name__ == "__main__":
    cv2.setNumThreads(1)
    sys.exit(main(read_arguments()))
