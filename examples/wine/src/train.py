"""Train a softmax regression by gradient descent on all rows at once."""

import argparse
import json
import os

from wine import accuracy, log_loss, probabilities, read_rows, scaled


def statistics(rows):
    columns = list(zip(*(features for features, _ in rows)))
    mean = [sum(column) / len(column) for column in columns]
    std = [
        (sum((x - m) ** 2 for x in column) / len(column)) ** 0.5 or 1.0
        for column, m in zip(columns, mean)
    ]
    return mean, std


def descend(model, rows, lr):
    gradient = [[0.0] * len(weights) for weights in model["weights"]]
    for features, label in rows:
        inputs = scaled(model, features) + [1.0]
        for row, name, share in zip(gradient, model["classes"], probabilities(model, features)):
            error = share - (name == label)
            for index, x in enumerate(inputs):
                row[index] += error * x
    for weights, row in zip(model["weights"], gradient):
        for index, slope in enumerate(row):
            weights[index] -= lr * slope / len(rows)


def tell(report):
    """Say how far we are: the runner reads these lines while we work."""
    if "SLUICE_EVENTS" in os.environ:
        with open(os.environ["SLUICE_EVENTS"], "a", encoding="utf-8") as events:
            events.write(json.dumps(report) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", required=True)
    parser.add_argument("--validation", required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--metrics", required=True)
    args = parser.parse_args()

    names, train = read_rows(args.train)
    _, validation = read_rows(args.validation)
    mean, std = statistics(train)
    classes = sorted({label for _, label in train})
    model = {
        "features": names,
        "classes": classes,
        "mean": mean,
        "std": std,
        "weights": [[0.0] * (len(names) + 1) for _ in classes],
    }
    for epoch in range(1, args.epochs + 1):
        descend(model, train, args.lr)
        if epoch % 20 == 0 or epoch == args.epochs:
            loss = log_loss(model, validation)
            tell({"metric": {"val_loss": loss}, "step": epoch})
            tell({"progress": epoch / args.epochs, "message": f"epoch {epoch}/{args.epochs}"})

    with open(args.model, "w", encoding="utf-8") as file:
        json.dump(model, file)
    with open(args.metrics, "w", encoding="utf-8") as file:
        result = {
            "lr": args.lr,
            "accuracy": accuracy(model, validation),
            "log_loss": log_loss(model, validation),
        }
        json.dump(result, file)
    print(f"lr {args.lr}: {result['accuracy']:.3f} of {len(validation)} validation rows right")


main()
