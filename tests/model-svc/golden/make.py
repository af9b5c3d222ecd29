"""Writes the golden files of one XGBoost version: tests/model-svc/golden/VERSION/.

    python3 -m venv V && V/bin/pip install xgboost-cpu==3.2.0 numpy scipy
    V/bin/python tests/model-svc/golden/make.py

Run once for each version that the loader supports (1.7.6 is called xgboost and wants numpy<2); what
it wrote is committed, and xgboost/golden_test.cc demands the same bits. NAME.json and NAME.ubj are
the same model; a line of NAME.rows is a row and then its score, as the bits of float32 in hex.
"""

import json
import pathlib

import numpy
import xgboost

COLUMNS = ["amount", "count", "mean", "risk"]
# "plain" has base_score estimated from the labels from 2.0 on; "pruned" has deleted nodes.
MODELS = {
    "plain": {"rounds": 6, "max_depth": 6, "eta": 0.3, "tree_method": "hist"},
    "parallel": {"rounds": 2, "max_depth": 4, "base_score": 0.0083, "num_parallel_tree": 3,
                 "subsample": 0.7, "scale_pos_weight": 3.5, "tree_method": "hist"},
    "pruned": {"rounds": 3, "max_depth": 5, "gamma": 2.0, "tree_method": "exact"},
}
EDGES = [0.0, -0.0, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38, numpy.nan]


def data(random, count):
    """Rows with a tenth of the values missing, and labels that depend on three columns."""
    rows = random.normal(size=(count, len(COLUMNS))).astype(numpy.float32)
    chance = 1 / (1 + numpy.exp(2 - rows[:, 0] * 2 - rows[:, 1] * rows[:, 2]))
    labels = random.random(count) < chance
    rows[random.random(rows.shape) < 0.1] = numpy.nan
    return rows, labels


def splits(model):
    """(column, condition) of every split in the file."""
    for tree in model["learner"]["gradient_booster"]["model"]["trees"]:
        nodes = zip(tree["left_children"], tree["split_indices"], tree["split_conditions"])
        yield from ((column, condition) for left, column, condition in nodes
                    if left != -1 and column < len(COLUMNS))


def rows_for(random, model):
    """Random rows, rows at a condition and one float beside it, and rows of extreme values."""
    rows = [data(random, 40)[0]]
    chosen = list(splits(model))
    for column, condition in [chosen[i] for i in random.permutation(len(chosen))[:30]]:
        near = numpy.repeat(data(random, 1)[0], 3, axis=0)
        exact = numpy.float32(condition)
        below, above = (numpy.nextafter(exact, numpy.float32(far)) for far in (-9e9, 9e9))
        near[:, column] = [below, exact, above]
        rows.append(near)
    for edge in EDGES:
        rows.append(numpy.full((1, len(COLUMNS)), edge, dtype=numpy.float32))
    return numpy.concatenate(rows)


def scores_of(booster, rows):
    """By both ways of XGBoost, which must agree."""
    inplace = booster.inplace_predict(rows, missing=numpy.nan, validate_features=False)
    matrix = xgboost.DMatrix(rows, missing=numpy.nan, feature_names=COLUMNS)
    assert inplace.tobytes() == booster.predict(matrix).tobytes()
    return inplace.astype(numpy.float32)


def write(folder, name, options):
    random = numpy.random.default_rng(len(name))
    rows, labels = data(random, 600)
    options = {"objective": "binary:logistic", "seed": 1, "nthread": 1, **options}
    rounds = options.pop("rounds")
    matrix = xgboost.DMatrix(rows, label=labels, feature_names=COLUMNS)
    booster = xgboost.train(options, matrix, rounds)
    for suffix in ("json", "ubj"):
        booster.save_model(folder / f"{name}.{suffix}")
    rows = rows_for(random, json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
    table = numpy.column_stack([rows, scores_of(booster, rows)]).astype(numpy.float32)
    lines = (" ".join(f"{bits:08x}" for bits in line) for line in table.view(numpy.uint32))
    (folder / f"{name}.rows").write_text("\n".join(lines) + "\n", encoding="ascii")


def main():
    folder = pathlib.Path(__file__).resolve().parent / xgboost.__version__
    folder.mkdir(exist_ok=True)
    for name, options in MODELS.items():
        write(folder, name, options)


if __name__ == "__main__":
    main()
