"""Grounds taken back: lines that run around a point, from a point, or side by side are found and turned over again.

Such a ground is the same along each of its lines, so of all places for the middle (or directions and bends) the right one
explains most of the picture. The sign of the mean along each line is the ground; what differs from it is a glyph.
Lines that are not so regular are followed by their grain, a little way ahead and back.
"""

import cv2
import numpy as np

KINDS = ("rings", "rays", "bands")
BEND = (-0.36, -0.18, 0.0, 0.18, 0.36)


def removed(grey):
    """Black where a picture of two colours (0 to 255) differs from the best ground that was found, else white."""
    signed = np.where(grey < 128, -1, 1).astype(np.float32)
    coarse, fine = reduced(signed, 42), reduced(signed, 85)
    starts = [(kind, place) for kind in KINDS for place in likeliest(coarse, kind)]
    found = [(*climbed(fine, kind, place), kind) for kind, place in starts]
    _, place, kind = max(found, key=lambda option: option[0])
    lines, _, sums = along_lines(signed, kind, place)
    ground = np.where(sums >= 0, 1, -1)[lines].reshape(signed.shape)
    return np.where(ground * signed > 0, 255, 0).astype(np.uint8)


def followed(grey, spread=14, reach=40):
    """Black where a picture differs from what lies before and behind along the grain, else white: for lines that no few
    numbers describe. `spread` and `reach` are in pixels of a picture 170 high."""
    signed = np.where(grey < 128, -1, 1).astype(np.float32)
    unit = len(signed) / 170
    across, down = grain(signed, spread * unit)
    total = signed.copy()
    for sign in (1, -1):
        total += walked(signed, sign * across, sign * down, round(reach * unit))
    return np.where(signed * total > 0, 255, 0).astype(np.uint8)


def grain(signed, spread):
    """The prevailing direction at each pixel: at right angles to the slopes around it (structure tensor)."""
    smooth = cv2.GaussianBlur(signed, (0, 0), 1.2)
    x, y = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    even, slant = cv2.GaussianBlur(x * x - y * y, (0, 0), spread), cv2.GaussianBlur(2 * x * y, (0, 0), spread)
    along = 0.5 * np.arctan2(slant, even) + np.pi / 2
    return np.cos(along), np.sin(along)


def walked(signed, across, down, steps):
    """The sum of what each pixel meets that many steps along the grain."""
    height, width = signed.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    go_x, go_y, total = across, down, np.zeros_like(signed)
    for _ in range(steps):
        x, y = x + go_x, y + go_y
        total += cv2.remap(signed, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        next_x, next_y = (cv2.remap(part, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE) for part in (across, down))
        ahead = np.where(next_x * go_x + next_y * go_y < 0, -1, 1).astype(np.float32)
        go_x, go_y = next_x * ahead, next_y * ahead
    return total


def reduced(signed, height):
    scale = min(1.0, height / len(signed))
    return cv2.resize(signed, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def likeliest(signed, kind):
    """The three best of a coarse grid of places."""
    return sorted(grid(kind, signed.shape[1] / signed.shape[0]), key=lambda place: -explained(signed, kind, place))[:3]


def grid(kind, wide):
    if kind == "bands":
        return [(turn, bow, swing) for turn in np.arange(0, np.pi, np.pi / 30) for bow in BEND for swing in BEND]
    downs = [*np.arange(-0.7, -0.24, 0.075), *np.arange(1.25, 1.71, 0.075)]
    return [(across, down) for across in np.arange(0.2 * wide, 0.8 * wide, 0.06) for down in downs]


def climbed(signed, kind, place):
    """The best place near this one, one coordinate at a time in shrinking steps, and what it explains."""
    steps = np.array((0.05, 0.09, 0.09) if kind == "bands" else (0.03, 0.04))
    best = explained(signed, kind, place)
    while steps.max() > 0.004:
        tries = [tuple(np.add(place, sign * step)) for step in np.diag(steps) for sign in (-1, 1)]
        value, neighbour = max((explained(signed, kind, option), option) for option in tries)
        if value > best:
            best, place = value, neighbour
        else:
            steps = steps / 2
    return best, place


def explained(signed, kind, place):
    """The share of the picture's variance that is the same along each line."""
    _, counts, sums = along_lines(signed, kind, place)
    return (sums * sums / np.maximum(counts, 1)).sum() / signed.size


def along_lines(signed, kind, place):
    """The number of each pixel's line, and for each line how many pixels it has and their sum."""
    height, width = signed.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
    measure = measures(kind, place, x, y, width / height)
    lines = ((measure - measure.min()) * height).astype(np.int32).ravel()
    return lines, np.bincount(lines), np.bincount(lines, signed.ravel())


def measures(kind, place, x, y, wide):
    """What is the same all along a line of the ground, in heights of the picture."""
    if kind == "bands":
        turn, bow, swing = place
        across, down = x - wide / 2, y - 0.5
        along, aside = across * np.cos(turn) + down * np.sin(turn), down * np.cos(turn) - across * np.sin(turn)
        reach = 0.62 * np.hypot(wide, 1)
        share = np.clip((along + reach) / (2 * reach), 0, 1)
        return aside - 3 * (1 - share) * share * ((1 - share) * (bow + swing) + share * (bow - swing))
    across, down = x - place[0], y - place[1]
    if kind == "rings":
        return np.hypot(across, down)
    return np.arctan2(down, across) * abs(place[1] - 0.5)
