"""The list of runs: it only grows, and every run of it can be run."""

import csv
import unittest
from pathlib import Path

from PIL import Image

from lab import attack, steps

REMEMBERED = Path(__file__).parent / "runs.tsv"


class Runs(unittest.TestCase):
    def test_a_run_that_was_ever_listed_still_is(self):
        with open(REMEMBERED, encoding="utf-8", newline="") as file:
            lines = [line for line in file if not line.startswith("#")]
        remembered = {tuple(row) for row in csv.reader(lines, delimiter="\t")}
        listed = {(run.kind, run.reader, run.chain) for run in attack.runs()}
        self.assertGreater(len(remembered), 100)
        self.assertEqual(remembered - listed, set())

    def test_no_run_is_listed_twice(self):
        names = [run.name for run in attack.runs()]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual({run.kind for run in attack.runs()}, {"stock", "adapted"})

    def test_every_step_of_every_run_makes_parts_of_a_picture(self):
        picture = Image.effect_noise((150, 85), 80).convert("RGB")
        chains = {run.chain.removeprefix("unground ") for run in attack.runs()}
        for names in {tuple(names) for chain in chains for names in steps.alternatives(chain)}:
            parts = steps.apply(names, picture)
            self.assertTrue(parts, names)
            self.assertTrue(all(part.image.mode == "RGB" for part in parts), names)


if __name__ == "__main__":
    unittest.main()
