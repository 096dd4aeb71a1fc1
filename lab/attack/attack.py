"""Reads a folder of pictures with every run of the list, and counts."""

import csv
import os
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

import steps
from readers import reader

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Run:
    """One way to attack: a reader behind a chain of steps. `kind` is stock or adapted."""

    kind: str
    reader: str
    chain: str

    @property
    def name(self):
        return f"{self.reader} {self.chain}"


@dataclass
class Result:
    """What a run read of a folder of pictures."""

    run: Run
    readings: list
    solved: int
    characters: float
    seconds: float


@dataclass
class Pictures:
    """Pictures with their answers, and what an attacker knows of them."""

    images: list
    answers: list
    alphabet: str
    alike: str = ""
    made: dict = field(default_factory=dict)
    read: dict = field(default_factory=dict)

    @classmethod
    def load(cls, folder, alphabet, alike="", limit=None):
        with open(os.path.join(folder, "labels.tsv"), encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t")[:2] for line in file][:limit]
        images = [opaque(Image.open(os.path.join(folder, name))) for name, _ in rows]
        return cls(images, [answer for _, answer in rows], alphabet, alike)

    def parts(self, names):
        """For each picture the parts that these steps make of it. What first steps make is kept: many chains share them."""
        first, *rest = names
        if first not in self.made:
            self.made[first] = [steps.apply([first], image) for image in self.images]
        return [[piece for part in parts for piece in steps.apply(rest, part.image, part.glyphs)] for parts in self.made[first]]


def opaque(image):
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def runs():
    """The list of runs, from runs.tsv."""
    with open(HERE / "runs.tsv", encoding="utf-8", newline="") as file:
        lines = [line for line in file if line.strip() and not line.startswith("#")]
    return [Run(*row) for row in csv.reader(lines, delimiter="\t")]


def attack(pictures, chosen, missing, progress=lambda run: None):
    """The results of these runs, one after the other. What cannot be run is added to `missing`, with the reason."""
    readers = {}
    for run in chosen:
        progress(run)
        try:
            if run.reader not in readers:
                readers[run.reader] = reader(run.reader, pictures.alphabet)
        except (ImportError, OSError) as reason:
            missing[run.reader] = f"{type(reason).__name__}: {reason}"
            continue
        yield measured(run, readers[run.reader], pictures)


def measured(run, reader, pictures):
    begun = spent()
    readings = read(run, reader, pictures)
    fold = folding(pictures.alike)
    compared = [(plain(said, fold), plain(answer, fold)) for said, answer in zip(readings, pictures.answers)]
    return Result(
        run,
        readings,
        solved=sum(said == answer for said, answer in compared),
        characters=sum(likeness(said, answer) for said, answer in compared) / len(compared),
        seconds=(spent() - begun) / len(compared),
    )


def spent():
    """CPU seconds of this process and of what it called."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def read(run, reader, pictures):
    """One reading a picture: of the chain's alternatives, the one that has the right length and is surest."""
    tries = [once(run.reader, reader, names, pictures) for names in steps.alternatives(run.chain)]
    fits = lambda text, answer: len(text) == len(answer)
    return [
        max(options, key=lambda option: (fits(option[0], answer), option[1]))[0]
        for options, answer in zip(zip(*tries), pictures.answers)
    ]


def once(name, reader, names, pictures):
    """What a reader says behind these steps. Runs share alternatives, so each is read only once."""
    key = (name, " ".join(names))
    if key not in pictures.read:
        pictures.read[key] = joined(reader, pictures.parts(names))
    return pictures.read[key]


def joined(reader, parted):
    """The texts of each picture's parts put together, and how sure the reader is of all of them."""
    flat = reader.read([part for parts in parted for part in parts])
    texts, at = [], 0
    for parts in parted:
        own = flat[at : at + len(parts)]
        at += len(parts)
        texts.append(("".join(plain(text) for text, _ in own), sum(sure for _, sure in own) / len(own)))
    return texts


# --- comparing ---------------------------------------------------------------------------------------------------


def plain(text, fold=None):
    """Letters and digits only, in lower case, look-alikes folded: as an answer is compared."""
    kept = "".join(symbol for symbol in text.lower() if symbol.isascii() and symbol.isalnum())
    return kept.translate(fold) if fold else kept


def folding(alike):
    """Groups of look-alikes, each to its first."""
    return {ord(symbol): group[0] for group in alike.lower().split() for symbol in group}


def likeness(said, answer):
    """The share of characters read right: 1 less the edit distance to the answer's length, and not below 0."""
    return max(0.0, 1 - distance(said, answer) / len(answer))


def distance(one, other):
    """Edit distance (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]
