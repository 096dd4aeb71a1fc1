"""Draws, attacks and prints: called by lab/attack/run, which says how."""

import argparse
import csv
import json
import os
import secrets
import string
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import subjects
from attack import HERE, Pictures, attack, folding, plain, runs

INKGATE = os.environ.get("INKGATE", "")


def main(arguments):
    chosen = [run for run in runs() if wanted(run, arguments)]
    if not chosen:
        sys.exit("no run of the list is left")
    missing, report = {}, []
    for style in [Folder(arguments.folder, arguments.alphabet)] if arguments.folder else styles(arguments):
        kinds = style.combinations() if arguments.combinations else [style]
        tables = [table(kind, chosen, missing, arguments) for kind in kinds]
        report += tables
        if arguments.combinations:
            print_combinations(style, tables)
    if not arguments.combinations:
        print_summary(report)
    for reader, reason in missing.items():
        print(f"not run: {reader}: {reason}")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(report, indent=1) + "\n")
    if not any(row["runs"] for row in report):
        sys.exit("nothing was run")


def read_arguments():
    parser = argparse.ArgumentParser(prog="lab/attack/run", add_help=False)
    parser.add_argument("--style", action="append")
    parser.add_argument("--size", action="append")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", default=secrets.token_hex(32))
    parser.add_argument("--readers", default="")
    parser.add_argument("--only", action="append")
    parser.add_argument("--kind", choices=["stock", "adapted"])
    parser.add_argument("--combinations", action="store_true")
    parser.add_argument("--folder")
    parser.add_argument("--alphabet", default=string.digits + string.ascii_letters)
    parser.add_argument("--alike", default="")
    parser.add_argument("--json")
    return parser.parse_args()


def wanted(run, arguments):
    read_by = run.reader.startswith(tuple(arguments.readers.split(",")))
    return arguments.kind in (None, run.kind) and read_by and run.name in (arguments.only or [run.name])


# --- what is attacked --------------------------------------------------------------------------------------------


@dataclass
class Subject:
    """A style at a size, or one of its combinations of a layout and a ground."""

    style: str
    size: str
    alphabet: str
    layout: str = "all"
    ground: str = "all"

    def combinations(self):
        _, layouts, grounds = subjects.parts(self.style, self.size)
        return [
            Subject(self.style, self.size, self.alphabet, layout, ground)
            for layout in layouts or ["all"]
            for ground in grounds or ["all"]
        ]

    @property
    def whole(self):
        return self.layout == self.ground == "all"

    def pictures(self, arguments, alike):
        with tempfile.TemporaryDirectory() as place:
            folder = os.path.join(place, "pictures")
            self.draw(arguments.count, arguments.seed, folder)
            return Pictures.load(folder, self.alphabet, alike)

    def draw(self, count, seed, folder):
        if self.whole:
            command = [INKGATE, "draw", "--style", self.style, "--size", self.size]
            command += ["--count", str(count), "--seed", seed, "--out", folder]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        else:
            subjects.draw(self.style, self.size, self.layout, self.ground, "all", seed, count, folder)


class Folder(Subject):
    """Pictures that somebody else drew, with their labels.tsv (file name, tab, answer)."""

    def __init__(self, folder, alphabet):
        super().__init__(os.path.basename(os.path.normpath(folder)), "", alphabet)
        self.folder = folder

    def pictures(self, arguments, alike):
        return Pictures.load(self.folder, self.alphabet, alike, arguments.count)


def styles(arguments):
    """What `inkgate styles` lists, as far as it is asked for."""
    listed = subprocess.run([INKGATE, "styles"], check=True, capture_output=True, text=True).stdout
    rows = [line.split("\t") for line in listed.splitlines()]
    names = [name for name, *_ in rows]
    for name in arguments.style or []:
        if name not in names:
            sys.exit(f"no style {name}; there are {' '.join(names)}")
    for name, sizes, alphabet, *_ in rows:
        if name in (arguments.style or names):
            for size in arguments.size or sizes.split(","):
                yield Subject(name, size, alphabet.removeprefix("alphabet="))


# --- the table ---------------------------------------------------------------------------------------------------


def table(subject, chosen, missing, arguments):
    """Attacks pictures of the subject; prints the table as it grows unless it is one of many combinations."""
    # Only readers that are not held to the alphabet can say a look-alike.
    free = any("_" not in run.reader and not run.reader.startswith("tess") for run in chosen)
    alike = subjects.parts(subject.style, subject.size)[0] if free and not arguments.folder else arguments.alike
    pictures = subject.pictures(arguments, alike)
    count = len(pictures.answers)
    if subject.whole:
        source = "of the folder" if arguments.folder else f"seed {arguments.seed}"
        print(f"\n{subject.style} {subject.size}, {count} pictures, {source}")
        print(f"{'':8} {'run':70} {'solved':>11} {'characters':>11}")
    results = []
    for result in attack(pictures, chosen, missing):
        results.append(result)
        if subject.whole:
            solved = f"{result.solved} of {count}"
            print(f"{result.run.kind:8} {result.run.name:70} {solved:>11} {result.characters:>11.1%}", flush=True)
    return summary(subject, arguments, pictures, results)


def summary(subject, arguments, pictures, results):
    fold = folding(pictures.alike)
    answers = [plain(answer, fold) for answer in pictures.answers]
    hits = [{i for i, said in enumerate(result.readings) if plain(said, fold) == answers[i]} for result in results]
    right = lambda kind: set().union(*(hit for hit, result in zip(hits, results) if kind in ("any", result.run.kind)))
    return {
        "style": subject.style,
        "size": subject.size,
        "layout": subject.layout,
        "ground": subject.ground,
        "pictures": len(answers),
        "seed": arguments.seed,
        "stock": best(results, "stock", len(answers)),
        "adapted": best(results, "adapted", len(answers)),
        "any_stock": len(right("stock")) / len(answers),
        "any": len(right("any")) / len(answers),
        "characters": max((result.characters for result in results), default=0.0),
        "blind": blind(subject),
        "runs": [
            {
                "kind": result.run.kind,
                "name": result.run.name,
                "solved": result.solved,
                "characters": round(result.characters, 4),
                "cpu_ms": round(result.seconds * 1000, 1),
            }
            for result in results
        ],
    }


def best(results, kind, count):
    """The run of that kind that solved most; of several, the one that has more characters."""
    own = [result for result in results if result.run.kind == kind]
    if not own:
        return None
    first = max(own, key=lambda result: (result.solved, result.characters))
    return {"name": first.run.name, "solve": first.solved / count, "characters": round(first.characters, 4)}


def blind(subject):
    """What people read of it before they saw the key: pictures and right ones, from blind.tsv."""
    same = lambda row, key: getattr(subject, key) in ("all", row[key])
    with open(HERE / "blind.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))
    own = [row for row in rows if all(same(row, key) for key in ("style", "size", "layout", "ground"))]
    pictures, right = (sum(int(row[key]) for row in own) for key in ("pictures", "right"))
    return {"pictures": pictures, "right": right} if pictures else None


def print_summary(report):
    print(f"\n{'style':12} {'size':8} {'stock best':34} {'adapted best':>13} {'any':>6} {'characters':>11} {'blind':>9}")
    for row in report:
        label = f"{rate(row['stock'])} {row['stock']['name']}" if row["stock"] else "-"
        print(
            f"{row['style']:12} {row['size']:8} {label:34} {rate(row['adapted']):>13} {row['any']:>6.1%}"
            f" {row['characters']:>11.1%} {score(row['blind']):>9}"
        )


def print_combinations(style, tables):
    print(f"\n{style.style} {style.size}, {tables[0]['pictures']} pictures of each combination, seed {tables[0]['seed']}")
    print(f"{'layout':14} {'ground':10} {'stock best':>10} {'adapted best':>13} {'any':>6} {'characters':>11} {'blind':>9}")
    for row in tables:
        print(
            f"{row['layout']:14} {row['ground']:10} {rate(row['stock']):>10} {rate(row['adapted']):>13}"
            f" {row['any']:>6.1%} {row['characters']:>11.1%} {score(row['blind']):>9}"
        )


def rate(best):
    return f"{best['solve']:.1%}" if best else "-"


def score(blind):
    return f"{blind['right']}/{blind['pictures']}" if blind else "-"


if __name__ == "__main__":
    main(read_arguments())
