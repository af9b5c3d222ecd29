"""The handbook's 15 columns for each transaction, as they could be known at that moment.

A window of w days ends `delay` days before the transaction at second t: (t - delay - w, t - delay].
The customer's windows have no delay and end with the transaction itself: of several in one second,
with those that come before it in the data, as a stream would see them. The terminal's windows need
labels, which are known LABEL_DELAY_DAYS later, so no column looks at a younger label.

One sort by (owner, time) makes a window two positions in a row of prefix sums. Amounts are summed
as whole cents: integers, so that the sum does not depend on the order.
"""

import numpy as np

from training.transactions import DAY_S

WINDOW_DAYS = (1, 7, 30)
LABEL_DELAY_DAYS = 7
NIGHT_ENDS_HOUR = 6  # the hours 0 to 6 are night

TRANSACTION = ("tx_amount", "tx_during_weekend", "tx_during_night")
CUSTOMER = (tuple(f"customer_id_nb_tx_{days}day_window" for days in WINDOW_DAYS)
            + tuple(f"customer_id_avg_amount_{days}day_window" for days in WINDOW_DAYS))
TERMINAL = (tuple(f"terminal_id_nb_tx_{days}day_window" for days in WINDOW_DAYS)
            + tuple(f"terminal_id_risk_{days}day_window" for days in WINDOW_DAYS))
NAMES = TRANSACTION + CUSTOMER + TERMINAL


def build(data, rows):
    """float32, one line for each of `rows` (positions), columns in the order of NAMES."""
    columns = [*_of_transaction(data, rows), *_of_customer(data, rows), *_of_terminal(data, rows)]
    return np.column_stack([column.astype(np.float32) for column in columns])


def _of_transaction(data, rows):
    second = data.second[rows]
    weekday = (second // DAY_S + 3) % 7  # 1970 began on a Thursday; Monday is 0
    hour = second % DAY_S // 3600
    return data.amount[rows], weekday >= 5, hour <= NIGHT_ENDS_HOUR


def _of_customer(data, rows):
    cents = np.rint(data.amount * 100).astype(np.int64)
    counts, totals = windows(data.customer, data.second, cents, rows)
    return *counts, *(total / 100 / count for count, total in zip(counts, totals))


def _of_terminal(data, rows):
    """The risk is the share of frauds; 0 where there was no transaction."""
    counts, frauds = windows(data.terminal, data.second, data.fraud, rows, LABEL_DELAY_DAYS)
    return *counts, *(bad / np.maximum(count, 1) for count, bad in zip(counts, frauds))


def windows(owner, second, value, rows, delay_days=0):
    """Counts and sums of `value` (integers) over each owner's windows, a pair of lists."""
    owner = np.unique(owner, return_inverse=True)[1]
    second = second - second.min()
    # Owners lie apart by more than the time span and the longest reach, so no window of one touches
    # the transactions of another.
    reach = (delay_days + max(WINDOW_DAYS)) * DAY_S
    place = owner * (int(second.max()) + reach + 1) + second
    order = np.argsort(place, kind="stable")
    ordered = place[order]
    total = np.concatenate([[0], np.cumsum(value[order], dtype=np.int64)])
    here = place[rows]
    end = (np.searchsorted(ordered, here - delay_days * DAY_S, "right") if delay_days
           else _rank(order)[rows] + 1)
    counts, sums = [], []
    for days in WINDOW_DAYS:
        begin = np.searchsorted(ordered, here - (delay_days + days) * DAY_S, "right")
        counts.append(end - begin)
        sums.append(total[end] - total[begin])
    return counts, sums


def _rank(order):
    """Where each row stands in that order."""
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank
