"""Scores of our walker against the XGBoost that trained the model, bit for bit.

    PYTHON -m tests.model.oracle        PYTHON has numpy and xgboost (dags/requirements.txt)

Needs build/release/tests/score_rows (or FRAUD_SCORE_ROWS): tests/model-svc/score_main.cc.
Trains models of many shapes, each from a seed, and scores rows that are random, at the very
conditions of the model, one float beside them, missing or extreme: by Booster.predict and
inplace_predict, and by our program from the JSON and the UBJSON file, as one batch and row by row.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy
import xgboost

from tests.stack import ROOT

PROGRAM = os.environ.get("FRAUD_SCORE_ROWS", str(ROOT / "build/release/tests/score_rows"))
MODELS = 60
ROWS = 1_500
LEVELS = 12  # of the tree that holds margins for the sigmoid
EDGES = numpy.array([0.0, -0.0, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38,
                     numpy.nan], dtype=numpy.float32)


def options_of(random):
    """One random shape of a model: options of XGBoost, and how many rounds."""
    options = {"objective": "binary:logistic", "nthread": 1, "seed": int(random.integers(1_000)),
               "tree_method": str(random.choice(["hist", "approx", "exact"])),
               "max_depth": int(random.integers(1, 9)), "eta": float(random.uniform(0.02, 1)),
               "gamma": float(random.choice([0, 0, 0.5, 3])), "subsample": 0.8,
               "min_child_weight": float(random.choice([0, 1, 5])),
               "scale_pos_weight": float(random.choice([1, 1, 40])),
               "num_parallel_tree": int(random.choice([1, 1, 1, 4]))}
    if random.random() < 0.4:
        options["base_score"] = float(numpy.exp(random.uniform(numpy.log(2e-6), numpy.log(0.99))))
    if options["tree_method"] == "hist" and random.random() < 0.4:
        options.update(grow_policy="lossguide", max_leaves=int(random.integers(2, 60)),
                       max_depth=int(random.choice([0, 5, 30])))
    rounds = int(numpy.exp(random.uniform(0, numpy.log(300)))) // options["num_parallel_tree"] + 1
    return options, rounds


def columns_of(random, count, columns):
    """Values of different kinds side by side: whole, small, tiny and huge ones, some missing."""
    rows = random.normal(size=(count, columns)).astype(numpy.float32)
    rows[:, ::3] = numpy.round(rows[:, ::3] * 2)
    rows[:, 1::5] *= numpy.float32(1e-39)
    rows[:, 2::7] *= numpy.float32(1e37)
    rows[random.random(rows.shape) < 0.15] = numpy.nan
    return rows


def train(random):
    columns = int(random.integers(1, 40))
    rows = columns_of(random, int(random.integers(50, 1_500)), columns)
    signal = numpy.nan_to_num(rows[:, 0]) + random.normal(size=len(rows))
    labels = signal > numpy.quantile(signal, random.choice([0.5, 0.9, 0.99]))
    names = [f"column {i}" for i in range(columns)]
    options, rounds = options_of(random)
    matrix = xgboost.DMatrix(rows, label=labels, feature_names=names)
    return xgboost.train(options, matrix, rounds), names, options


def rows_for(random, model, columns):
    """Random rows, many of whose cells are moved to a split's condition or right beside it."""
    rows = columns_of(random, ROWS, columns)
    trees = model["learner"]["gradient_booster"]["model"]["trees"]
    chosen = [(column, condition) for tree in trees
              for left, column, condition in zip(tree["left_children"], tree["split_indices"],
                                                 tree["split_conditions"]) if left != -1]
    for row in range(ROWS // 2 if chosen else 0):
        column, condition = chosen[random.integers(len(chosen))]
        exact = numpy.float32(condition)
        far = numpy.float32(random.choice([-3e38, 3e38]))
        rows[row, column] = numpy.nextafter(exact, far) if row % 3 else exact
    for row in range(ROWS // 2, ROWS // 2 + 50):
        rows[row] = random.choice(EDGES, size=columns)
    return rows


def ours(path, rows, *words):
    """Scores by our program. RuntimeError with its reason when it refuses the model."""
    done = subprocess.run([PROGRAM, path, *words], input=rows.tobytes(), check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip() or "the program failed")
    return numpy.frombuffer(done.stdout, dtype=numpy.float32)


def ladder(model, margins):
    """The model with one tree instead of its own: a row [i] falls into the leaf margins[i]."""
    inner, nodes = len(margins) - 1, 2 * len(margins) - 1
    conditions = []
    for level in range(LEVELS):
        width = len(margins) >> level
        conditions += [float(width * i + width // 2) for i in range(1 << level)]
    tree = model["learner"]["gradient_booster"]["model"]["trees"][0]
    for name in ("base_weights", "loss_changes", "sum_hessian"):
        tree[name] = [1.0] * nodes
    for name in ("default_left", "split_indices", "split_type"):
        tree[name] = [0] * nodes
    tree["left_children"] = [2 * i + 1 for i in range(inner)] + [-1] * len(margins)
    tree["right_children"] = [2 * i + 2 for i in range(inner)] + [-1] * len(margins)
    tree["parents"] = [2147483647] + [(i - 1) // 2 for i in range(1, nodes)]
    tree["split_conditions"] = conditions + [float(margin) for margin in margins]
    tree["tree_param"].update(num_nodes=str(nodes), num_deleted="0")
    return model


class OracleTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def compare(self, booster, names, rows, note):
        """Every way to score gives the same bits."""
        for suffix in ("json", "ubj"):
            booster.save_model(self.folder / f"model.{suffix}")
        expected = booster.inplace_predict(rows, missing=numpy.nan, validate_features=False)
        matrix = xgboost.DMatrix(rows, missing=numpy.nan, feature_names=names)
        answers = {"Booster.predict": booster.predict(matrix)}
        for suffix in ("json", "ubj"):
            answers[suffix] = ours(self.folder / f"model.{suffix}", rows)
            answers[suffix + " row by row"] = ours(self.folder / f"model.{suffix}", rows, "single")
        for way, scores in answers.items():
            self.assertEqual(len(scores), len(rows), way)
            wrong = numpy.flatnonzero(scores.view(numpy.uint32) != expected.view(numpy.uint32))
            self.assertEqual(list(wrong[:3]), [], f"rows that differ by {way}; {note}")

    def test_models_of_many_shapes_score_with_the_same_bits(self):
        for seed in range(MODELS):
            with self.subTest(seed=seed):
                random = numpy.random.default_rng(seed)
                booster, names, options = train(random)
                model = json.loads(booster.save_raw("json"))
                self.compare(booster, names, rows_for(random, model, len(names)), options)

    def test_early_stopping_leaves_all_trees_in_the_score(self):
        """As Booster.predict does, whatever best_iteration says."""
        random = numpy.random.default_rng(0)
        rows, names = columns_of(random, 300, 4), list("abcd")
        labels = random.random(300) < 0.3
        matrix = xgboost.DMatrix(rows, label=labels, feature_names=names)
        booster = xgboost.train({"objective": "binary:logistic", "nthread": 1}, matrix, 30)
        booster.set_attr(best_iteration="3", best_score="0.5")
        self.compare(booster, names, rows, "best_iteration")

    def test_the_sigmoid_has_the_same_bits_at_many_margins(self):
        random = numpy.random.default_rng(0)
        rows = numpy.arange(1 << LEVELS, dtype=numpy.float32).reshape(-1, 1)
        matrix = xgboost.DMatrix(rows[:8], label=[0, 1] * 4, feature_names=["a"])
        options = {"objective": "binary:logistic", "base_score": 0.5, "max_depth": 1}
        model = json.loads(xgboost.train(options, matrix, 1).save_raw("json"))
        for spread in (1e-6, 1, 3, 10, 20, 60, 100, 1e30):
            margins = random.normal(size=len(rows)).astype(numpy.float32) * numpy.float32(spread)
            text = json.dumps(ladder(model, margins)).encode()
            with self.subTest(spread=spread):
                booster = xgboost.Booster(model_file=bytearray(text))
                self.compare(booster, ["a"], rows, f"margins of about {spread}")
                matrix = xgboost.DMatrix(rows, feature_names=["a"])
                found = booster.predict(matrix, output_margin=True)
                self.assertEqual(found.tobytes(), margins.tobytes(), "each row has its own leaf")


if __name__ == "__main__":
    unittest.main()
