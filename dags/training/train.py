"""Fits the model and finds its threshold: XGBoost on the handbook's weeks.

The service is asked about transactions without window features too. XGBoost learns where a missing
value goes only from rows that miss it, so each training row comes again, with less weight, without
all windows, without the customer's, without the terminal's, and without one column by chance.

The bits of the result hang on the seed only: one thread, and no sum whose order could change.
"""

import dataclasses

import numpy as np
import xgboost

from training import features, metrics, protocol

ROUNDS = 200
COPY_WEIGHT = 0.2  # of a masked copy; the whole row weighs 1
# eta and min_child_weight: the best mean average precision on four validation weeks that end before
# the test week. 256 bins cost 4 points of it, so there are 4096.
PARAMS = {"objective": "binary:logistic", "max_depth": 6, "eta": 0.05, "min_child_weight": 5,
          "tree_method": "hist", "max_bin": 4096, "nthread": 1}

_CUSTOMER = [features.NAMES.index(name) for name in features.CUSTOMER]
_TERMINAL = [features.NAMES.index(name) for name in features.TERMINAL]
# Which columns a request may lack.
MASKS = {"all_windows_missing": _CUSTOMER + _TERMINAL, "customer_windows_missing": _CUSTOMER,
         "terminal_windows_missing": _TERMINAL}


@dataclasses.dataclass(frozen=True)
class Trained:
    booster: xgboost.Booster
    threshold: float  # a score from here on is a fraud
    training: dict  # what meta.json says about how it came about
    test_x: np.ndarray  # the test week's columns, for golden rows


def train(data, weeks=protocol.Weeks(), seed=0, progress=lambda done, total: None):
    """The model for these weeks. ValueError when the data does not cover them.

    The threshold has the best F1 on a validation week, under a model of the same settings that was
    trained two weeks earlier: that week is the last whose labels are all known when the real model
    is trained. The test week is only looked at for the report.
    """
    earlier = weeks.before(weeks.delay_days + weeks.test_days)
    parts = [*protocol.split(data, weeks), *protocol.split(data, earlier)]
    columns = np.split(features.build(data, np.concatenate(parts)),
                       np.cumsum([len(part) for part in parts])[:-1])
    total = 2 * ROUNDS
    trial = fit(columns[2], data.fraud[parts[2]], seed, lambda done: progress(done, total))
    cut, f1 = metrics.best_f1(data.fraud[parts[3]], score(trial, columns[3]))
    threshold = round(cut, 4)
    booster = fit(columns[0], data.fraud[parts[0]], seed,
                  lambda done: progress(ROUNDS + done, total))
    training = {
        "data": {"rows": len(data), "frauds": int(data.fraud.sum())},
        "weeks": _weeks(data, weeks, *parts[:2]),
        "threshold": {"rule": "best F1 on the validation week", "validation_f1": round(f1, 4),
                      "weeks": _weeks(data, earlier, *parts[2:])},
        "params": PARAMS | {"seed": seed}, "rounds": ROUNDS, "copy_weight": COPY_WEIGHT,
        "xgboost": xgboost.__version__,
        "test_metrics": _report(booster, data, parts[1], columns[1], threshold),
    }
    return Trained(booster, threshold, training, columns[1])


def fit(x, label, seed, progress=lambda done: None, rounds=ROUNDS):
    """A booster trained on these rows and their masked copies."""
    x, label, weight = with_copies(x, label, seed)
    matrix = xgboost.DMatrix(x, label, weight=weight, feature_names=list(features.NAMES), nthread=1)
    return xgboost.train(PARAMS | {"seed": seed}, matrix, rounds, callbacks=[_Heard(progress)])


def with_copies(x, label, seed):
    """(columns, labels, weights): the rows, then a copy of all for each way to lack something."""
    single = x.copy()
    column = np.random.RandomState(seed).choice(_CUSTOMER + _TERMINAL, len(x))
    single[np.arange(len(x)), column] = np.nan
    copies = [*(masked(x, missing) for missing in MASKS.values()), single]
    weight = np.concatenate([np.ones(len(x)), np.full(len(x) * len(copies), COPY_WEIGHT)])
    return np.concatenate([x, *copies]), np.tile(label, 1 + len(copies)), weight


def masked(x, missing):
    """The same rows without these columns."""
    x = x.copy()
    x[:, missing] = np.nan
    return x


def score(booster, x):
    """The probabilities of fraud, float32."""
    matrix = xgboost.DMatrix(x, feature_names=booster.feature_names, nthread=1)
    return booster.predict(matrix)


class _Heard(xgboost.callback.TrainingCallback):
    """Tells how many trees stand."""

    def __init__(self, progress):
        super().__init__()
        self._progress = progress

    def after_iteration(self, _model, epoch, _evals_log):
        self._progress(epoch + 1)
        return False  # go on


def _weeks(data, weeks, train_rows, test_rows):
    return {"train": _stretch(weeks.begin, weeks.train_days), "delay_days": weeks.delay_days,
            "test": _stretch(weeks.test_begin, weeks.test_days),
            "train_rows": len(train_rows), "train_frauds": int(data.fraud[train_rows].sum()),
            "test_rows": len(test_rows), "test_frauds": int(data.fraud[test_rows].sum())}


def _stretch(begin, days):
    """First and last day."""
    return [str(np.datetime64(day, "D")) for day in (begin, begin + days - 1)]


def _report(booster, data, rows, x, threshold):
    """The figures on the test week, with all features and without some."""
    report = {}
    for name, missing in ({"full": []} | MASKS).items():
        scores = score(booster, masked(x, missing))
        report[name] = metrics.judge(data, rows, scores)
        report[name] |= metrics.at_threshold(data.fraud[rows], scores, threshold)
    return report
