"""Slow clients beside honest ones: with the limit for one address, and without."""

import dataclasses

from bench import flood_rules
from bench.flood_attack import Attack, Helper, pin_model
from bench.measure import Cannot
from tests.stack import wait
from tests.stack.fraud_model import FraudModel
from tests.stack.process import Stack

HONEST = 300
SLOW = 2_000
PER_IP = 16
# So few that the limit leaves the crowd's threshold, 3/4 of --max-connections, out of reach.
ADDRESSES = [f"127.0.1.{last}" for last in range(1, 9)]
SAME = ["127.0.0.1"]  # the honest clients' own
BESIDE_S = 10
DEADLINE_S = 10  # --message-deadline
STEP_S = 0.25
STEPS = 64
WAVE_AFTER_S = 1
RESTORED = 0.95  # of the requests of a step are answered well: goodput is full again


@dataclasses.dataclass
class Beside:
    """Goodput and rate of the honest clients, and what the slow ones met."""

    goodput: float
    slow: dict


@dataclasses.dataclass
class Wave:
    """Seconds that the honest clients were disturbed by slow ones that came once."""

    disturbed_s: float
    slow: dict


def _honest(stack, model, rates):
    return Attack(stack, model.port, rates, "--connections", "new", "--timeout", "2s")


def _slow(stack, model, addresses, how):
    return Helper(stack, "flood_slow", model.port, SLOW, ",".join(addresses), how)


def beside(flags, addresses):
    """Slow clients that always come back."""
    with Stack("fraud-bench") as stack:
        model = FraudModel(stack, flags)
        pin_model(model.process.pid)
        crowd = _slow(stack, model, addresses, "again")
        honest = _honest(stack, model, [(HONEST, BESIDE_S)]).phases()[0]
        return Beside(honest.goodput, _real(crowd.counted()))


def wave(flags, addresses):
    with Stack("fraud-bench") as stack:
        model = FraudModel(stack, flags)
        pin_model(model.process.pid)
        honest = _honest(stack, model, [(HONEST, STEP_S)] * STEPS)
        wait.stays(lambda: True, WAVE_AFTER_S, every=WAVE_AFTER_S)
        crowd = _slow(stack, model, addresses, "once")
        steps = honest.phases()
        return Wave(flood_rules.disturbed_s(steps, RESTORED), _real(crowd.counted()))


def _real(slow):
    """Slow clients that never got in would prove nothing."""
    if slow["connected"] < SLOW / 2:
        raise Cannot(f"of {SLOW} slow clients {slow['connected']} got a connection")
    return slow
