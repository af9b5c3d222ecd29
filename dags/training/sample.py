"""Rows for the load driver: what an attacked service is asked, one JSON object a line.

    {"kind": KIND, "transaction": {...}, "features": {...}}     the service scores it
    {"kind": "malformed", "body": "..."}                        to be sent as it is, and refused

Together `transaction` and `features` are a body of fraud-model. Features are exact: the shortest
decimals that are the same 32-bit float. Each moment is the simulated one: the rows' order is the
order of sending, not of time.
"""

import dataclasses
import json

import numpy as np

from training import features, protocol, sample_malformed
from training.simulator import AMOUNT_LIMIT

# The parts of the traffic, about those of a card-testing attack that floods a shop in business:
# as many requests are the shop's own as are the attacker's. Nobody published such a mix: it is ours.
SHARES = {
    "normal": 0.52,  # the test week, transactions that are no frauds
    "amount_flood": 0.15,  # scenario 1: amounts over 220
    "compromised_terminal": 0.20,  # scenario 2, where a terminal's risk is known already
    "replay": 0.10,  # an earlier row again, all the same but the kind
    "malformed": 0.03,
}
ROWS = 5_000  # 3 MB; the simulation's scenario 1 is enough for 5,100

_DECIMALS = ("avg_amount", "risk")  # the other features are counts
_WARM_DAYS = features.LABEL_DELAY_DAYS + max(features.WINDOW_DAYS)  # then all windows are full


def build(data, seed=0, rows=ROWS):
    """The rows, as dictionaries. ValueError when the data has too few transactions of a kind."""
    draws = np.random.RandomState(seed)
    counts = _counts(rows)
    normal = _some(_normal(data), counts["normal"], "normal", draws)
    fallen = _some(_fallen(data), counts["compromised_terminal"], "compromised_terminal", draws)
    made = [*_rows("normal", data, normal), *_rows("compromised_terminal", data, fallen),
            *_flood(data, counts["amount_flood"], normal, draws),
            *_malformed(data, counts["malformed"], normal, draws)]
    mixed = [made[place] for place in draws.permutation(len(made))]
    return _with_replays(mixed, counts["replay"], draws)


def write(rows, path):
    """One line each. OSError when it cannot be written."""
    with open(path, "w", encoding="ascii", newline="\n") as file:
        for row in rows:
            file.write(_text(row) + "\n")


def _counts(rows):
    """Whole numbers; what rounding leaves is normal."""
    counts = {kind: int(rows * share) for kind, share in SHARES.items() if kind != "normal"}
    return {"normal": rows - sum(counts.values()), **counts}


def _normal(data):
    day = data.day
    weeks = protocol.Weeks()
    test = (day >= weeks.test_begin) & (day < weeks.test_begin + weeks.test_days)
    return np.flatnonzero(test & (data.scenario == 0))


def _warm(data, scenario):
    """Frauds of that scenario, on any day from which no window reaches before the data."""
    return np.flatnonzero((data.day >= data.day[0] + _WARM_DAYS) & (data.scenario == scenario))


def _fallen(data):
    rows = _warm(data, 2)
    risks = [features.NAMES.index(name) for name in features.TERMINAL if "risk" in name]
    return rows[(features.build(data, rows)[:, risks] > 0).any(axis=1)]


def _some(positions, count, kind, draws):
    if count > len(positions):
        raise ValueError(f"{count} rows of kind {kind} are asked for, the data has {len(positions)}")
    return draws.permutation(positions)[:count]


def _flood(data, count, taken, draws):
    """Scenario 1 as simulated. Where that is not enough, more transactions of the test week are
    given amounts of simulated ones, and their customers' means follow."""
    simulated = _warm(data, 1)
    chosen = _some(simulated, min(count, len(simulated)), "amount_flood", draws)
    made = list(_rows("amount_flood", data, chosen))
    lacking = count - len(chosen)
    if lacking == 0:
        return made
    amounts = data.amount[data.amount > AMOUNT_LIMIT]
    if not len(amounts):
        raise ValueError(f"no amount of the data is over {AMOUNT_LIMIT}")
    raised = _some(np.setdiff1d(_normal(data), taken), lacking, "amount_flood", draws)
    amount = data.amount.copy()
    amount[raised] = draws.choice(amounts, lacking)
    flooded = dataclasses.replace(data, amount=amount)
    return made + list(_rows("amount_flood", flooded, raised))


def _malformed(data, count, normal, draws):
    """Every way of being wrong in turn, on rows that were right."""
    ways = list(sample_malformed.WAYS.values())
    for number, row in enumerate(_rows("normal", data, draws.choice(normal, count))):
        yield {"kind": "malformed", "body": ways[number % len(ways)](row)}


def _with_replays(mixed, count, draws):
    """`mixed` with replays at random places behind a row that can be replayed."""
    can = np.flatnonzero([row["kind"] != "malformed" for row in mixed])
    behind = np.sort(draws.randint(can[0], len(mixed), count)) if count else []
    result, begin = [], 0
    for place in behind:
        result += mixed[begin:place + 1]
        begin = max(begin, place + 1)
        earlier = mixed[draws.choice(can[:np.searchsorted(can, place, "right")])]
        result.append({**earlier, "kind": "replay"})
    return result + mixed[begin:]


def _rows(kind, data, positions):
    columns = features.build(data, positions)
    for position, line in zip(positions, columns):
        known = dict(zip(features.NAMES, line))
        yield {"kind": kind, "transaction": _transaction(data, position),
               "features": {name: _number(name, known[name])
                            for name in features.CUSTOMER + features.TERMINAL}}


def _transaction(data, position):
    moment = np.datetime64(int(data.second[position]), "s")
    return {"transaction_id": int(position), "tx_datetime": str(moment).replace("T", " "),
            "customer_id": int(data.customer[position]),
            "terminal_id": int(data.terminal[position]),
            "tx_amount": float(data.amount[position])}


def _number(name, value):
    return float(str(value)) if any(part in name for part in _DECIMALS) else int(value)


def _text(row):
    return json.dumps(row, separators=(",", ":"))
