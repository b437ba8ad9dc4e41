"""What the commands share: reading rows, and softmax regression. Standard library only."""

import csv
import math

LABEL = "class"


def read_rows(path):
    """Rows as (features, label), and the names of the features."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        names = [name for name in reader.fieldnames if name != LABEL]
        rows = [([float(row[name]) for name in names], row[LABEL]) for row in reader]
    return names, rows


def scaled(model, features):
    return [(x - m) / s for x, m, s in zip(features, model["mean"], model["std"])]


def probabilities(model, features):
    inputs = scaled(model, features) + [1.0]
    scores = [sum(w * x for w, x in zip(weights, inputs)) for weights in model["weights"]]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def answer(model, features):
    shares = probabilities(model, features)
    return model["classes"][shares.index(max(shares))]


def accuracy(model, rows):
    right = sum(1 for features, label in rows if answer(model, features) == label)
    return right / len(rows)


def log_loss(model, rows):
    place = {name: index for index, name in enumerate(model["classes"])}
    losses = (-math.log(max(1e-12, probabilities(model, f)[place[label]])) for f, label in rows)
    return sum(losses) / len(rows)
