"""Trains the model of the walker's bench: 200 trees of depth 6 and 126 of 127 nodes, 15 columns.

    PYTHON bench/micro/model.py OUT.json        PYTHON has numpy and xgboost; seeded, about 3 s
"""

import sys

import numpy
import xgboost

COLUMNS, ROWS, TREES, DEPTH = 15, 60_000, 200, 6


def data():
    """Labels that depend on four columns, with noise; a tenth of the values missing."""
    random = numpy.random.default_rng(1)
    rows = random.normal(size=(ROWS, COLUMNS)).astype(numpy.float32)
    chance = 1 / (1 + numpy.exp(-(rows[:, 0] + rows[:, 1] * rows[:, 2] - rows[:, 3])))
    labels = random.random(ROWS) < chance
    rows[random.random(rows.shape) < 0.1] = numpy.nan
    return rows, labels


def train(path):
    """Nearly full trees: no least weight, and bins so wide that no split leaves a single row."""
    rows, labels = data()
    names = [f"column_{i}" for i in range(COLUMNS)]
    matrix = xgboost.DMatrix(rows, label=labels, feature_names=names)
    options = {"objective": "binary:logistic", "max_depth": DEPTH, "eta": 0.1, "seed": 1,
               "min_child_weight": 0, "tree_method": "hist", "max_bin": 16, "nthread": 1}
    xgboost.train(options, matrix, TREES).save_model(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    train(sys.argv[1])
