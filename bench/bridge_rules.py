"""What bench/run bridge concludes from what it counted: pure functions, and the rows they make."""

import dataclasses
import math

from bench.measure import Amount


@dataclasses.dataclass
class Worst(Amount):
    """The worst run is judged: for what must hold all the time. `bound` None: it is only told."""

    @property
    def ours(self):
        return f"{max(self.ours_runs):.3g} {self.unit}"

    @property
    def goal(self):
        return "-" if self.bound is None else super().goal

    def met(self):
        return self.bound is None or max(self.ours_runs) <= self.bound


@dataclasses.dataclass
class Beside(Amount):
    """Ours in its worst run is at most `bound`; theirs in its worst is only told. No ratio: it may be 0."""

    def __init__(self, name, unit, bound, ours_runs, peer_runs, note=""):
        super().__init__(name, unit, bound, ours_runs, note)
        self.peer_runs = peer_runs

    @property
    def ours(self):
        return f"{max(self.ours_runs):.3g} {self.unit}"

    @property
    def peer(self):
        return f"{max(self.peer_runs):.3g} {self.unit}"

    def met(self):
        return max(self.ours_runs) <= self.bound

    def as_json(self):
        made = super().as_json()
        made["runs"] = [{"ours": ours, "peer": peer}
                        for ours, peer in zip(self.ours_runs, self.peer_runs)]
        return made


@dataclasses.dataclass
class Unmeasured:
    """A row that could not be had here. `needed`: --check must not pass without it."""

    name: str
    why: str
    needed: bool
    ours = peer = shown = goal = "-"

    def met(self):
        return not self.needed

    def as_json(self):
        return {"name": self.name, "met": self.met(), "note": self.why, "runs": []}


@dataclasses.dataclass
class Answer:
    """To the payload whose alerts begin with number `first`; `at` None: it was never taken."""

    first: int
    due: float
    at: float | None


@dataclasses.dataclass
class Posted:
    """What bridge_load tells. `cpu_share`: near 1, the generator was the limit."""

    answers: list
    refused: dict
    cpu_share: float

    @classmethod
    def of(cls, report):
        return cls([Answer(*each) for each in report["posts"]], report["refused"], report["cpu_share"])

    def rate(self):
        """Answered payloads a second, from the first that was due to the last answer."""
        taken = [answer.at for answer in self.answers if answer.at is not None]
        if not taken:
            return 0.0
        return len(taken) / max(max(taken) - min(answer.due for answer in self.answers), 1e-9)

    def p99_ms(self):
        """From when a payload was due to its 200. What was never taken took for ever."""
        return 1000 * percentile(0.99, [math.inf if answer.at is None else answer.at - answer.due
                                        for answer in self.answers])


def percentile(share, values):
    """The smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def overtaken(accepted, arrivals):
    """How many messages at most went before a critical one that was already stored.

    `accepted`: {critical: when its webhook was answered}, `arrivals`: [(when, critical or None)] by the
    receiver. One is no fault: it may have been on its way."""
    worst = 0
    for critical, since in accepted.items():
        reached = min((at for at, of in arrivals if of == critical), default=math.inf)
        worst = max(worst, sum(1 for at, of in arrivals if of is None and since < at < reached))
    return worst


def lost_and_doubled(sent, arrived):
    """(how many of `sent` never arrived, how many arrivals were one too many)."""
    return len(set(sent) - set(arrived)), len(arrived) - len(set(arrived))
