"""Steps between a picture and a reader: each takes a part of a picture and gives the parts to read instead.

A chain names steps one after the other ("med7 tilt-12 rows32"); `|` separates chains that are all tried ("tilt12 rows32 |
rows32"), so that the reader may keep the reading it is surest of, and `@name` stands for a family of them. A number in a
name is the step's measure: degrees for `tilt`, percent for bends and slopes, else pixels of a picture 170 pixels high,
scaled to the picture at hand.
"""

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PIL import Image, ImageFilter, ImageOps

import grounds

REFERENCE = 170


@dataclass(frozen=True)
class Part:
    """Some of a picture, and how many glyphs it shows if that is known."""

    image: Image.Image
    glyphs: int | None = None


def alternatives(chain):
    """What the chain's alternatives are: lists of step names."""
    families = [FAMILIES.get(words.strip(), [words]) for words in chain.split("|")]
    return [words.split() for family in families for words in family]


def apply(names, image, glyphs=None):
    """The parts that these steps make of a picture that shows so many glyphs, in reading order."""
    parts = [Part(image, glyphs)]
    for name in names:
        step = named(name)
        parts = [made for part in parts for made in as_parts(step(part.image), part)]
    return parts


def named(name):
    """The step of that name, its measure put in."""
    if name in STEPS:
        return STEPS[name]
    word, measure = re.fullmatch(r"([a-z]+)(-?\d+)", name).groups()
    return lambda image: MEASURED[word](image, int(measure))


def as_parts(made, part):
    """A step may give a picture, or pictures, or parts that know how many glyphs they show."""
    if isinstance(made, Image.Image):
        return [replace(part, image=made)]
    return [piece if isinstance(piece, Part) else Part(piece) for piece in made]


# --- what anybody tries first ------------------------------------------------------------------------------------


def capat(image):
    """The published recipe of the `capat` audit tool."""
    grey = image.resize((image.width * 3, image.height * 3), Image.LANCZOS).convert("L")
    grey = ImageOps.autocontrast(grey).filter(ImageFilter.MedianFilter(3))
    return ImageOps.expand(grey.point(lambda value: 255 if value > 140 else 0), 10, 255).convert("RGB")


def otsu(image):
    """Two colours, the rarer one black."""
    return of_grey(binary(cv2.medianBlur(to_grey(image), 3)))


def bold(image):
    """Bridges strokes that are cut or hollow."""
    side = max(2, image.height // 25)
    return of_grey(cv2.morphologyEx(binary(to_grey(image)), cv2.MORPH_OPEN, np.ones((side, side))))


def fine(image):
    """Removes thin dark lines."""
    side = max(2, image.height // 30)
    return of_grey(cv2.morphologyEx(binary(to_grey(image)), cv2.MORPH_CLOSE, np.ones((side, side))))


def blur(image):
    return image.filter(ImageFilter.GaussianBlur(max(1.0, image.height / 45)))


def backdrop(image):
    """Keeps how far each pixel is from a slow background."""
    pixels = np.asarray(image)
    side = min(255, odd(image.height / 3))
    far = np.abs(pixels.astype(int) - cv2.medianBlur(pixels, side)).max(2)
    return of_grey(255 - np.clip(far * 2, 0, 255))


def colourful(image):
    """Keeps coloured ink and drops grey ink."""
    mask = image.convert("HSV").getchannel("S").point(lambda value: 255 if value >= 60 else 0, mode="1")
    return Image.composite(image, Image.new("RGB", image.size, "white"), mask)


def edges(image):
    """Outlines only, whatever the polarity."""
    grey = cv2.GaussianBlur(to_grey(image), (0, 0), 1)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return of_grey(255 - np.clip(slope / max(1, np.percentile(slope, 98)) * 255, 0, 255))


def hatching(image):
    """Tells textures apart by their direction (structure tensor)."""
    grey = to_grey(image).astype(np.float32)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    spread = max(2.0, image.height / 40)
    even = cv2.GaussianBlur(across * across - down * down, (0, 0), spread)
    slant = cv2.GaussianBlur(2 * across * down, (0, 0), spread)
    size = np.hypot(even, slant) + 1e-3
    even, slant = even / size, slant / size
    border = [np.r_[field[:6].ravel(), field[-6:].ravel()].mean() for field in (even, slant)]
    return of_grey(np.clip((even * border[0] + slant * border[1] + 1) * 127, 0, 255))


def median(image, side):
    return Image.fromarray(cv2.medianBlur(np.asarray(image), odd(scaled(image, side))))


# --- after a look at our pictures --------------------------------------------------------------------------------


def tilt(image, degrees):
    """Undoes a guessed tilt."""
    turned = cv2.getRotationMatrix2D((image.width / 2, image.height / 2), degrees, 1)
    return warped(image, lambda pixels: cv2.warpAffine(pixels, turned, image.size, borderMode=cv2.BORDER_REPLICATE))


def arch(image, percent):
    """Straightens rows that are bent: `percent` of an em per em² along; negative for a bowl."""
    em = 0.47 * image.height
    x, y = np.meshgrid(np.arange(image.width), np.arange(image.height))
    along = (x - image.width / 2) / em
    down = percent / 100 * (along * along - 0.5) * em
    return warped(image, lambda pixels: remapped(pixels, x, y + down))


def swing(image, eighths):
    """Straightens rows that swing like a sine whose phase is so many eighths of a turn."""
    em = 0.47 * image.height
    x, y = np.meshgrid(np.arange(image.width), np.arange(image.height))
    down = 0.12 * em * np.sin(eighths * np.pi / 4 + 1.4 * (x - image.width / 2) / em)
    return warped(image, lambda pixels: remapped(pixels, x, y + down))


def wave(image, eighths):
    """Straightens one line that swings across the whole picture, its phase so many eighths of a turn."""
    x, y = np.meshgrid(np.arange(image.width), np.arange(image.height))
    down = 0.18 * image.height * np.sin(2 * np.pi * (x - image.width / 2) / (1.85 * image.height) + eighths * np.pi / 4)
    return warped(image, lambda pixels: remapped(pixels, x, y + down))


def diagonal(image, percent):
    """Undoes rows that climb: moves each column down by `percent` of its distance from the middle."""
    x, y = np.meshgrid(np.arange(image.width), np.arange(image.height))
    return warped(image, lambda pixels: remapped(pixels, x, y + percent / 100 * (x - image.width / 2)))


def ring(image):
    """Unrolls what stands around the middle, from the top, clockwise."""
    around = np.linspace(-np.pi / 2, 1.5 * np.pi, 4 * image.height)[None, :]
    out = np.linspace(0.48, 0.05, image.height // 2)[:, None]
    x = image.width / 2 + out * np.cos(around) * image.width
    y = image.height / 2 + out * np.sin(around) * image.height
    return warped(image, lambda pixels: remapped(pixels, x, y))


def flat(image, side):
    """Grounds out by the median around each pixel: what differs from it is ink, in either polarity."""
    grey = to_grey(image)
    far = cv2.absdiff(grey, cv2.medianBlur(grey, odd(scaled(image, side))))
    return of_grey(255 - cv2.normalize(far, None, 0, 255, cv2.NORM_MINMAX))


def local(image, side):
    """Each pixel beside the mean around it, without regard to which of the two is darker."""
    grey = to_grey(image).astype(np.float32)
    far = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), scaled(image, side)))
    return of_grey(255 - np.clip(far / max(1, np.percentile(far, 98)) * 255, 0, 255))


def slim(image, side):
    """Ink is what is thinner than `side` in either polarity, and paper what is wider."""
    dark = to_grey(image) < 128
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (odd(scaled(image, side)),) * 2)
    wide = [cv2.morphologyEx(np.uint8(half), cv2.MORPH_OPEN, disc) for half in (dark, ~dark)]
    return of_grey(255 * (wide[0] | wide[1]))


def blobs(image, percent):
    """Turns each connected piece of either polarity to ink that is smaller than `percent` of the picture."""
    grey = to_grey(image)
    split = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[1]
    paper = np.zeros_like(grey)
    for half in (split, 255 - split):
        _, labels, stats, _ = cv2.connectedComponentsWithStats(half, connectivity=4)
        large = stats[:, cv2.CC_STAT_AREA] > percent / 100 * grey.size
        large[0] = False
        paper[large[labels]] = 255
    return of_grey(paper)


def lines(image, side):
    """Strokes out: closes and opens, so that what is thinner than `side` goes in both polarities."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (odd(scaled(image, side)),) * 2)
    grey = cv2.morphologyEx(to_grey(image), cv2.MORPH_CLOSE, disc)
    return of_grey(cv2.morphologyEx(grey, cv2.MORPH_OPEN, disc))


def unground(image):
    """Turns lines around a point, from a point or side by side back, and smooths what is left of their edges."""
    return of_grey(cv2.medianBlur(grounds.removed(to_grey(image)), odd(scaled(image, 5))))


def follow(image):
    """Turns lines back that bend as they like, following the grain, and smooths what is left of their edges."""
    return of_grey(cv2.medianBlur(grounds.followed(to_grey(image)), odd(scaled(image, 5))))


def inverted(image):
    return ImageOps.invert(image)


def bands(*rows):
    """Cuts level rows out: from and to as shares of the height, and how many glyphs stand there."""

    def cut(image):
        at = lambda share: round(share * image.height)
        return [Part(image.crop((0, at(top), image.width, at(foot))), glyphs) for top, foot, glyphs in rows]

    return cut


def halves(top, foot):
    """Cuts one line of five into its first three and its last two."""

    def cut(image):
        at = lambda x, y: (round(x * image.width), round(y * image.height))
        return [
            Part(image.crop((*at(0, top), *at(0.62, foot))), 3),
            Part(image.crop((*at(0.58, top), *at(1, foot))), 2),
        ]

    return cut


def cells(*middles):
    """Cuts single glyphs out around these middles, in shares of width and height."""

    def cut(image):
        half = 0.27 * image.height
        places = [(x * image.width, y * image.height) for x, y in middles]
        boxes = [tuple(round(side) for side in (x - half, y - half, x + half, y + half)) for x, y in places]
        return [Part(image.crop(box), 1) for box in boxes]

    return cut


UPPER, LOWER = (0.02, 0.55), (0.45, 0.98)

def line(*middles):
    """Sets glyphs side by side that were cut out around these middles: a line of text, as readers expect it."""

    def cut(image):
        pieces = [part.image for part in cells(*middles)(image)]
        row = Image.new("RGB", (sum(piece.width for piece in pieces), pieces[0].height))
        for number, piece in enumerate(pieces):
            row.paste(piece, (number * pieces[0].width, 0))
        return [Part(row, len(pieces))]

    return cut


THREE_OVER_TWO = ((0.29, 0.3), (0.5, 0.3), (0.71, 0.3), (0.395, 0.7), (0.605, 0.7))
TWO_OVER_THREE = ((0.395, 0.3), (0.605, 0.3), (0.29, 0.7), (0.5, 0.7), (0.71, 0.7))
DIE = ((0.3, 0.28), (0.7, 0.28), (0.5, 0.5), (0.3, 0.72), (0.7, 0.72))

STEPS = {
    "raw": lambda image: image,
    "capat": capat,
    "otsu": otsu,
    "bold": bold,
    "fine": fine,
    "blur": blur,
    "backdrop": backdrop,
    "colourful": colourful,
    "edges": edges,
    "hatching": hatching,
    "invert": inverted,
    "unground": unground,
    "follow": follow,
    "ring": ring,
    "rows": bands((0, 0.56, None), (0.44, 1, None)),
    "rows32": bands((*UPPER, 3), (*LOWER, 2)),
    "rows23": bands((*UPPER, 2), (*LOWER, 3)),
    "rows212": bands((0, 0.5, 2), (0.25, 0.75, 1), (0.5, 1, 2)),
    "rows131": bands((0, 0.45, 1), (0.25, 0.75, 3), (0.55, 1, 1)),
    "row5": bands((0, 1, 5)),
    "upper5": bands((0.1, 0.7, 5)),
    "middle5": bands((0.2, 0.8, 5)),
    "lower5": bands((0.3, 0.9, 5)),
    "upper32": halves(0.1, 0.7),
    "middle32": halves(0.2, 0.8),
    "lower32": halves(0.3, 0.9),
    "columns": cells(*((0.02 + 0.96 * (column + 0.5) / 5, 0.5) for column in range(5))),
    "cells32": cells(*THREE_OVER_TWO),
    "cells23": cells(*TWO_OVER_THREE),
    "cells212": cells(*DIE),
    "line32": line(*THREE_OVER_TWO),
    "line23": line(*TWO_OVER_THREE),
    "line212": line(*DIE),
}

MEASURED = {
    "med": median,
    "tilt": tilt,
    "arch": arch,
    "swing": swing,
    "wave": wave,
    "diagonal": diagonal,
    "flat": flat,
    "local": local,
    "slim": slim,
    "blobs": blobs,
    "lines": lines,
}

FIRST = ("@top", "@bottom", "@vault", "@die", "@stair", "@swing", "@arch", "@bowl")

# What the source leaves to chance, guessed at: each family fits a layout.
FAMILIES = {
    "@top": [f"diagonal{slope} rows32" for slope in (-24, -12, 0, 12, 24)],
    "@bottom": [f"diagonal{slope} rows23" for slope in (-24, -12, 0, 12, 24)],
    "@vault": [f"arch{bend} {rows}" for rows in ("rows32", "rows23") for bend in (-19, -12, 12, 19)],
    "@die": [f"diagonal{slope} rows212" for slope in (-15, 0, 15)] + ["line212", "cells212"],
    "@stair": [f"diagonal{slope} {cut}" for slope in (26, 32, 38, 44) for cut in ("middle5", "columns")],
    "@swing": [f"wave{eighths} middle5" for eighths in range(8)],
    "@arch": [f"arch{bend} {cut}" for bend in (9, 16, 24) for cut in ("upper5", "middle5", "lower5")],
    "@bowl": [f"arch{bend} {cut}" for bend in (-9, -16, -24) for cut in ("upper5", "middle5", "lower5")],
}
FAMILIES["@stair32"] = [f"diagonal{slope} middle32" for slope in (26, 32, 38, 44)]
FAMILIES["@swing32"] = [f"wave{eighths} middle32" for eighths in range(8)]
FAMILIES["@arch32"] = [f"arch{bend} {cut}" for bend in (9, 16, 24) for cut in ("upper32", "middle32", "lower32")]
# Of different cuts, the surest.
FAMILIES["@any"] = [chain for name in FIRST for chain in FAMILIES[name]]
FAMILIES |= {
    f"{first} {name}": [f"{first} {chain}" for chain in chains]
    for first in ("unground", "follow", "edges")
    for name, chains in FAMILIES.items()
}


# --- pixels ------------------------------------------------------------------------------------------------------


def to_grey(image):
    """Lightness, stretched so that the two colours of a picture become black and white."""
    grey = np.asarray(image.convert("L"))
    low, high = np.percentile(grey, 2), np.percentile(grey, 98)
    return np.clip((grey - low) * (255.0 / max(1.0, high - low)), 0, 255).astype(np.uint8)


def of_grey(grey):
    return Image.fromarray(np.asarray(grey).astype(np.uint8)).convert("RGB")


def binary(grey):
    """Black and white, the rarer of the two black."""
    split = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[1]
    return split if (split > 0).mean() >= 0.5 else 255 - split


def scaled(image, measure):
    return measure * image.height / REFERENCE


def odd(measure):
    return max(3, int(measure) | 1)


def warped(image, warp):
    return Image.fromarray(warp(np.asarray(image)))


def remapped(pixels, x, y):
    return cv2.remap(
        pixels, np.float32(x), np.float32(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
