"""What the flood benchmark concludes from what fraud-attack counted: pure functions."""

import dataclasses

from bench.measure import Cannot

KNEE = 0.9  # a rung whose goodput is below this share of the best one lies beyond the capacity
OFFERED = 0.97  # of what was asked for: else the generator did not reach the rate


@dataclasses.dataclass
class Phase:
    """One phase of fraud-attack. `goodput`: good answers a second, in time reckoned from when each
    request was due. `error_p99_ms` is None when nothing was sent."""

    target_rps: int
    seconds: float
    offered_rps: float
    goodput: float
    error_p99_ms: float | None
    limited: bool  # by the generator, as it says itself

    @property
    def reached(self):
        """Whether the rate was really offered, so that the phase says something about the service."""
        return not self.limited and self.offered_rps >= OFFERED * self.target_rps


def phases(report):
    """Those of the report that fraud-attack writes. Cannot unless it got to its end."""
    if report["result"] != "done":
        raise Cannot(f"fraud-attack ended as {report['result']}: {report['problem']}")
    return [Phase(each["target_rps"], each["seconds"], each["offered_rps"],
                  each["good"] / each["seconds"], each["schedule_error_ms"]["p99"],
                  each["generator_limited"])
            for each in report["phases"] if each["seconds"] > 0]


def climb_ends(rungs):
    """Whether the last rung of a rising ladder is the last that is wanted: the generator or the
    service was at its end."""
    best = max(rung.goodput for rung in rungs)
    return not rungs[-1].reached or rungs[-1].goodput < KNEE * best


def best(rungs):
    """The rung with the most goodput. That goodput is the capacity."""
    return max(rungs, key=lambda rung: rung.goodput)


def lower(phase):
    """The rate to try after one that the generator did not reach."""
    return int(0.85 * min(phase.target_rps, phase.offered_rps))


def disturbed_s(seen, share):
    """Seconds from the begin of the first phase whose goodput was below `share` of its rate to the
    end of the last such one: up to one phase too much at either end. 0 without any."""
    bad = [number for number, phase in enumerate(seen)
           if phase.goodput < share * phase.target_rps]
    return sum(phase.seconds for phase in seen[bad[0]:bad[-1] + 1]) if bad else 0.0
