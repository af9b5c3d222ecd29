"""A stand-in for the HorizontalPodAutoscaler, said to be one: the same published formula over the
sidecars' ratios, and it only scales up. What is left out: the behaviour policies, which would let two
pairs come at once, and the way down with its five minutes of waiting.
"""

import math

from tests.stack.compression import seconds

TARGET = 0.65
TOLERANCE = 0.1  # kube-controller-manager's default: so near to the target nothing is done
SYNC_S = seconds("15s")  # its default period, at real time


def desired(current, ratios, target, minimum, maximum, tolerance=TOLERANCE):
    """How many replicas there should be, at least `minimum` and at most `maximum`.

    `ratios` has one share of the limit for each of the `current` replicas, None where it is unknown
    (a new pod has none for its first seconds). As the HPA does: the mean is that of the known ones; when
    it asks for more, the unknown count as idle, when it asks for fewer, as fully used; and if with
    these the answer would turn round, or be within the tolerance, nothing is done. So what is unknown
    holds scaling back, and with nothing known there is none.
    """
    return min(maximum, max(minimum, _wanted(current, ratios, target, tolerance)))


def _wanted(current, ratios, target, tolerance):
    known = [ratio for ratio in ratios if ratio is not None]
    if not known:
        return current
    usage = sum(known) / len(known) / target
    missing = len(ratios) - len(known)
    if missing:
        assumed = 0.0 if usage > 1 else max(1.0, target)
        with_missing = (sum(known) + assumed * missing) / len(ratios) / target
        if (usage > 1) != (with_missing > 1):
            return current
        usage = with_missing
    if abs(usage - 1) <= tolerance:
        return current
    return math.ceil(usage * len(ratios))


class Autoscaler:
    """Asks each period whether the fleet should grow, and has it grow, never shrink."""

    def __init__(self, fleet, minimum, maximum, factor):
        self._fleet = fleet
        self._bounds = (minimum, maximum)
        self._period_s = SYNC_S / factor
        self._due = None

    def tick(self, now):
        """Pairs begun, at `now` (monotonic seconds)."""
        if self._due is not None and now < self._due:
            return 0
        self._due = now + self._period_s
        ratios = list(self._fleet.ratios().values())
        more = max(0, desired(len(ratios), ratios, TARGET, *self._bounds) - len(ratios))
        for _ in range(more):
            self._fleet.grow()
        return more
