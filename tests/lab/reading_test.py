"""What the lab computes: distances, look-alikes, paths, and steps that must not care for polarity."""

import itertools
import unittest

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from lab import attack, readers, steps


class Comparing(unittest.TestCase):
    def test_distances_are_those_of_the_textbook(self):
        for one, other, far in [("", "", 0), ("abc", "abc", 0), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("", "ab", 2)]:
            self.assertEqual(attack.distance(one, other), far)
            self.assertEqual(attack.distance(other, one), far)

    def test_likeness_is_never_below_nothing(self):
        self.assertEqual(attack.likeness("A2X9H", "A2X9H"), 1)
        self.assertEqual(attack.likeness("A2X9", "A2X9H"), 0.8)
        self.assertEqual(attack.likeness("completely different", "A2X9H"), 0)

    def test_look_alikes_are_compared_as_the_style_does(self):
        fold = attack.folding("nwm 2z")
        self.assertEqual(attack.plain(" W-z\n", fold), attack.plain("N2", fold))
        self.assertNotEqual(attack.plain("wz"), attack.plain("n2"))


class Paths(unittest.TestCase):
    def test_the_likeliest_reading_of_so_many_symbols_is_found(self):
        chance = np.random.default_rng(5)
        for _ in range(40):
            frames, width, count = chance.integers(3, 6), 3, int(chance.integers(1, 3))
            weights = chance.normal(size=(frames, width))
            logs = weights - readers.log_sum(weights)
            best, score = max(
                ((readers.collapsed(np.array(path)), sum(logs[i, s] for i, s in enumerate(path)))
                 for path in itertools.product(range(width), repeat=int(frames))
                 if len(readers.collapsed(np.array(path))) == count),
                key=lambda option: option[1],
            )
            found, found_score = readers.exactly(logs, count)
            self.assertAlmostEqual(found_score, score)
            self.assertEqual(found, best)

    def test_more_symbols_than_frames_cannot_be_read(self):
        self.assertEqual(readers.exactly(np.zeros((2, 4)), 5), ([], -np.inf))


class Steps(unittest.TestCase):
    def setUp(self):
        self.picture = Image.new("RGB", (300, 170), "white")
        pen = ImageDraw.Draw(self.picture)
        pen.ellipse((30, 20, 130, 120), fill="black")
        pen.rectangle((150, 60, 166, 140), fill="black")
        pen.rectangle((230, 100, 246, 150), fill="black")
        pen.line((0, 100, 300, 60), fill="black", width=5)

    def same(self, one, other, within=0):
        self.assertLessEqual(np.abs(np.asarray(one).astype(int) - np.asarray(other)).max(), within)

    def test_measures_of_nothing_change_nothing(self):
        for name in ("raw", "tilt0", "arch0", "diagonal0"):
            (part,) = steps.apply([name], self.picture)
            self.same(part.image, self.picture)

    def test_a_tilt_is_undone_by_its_opposite(self):
        (part,) = steps.apply(["tilt9", "tilt-9"], self.picture)
        middle = (75, 45, 225, 125)
        changed = np.abs(np.asarray(part.image.crop(middle)).astype(int) - np.asarray(self.picture.crop(middle)))
        self.assertLess(changed.mean(), 6)
        (part,) = steps.apply(["tilt9"], self.picture)
        changed = np.abs(np.asarray(part.image.crop(middle)).astype(int) - np.asarray(self.picture.crop(middle)))
        self.assertGreater(changed.mean(), 20)

    def test_what_finds_ink_of_either_polarity_does_not_care_for_it(self):
        for name in ("edges", "flat41", "local15", "slim25", "blobs5"):
            (ours,) = steps.apply([name], self.picture)
            (inverted,) = steps.apply([name], ImageOps.invert(self.picture))
            self.same(ours.image, inverted.image, within=1)
            self.assertGreater(np.ptp(np.asarray(ours.image)), 128, name)

    def test_lines_of_a_ground_are_turned_back(self):
        y, x = np.mgrid[0:170, 0:300]
        rings = np.hypot(x - 120, y + 60) % 34 < 17
        rays = np.arctan2(y - 230, x - 170) % 0.2 < 0.1
        bands = (0.6 * x + 0.8 * y) % 34 < 17
        stems = ((x > 40) & (x < 64)) | ((x > 95) & (x < 121)) | ((x > 200) & (x < 226)) | ((x > 250) & (x < 274))
        glyph = stems & (abs(y - 85) < 55)
        for ground in (rings, rays, bands):
            picture = Image.fromarray(np.where(ground ^ glyph, 0, 255).astype(np.uint8)).convert("RGB")
            (part,) = steps.apply(["unground"], picture)
            wrong = (np.asarray(part.image.convert("L")) < 128) != glyph
            self.assertLess(min(wrong.mean(), 1 - wrong.mean()), 0.05)

    def test_rows_know_how_many_glyphs_they_show(self):
        self.assertEqual([part.glyphs for part in steps.apply(["tilt5", "rows32"], self.picture)], [3, 2])
        self.assertEqual([part.glyphs for part in steps.apply(["cells212"], self.picture)], [1] * 5)
        self.assertEqual([part.glyphs for part in steps.apply(["line23"], self.picture)], [5])
        self.assertEqual([part.glyphs for part in steps.apply(["rows"], self.picture)], [None, None])

    def test_strokes_go_and_stems_stay(self):
        (part,) = steps.apply(["lines9"], self.picture)
        grey = np.asarray(part.image.convert("L"))
        self.assertEqual(grey[75, 240], 255)
        self.assertEqual(grey[110, 158], 0)


if __name__ == "__main__":
    unittest.main()
