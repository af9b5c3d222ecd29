"""The folder that fraud-model loads: docs/model-folder.md, model-svc/model_folder.h.

The bytes hang on the model only: no time, no machine. So one model is one folder.
"""

import hashlib
import json
import os
import pathlib
import tempfile

import numpy as np
import xgboost

from training import features
from training.train import score, with_copies

SUMS = "SHA256SUMS"
FILES = ("golden.json", "meta.json", "model.json", "schema.json")
GOLDEN_ROWS = 24  # of the test week, each in every way to lack features
TOLERANCE = 1e-6  # as the service checks
MAX_FEATURES = 256  # that the service takes


def write(trained, folder, run_id=None):
    """Writes the folder and returns its model_version.

    All files are made in a folder beside it, which then takes its place. A model folder that is
    there already is replaced; any other folder with something in it is left alone: ValueError.
    """
    folder = pathlib.Path(folder).absolute()
    refuse_stranger(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    files = contents(trained, run_id)
    with tempfile.TemporaryDirectory(prefix=".model-", dir=folder.parent) as made:
        fresh = pathlib.Path(made, "new")
        fresh.mkdir()
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        # A reader between the two finds no folder and keeps the model that it has.
        if folder.exists():
            os.rename(folder, pathlib.Path(made, "old"))
        os.rename(fresh, folder)
    return json.loads(files["meta.json"])["model_version"]


def contents(trained, run_id=None):
    """Every file's bytes by its name."""
    model = bytes(trained.booster.save_raw("json"))
    names = trained.booster.feature_names
    files = {
        "golden.json": _json(golden(trained)),
        "meta.json": _json({"format": 1, "model_version": f"handbook-{_sha256(model)[:12]}",
                            "run_id": run_id, "threshold": trained.threshold,
                            "training": trained.training}, indent=2),
        "model.json": model,
        "schema.json": _json({"features": names, "sha256": schema_sha256(names)}, indent=2),
    }
    sums = "".join(f"{_sha256(files[name])}  {name}\n" for name in sorted(files))
    return files | {SUMS: sums.encode()}


def golden(trained):
    """Rows with their scores: of the test week from the highest score to the lowest, denser where
    the frauds are, each with and without features; and 300.00 on a working day without a window."""
    x = trained.test_x
    order = np.argsort(-score(trained.booster, x), kind="stable")
    x = x[order[np.geomspace(1, len(order), GOLDEN_ROWS).astype(int) - 1]]
    plain = np.full((1, len(features.NAMES)), np.nan, np.float32)
    plain[0, :len(features.TRANSACTION)] = 300, 0, 0
    rows = np.concatenate([with_copies(x, np.zeros(len(x)), seed=0)[0], plain])
    scores = score(trained.booster, rows)
    # A float is written as the double of the same value, so it reads back to the same float.
    return {"rows": [[None if np.isnan(value) else float(value) for value in row] for row in rows],
            "scores": [float(value) for value in scores]}


def schema_sha256(names):
    return _sha256("".join(f"{name}\n" for name in names).encode())


def check(folder):
    """Proves a folder with XGBoost itself and returns (meta, largest error of a golden score).

    OSError for a file that cannot be read, ValueError with one sentence for what is wrong.
    """
    folder = pathlib.Path(folder)
    files = _verified(folder)
    meta, schema, golden_rows = (_object(files, name)
                                 for name in ("meta.json", "schema.json", "golden.json"))
    try:
        _require(meta["format"] == 1 and isinstance(meta["model_version"], str)
                 and 0 <= meta["threshold"] <= 1, "meta.json: bad format, version or threshold")
        booster = xgboost.Booster()
        booster.load_model(bytearray(files[_model_name(files)]))
        _require_servable(booster)
        names = list(schema["features"])
        _require(schema["sha256"] == schema_sha256(names), "schema.json: the hash is wrong")
        _require(booster.feature_names == names, "the model's features are not schema.json's")
        rows = np.array(golden_rows["rows"], np.float32)
        scores = np.array(golden_rows["scores"], np.float32)
        _require(rows.shape == (len(scores), len(names)) and len(scores) > 0,
                 "golden.json: rows and scores do not belong together")
        error = float(np.abs(score(booster, rows) - scores).max())
    except (KeyError, TypeError, xgboost.core.XGBoostError) as problem:
        first_line = str(problem).strip().splitlines()[0]
        raise ValueError(f"{folder} is no good model folder: {first_line}") from None
    _require(error <= TOLERANCE, f"golden.json: a score is off by {error:.3g}")
    return meta, error


def _require_servable(booster):
    """What fraud-model's walker knows: model-svc/xgboost/loader.h."""
    learner = json.loads(booster.save_config())["learner"]
    boosting, objective = learner["gradient_booster"]["name"], learner["objective"]["name"]
    _require(boosting == "gbtree" and objective == "binary:logistic",
             f"the model is {boosting} for {objective}: fraud-model serves gbtree for binary:logistic")
    _require(1 <= booster.num_features() <= MAX_FEATURES,
             f"the model has {booster.num_features()} columns: fraud-model serves 1 to {MAX_FEATURES}")


def _verified(folder):
    """The bytes of the four files, each with the hash that SHA256SUMS has for it."""
    lines = [line.partition("  ") for line in (folder / SUMS).read_text("utf-8").splitlines()]
    names = [name for _, _, name in lines]
    wanted = [_model_name(names) if name == "model.json" else name for name in FILES]
    _require(names == wanted, f"{SUMS} must list {', '.join(wanted)}")
    _require(not all((folder / name).exists() for name in ("model.json", "model.ubj")),
             "there are both model.json and model.ubj")
    files = {name: (folder / name).read_bytes() for name in names}
    for digest, _, name in lines:
        _require(_sha256(files[name]) == digest, f"{name}: the hash does not match {SUMS}")
    return files


def _model_name(names):
    """XGBoost's other format, UBJSON, is good too."""
    return "model.ubj" if "model.ubj" in names else "model.json"


def _object(files, name):
    try:
        value = json.loads(files[name])
    except ValueError as problem:
        raise ValueError(f"{name}: {problem}") from None
    _require(isinstance(value, dict), f"{name} is no object")
    return value


def refuse_stranger(folder):
    if folder.exists() and not (folder / SUMS).is_file():
        _require(folder.is_dir() and not any(folder.iterdir()),
                 f"{folder} is there and is no model folder")


def _require(holds, otherwise):
    if not holds:
        raise ValueError(otherwise)


def _json(value, indent=None):
    return (json.dumps(value, indent=indent, allow_nan=False) + "\n").encode()


def _sha256(content):
    return hashlib.sha256(content).hexdigest()
