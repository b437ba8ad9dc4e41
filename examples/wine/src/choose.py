"""Of several models, keep the one with the smallest validation loss."""

import argparse
import json
import pathlib
import shutil


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", required=True, help="folder: one model an entry")
    parser.add_argument("--metrics", required=True, help="folder: their metrics, in the same order")
    parser.add_argument("--model", required=True)
    parser.add_argument("--choice", required=True)
    args = parser.parse_args()

    models = sorted(pathlib.Path(args.models).iterdir())
    metrics = [json.loads(path.read_text()) for path in sorted(pathlib.Path(args.metrics).iterdir())]
    best = min(range(len(metrics)), key=lambda index: metrics[index]["log_loss"])

    shutil.copyfile(models[best], args.model)
    pathlib.Path(args.choice).write_text(json.dumps(metrics[best]))
    print(f"lr {metrics[best]['lr']} is the best of {len(metrics)}")


main()
