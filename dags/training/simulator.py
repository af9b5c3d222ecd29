"""Simulated card transactions after the description of the Fraud Detection Handbook.

Written from the handbook's text, not from its code. The draws follow the same order from the same
seeds, so the totals are the published ones: 1,754,155 transactions, 14,681 frauds. numpy's
RandomState promises the same numbers for a seed in all versions; Python's choice and sample do not, and
have kept them from 3.2 to 3.11: the test of the totals would tell.
"""

import dataclasses
import random

import numpy as np

from training.transactions import DAY_S, Transactions, day_number


@dataclasses.dataclass(frozen=True)
class World:
    """The size of what is simulated; the defaults are the handbook's."""

    customers: int = 5_000
    terminals: int = 10_000
    days: int = 183
    first_day: str = "2018-04-01"
    radius: float = 5.0  # a customer pays at the terminals that are nearer than this
    seed: int = 0  # the published totals belong to 0

    def seed_of(self, number):
        """Of one generator. Worlds of different seeds share none."""
        return self.seed * 1_000_000 + number


@dataclasses.dataclass(frozen=True)
class Customer:
    x: float
    y: float
    mean_amount: float
    tx_per_day: float


AMOUNT_LIMIT = 220  # scenario 1: any amount above it is a fraud
TERMINALS_PER_DAY, TERMINAL_DAYS = 2, 28  # scenario 2: so many fall each day, for so long
CUSTOMERS_PER_DAY, CUSTOMER_DAYS = 3, 14  # scenario 3
CUSTOMER_FACTOR, CUSTOMER_SHARE = 5, 3  # every third transaction, five times the amount


def simulate(world=World(), progress=lambda done, total: None):
    """All transactions with their labels. `progress` hears how many customers are done."""
    customers, terminals = people(world), places(world)
    blocks = []
    for number, customer in enumerate(customers):
        blocks.append(_spend(number, customer, _reachable(customer, terminals, world), world))
        progress(number + 1, world.customers)
    return with_frauds(_in_order_of_time(blocks, world), world)


def people(world):
    draw = np.random.RandomState(world.seed_of(0)).uniform
    return [Customer(draw(0, 100), draw(0, 100), draw(5, 100), draw(0, 4))
            for _ in range(world.customers)]


def places(world):
    """x and y of every terminal, one row each."""
    return np.random.RandomState(world.seed_of(1)).uniform(0, 100, (world.terminals, 2))


def _reachable(customer, terminals, world):
    offset = terminals - np.array([customer.x, customer.y])
    return np.flatnonzero(np.sqrt((offset * offset).sum(axis=1)) < world.radius).tolist()


def _spend(number, customer, reachable, world):
    """Seconds, amounts and terminals of one customer, day after day.

    Two generators with the customer's number as the seed: numpy's for everything but the terminal.
    A time outside of the day is dropped before the amount is drawn.
    """
    numpy_draws = np.random.RandomState(world.seed_of(number))
    pick = random.Random(world.seed_of(number)).choice
    poisson, normal = numpy_draws.poisson, numpy_draws.normal
    mean, spread = customer.mean_amount, customer.mean_amount / 2
    seconds, amounts, terminals = [], [], []
    for day in range(world.days):
        for _ in range(poisson(customer.tx_per_day)):
            second = int(normal(DAY_S / 2, 20_000))
            if not 0 < second < DAY_S:
                continue
            amount = normal(mean, spread)
            amounts.append(amount if amount >= 0 else numpy_draws.uniform(0, mean * 2))
            seconds.append(day * DAY_S + second)
            if reachable:
                terminals.append(pick(reachable))
    if not reachable:  # the draws above are the same, but there is nowhere to pay
        seconds, amounts = [], []
    return seconds, amounts, terminals


def _in_order_of_time(blocks, world):
    """One table; equal seconds stay in the order of the customers."""
    second, amount, terminal = (np.concatenate([np.asarray(block[part], kind) for block in blocks])
                                for part, kind in enumerate((np.int64, np.float64, np.int64)))
    customer = np.repeat(np.arange(len(blocks)), [len(block[0]) for block in blocks])
    order = np.argsort(second, kind="stable")
    none = np.zeros(len(second), np.int8)
    return Transactions(second=second[order] + day_number(world.first_day) * DAY_S,
                        customer=customer[order].astype(np.int64), terminal=terminal[order],
                        amount=np.round(amount[order], 2), fraud=none, scenario=none)


def with_frauds(data, world):
    """The three scenarios, one after the other: a later one overwrites."""
    amount = data.amount.copy()
    scenario = np.where(amount > AMOUNT_LIMIT, 1, 0).astype(np.int8)
    day = data.day - day_number(world.first_day)
    last = int(day[-1]) if len(day) else 0  # on the last day itself nobody falls
    for today in range(last):
        rows = _hit(data.terminal, day, today, TERMINAL_DAYS,
                    _victims(world.terminals, TERMINALS_PER_DAY, world.seed_of(today)))
        scenario[rows] = 2
    for today in range(last):
        rows = _hit(data.customer, day, today, CUSTOMER_DAYS,
                    _victims(world.customers, CUSTOMERS_PER_DAY, world.seed_of(today)))
        share = len(rows) // CUSTOMER_SHARE
        chosen = random.Random(world.seed_of(today)).sample(rows.tolist(), share)
        amount[chosen] = np.round(amount[chosen] * CUSTOMER_FACTOR, 2)
        scenario[chosen] = 3
    return dataclasses.replace(data, amount=amount, fraud=(scenario > 0).astype(np.int8),
                               scenario=scenario)


def _victims(population, count, seed):
    return np.random.RandomState(seed).choice(population, min(count, population), replace=False)


def _hit(owner, day, today, days, victims):
    """Positions of the victims' transactions from today on for so many days."""
    begin, end = np.searchsorted(day, [today, today + days])
    return begin + np.flatnonzero(np.isin(owner[begin:end], victims))
