"""Judge the chosen model on rows that it has not seen and was not chosen by."""

import argparse
import json

from wine import accuracy, log_loss, read_rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--rows", required=True)
    parser.add_argument("--metrics", required=True)
    args = parser.parse_args()

    with open(args.model, encoding="utf-8") as file:
        model = json.load(file)
    _, rows = read_rows(args.rows)
    result = {
        "rows": len(rows),
        "accuracy": round(accuracy(model, rows), 4),
        "log_loss": round(log_loss(model, rows), 4),
    }
    with open(args.metrics, "w", encoding="utf-8") as file:
        json.dump(result, file)
    print(f"{result['accuracy']:.3f} of {len(rows)} test rows right")


main()
