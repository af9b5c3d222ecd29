"""Small data for the tests."""

import functools

import numpy as np

from training import simulator
from training.transactions import DAY_S, Transactions, day_number

BEGIN = day_number("2018-06-01") * DAY_S


def transactions(rows):
    """From tuples (second after 2018-06-01, customer, terminal, amount, fraud), in time order."""
    second, customer, terminal, amount, fraud = zip(*rows)
    return Transactions(second=np.array(second, np.int64) + BEGIN,
                        customer=np.array(customer, np.int64),
                        terminal=np.array(terminal, np.int64),
                        amount=np.array(amount, np.float64), fraud=np.array(fraud, np.int8),
                        scenario=np.zeros(len(rows), np.int8))


def random_transactions(seed, rows=1_500, days=60, owners=4):
    """Whole hours: many equal seconds, and many that lie exactly on an edge of a window."""
    draws = np.random.RandomState(seed)
    second = np.sort(draws.randint(0, days * 24, rows)) * 3600
    return transactions(list(zip(second, draws.randint(0, owners, rows),
                                 draws.randint(0, owners, rows),
                                 np.round(draws.uniform(0, 300, rows), 2),
                                 draws.randint(0, 2, rows))))


@functools.cache
def world():
    """The handbook's world with few customers, in which the weeks of the protocol have frauds."""
    return simulator.simulate(simulator.World(customers=300, days=140))
