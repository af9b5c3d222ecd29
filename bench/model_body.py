"""What the model benchmark sends: the golden rows of the served model, as callers have them."""

import itertools
import json

# What the service computes from the transaction itself: model-svc/predict/columns.h.
COMPUTED = ("tx_amount", "tx_during_weekend", "tx_during_night")


def single(folder):
    """The body of POST /predict: the columns of a transaction and no more, as an attack sends it."""
    return json.dumps(_transactions(folder, 1)[0]).encode()


def batch(folder, count):
    """The body of POST /predict/batch; its first transaction is that of `single`."""
    return json.dumps(_transactions(folder, count)).encode()


def with_features(folder, count):
    """A batch as fraud-stream sends it: every feature that a golden row has is given."""
    names = json.loads((folder / "schema.json").read_text(encoding="utf-8"))["features"]
    rows = json.loads((folder / "golden.json").read_text(encoding="utf-8"))["rows"]
    given = [{"features": {name: value for name, value in zip(names, row)
                           if value is not None and name not in COMPUTED}} for row in rows]
    return json.dumps([{**transaction, **features} for transaction, features
                       in zip(_transactions(folder, count), itertools.cycle(given))]).encode()


def _transactions(folder, count):
    """`count` of them, with the amounts of the golden rows in turn."""
    rows = json.loads((folder / "golden.json").read_text(encoding="utf-8"))["rows"]
    return [{"transaction_id": 1_000_000 + number, "tx_datetime": "2018-08-08 14:03:27",
             "customer_id": 4000 + number, "terminal_id": 7000 + number,
             "tx_amount": round(row[0], 2)}
            for number, row in zip(range(1, count + 1), itertools.cycle(rows))]
