"""The lab's table, on a few pictures with the runs that need tesseract alone: it must read what is weak, and not `ink`."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from lab import ROOT, attack

SEED = "5eed" * 16


def table(style, size, count):
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "report.json"
        command = [ROOT / "lab/attack/run", "--readers", "tess", "--style", style, "--size", size]
        command += ["--count", str(count), "--seed", SEED, "--json", file]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return printed, json.loads(file.read_text())


class Table(unittest.TestCase):
    def test_stock_recognition_reads_the_members_picture(self):
        printed, (row,) = table("member", "60x30", 20)
        self.assertEqual((row["style"], row["size"], row["pictures"]), ("member", "60x30", 20))
        self.assertGreaterEqual(row["stock"]["solve"], 0.5)
        self.assertGreaterEqual(row["any"], row["stock"]["solve"])
        listed = [run for run in attack.runs() if run.reader.startswith("tess")]
        self.assertEqual([run["name"] for run in row["runs"]], [run.name for run in listed])
        for run in listed:
            self.assertIn(run.name, printed)
        self.assertRegex(printed, r"(?m)^member +60x30 ")

    def test_no_picture_of_ink_is_read_by_a_solver_as_it_is_shipped(self):
        for size in ("300x170", "200x100"):
            _, (row,) = table("ink", size, 10)
            self.assertEqual(row["pictures"], 10)
            stock = [run for run in row["runs"] if run["kind"] == "stock"]
            self.assertGreater(len(stock), 10)
            self.assertEqual([run["name"] for run in stock if run["solved"]], [])
            self.assertEqual(row["any_stock"], 0)
            self.assertGreater(row["characters"], 0, "something is read")


if __name__ == "__main__":
    unittest.main()
