"""Divide the rows into three parts, each variety in the same proportion."""

import argparse
import csv
import random

from wine import LABEL

SHARES = {"train": 0.70, "validation": 0.15, "test": 0.15}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", required=True)
    parser.add_argument("--seed", type=int, required=True)
    for part in SHARES:
        parser.add_argument(f"--{part}", required=True)
    args = vars(parser.parse_args())

    with open(args["rows"], newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = list(reader)

    chance = random.Random(args["seed"])
    parts = {part: [] for part in SHARES}
    for variety in sorted({row[LABEL] for row in rows}):
        own = [row for row in rows if row[LABEL] == variety]
        chance.shuffle(own)
        first = round(len(own) * SHARES["train"])
        second = first + round(len(own) * SHARES["validation"])
        parts["train"] += own[:first]
        parts["validation"] += own[first:second]
        parts["test"] += own[second:]

    for part, own in parts.items():
        with open(args[part], "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, reader.fieldnames, lineterminator="\n")
            writer.writeheader()
            writer.writerows(own)
        print(f"{part}: {len(own)} rows")


main()
