"""One model under a flood: its capacity, what is left of it beyond that, its health and memory."""

import dataclasses
import statistics

from bench import flood_rules
from bench.flood_attack import Attack, Helper, pin_model, share_core
from bench.measure import Cannot, Cpu, memory
from tests.stack import placement, wait
from tests.stack.fraud_model import FraudModel
from tests.stack.process import Stack

RUNG_S = 3  # long against the queue, which would make a short burst look like capacity
RUNG_STEP = 1.4
RUNGS_MAX = 24
FLOOD_S = 8
TRIES = 8
CONNECTIONS = 16_384  # so many that the attacker does not run out of them before the model
AFTER_S = 60
RETURNED_S = 10  # the model returns free memory so often
CALM_RPS = 50
CALM_S = 8


@dataclasses.dataclass
class Setting:
    """Where the model runs and what is asked of it. `sharers`: see share_core."""

    name: str
    good_within_ms: int
    first_rate: int  # of the ladder
    health_within_s: int
    timeout_ms: int = 500  # an attacker hangs up
    sharers: int = 0
    cpu_limit: float | None = None


@dataclasses.dataclass
class Probed:
    """`cpu` is the model's use, in cores; `pss` its memory, in MiB, again and again."""

    phase: flood_rules.Phase
    health: dict  # of flood_prober
    cpu: float
    pss: list


@dataclasses.dataclass
class Flooded:
    """`times` is the offered rate over the capacity."""

    times: float
    probed: Probed


@dataclasses.dataclass
class Found:
    """`capacity` in good answers a second; `bounded`: the generator was at its end first, so it is
    more. `pss` before the flood, at its peak and a minute after, where it was looked at."""

    capacity: float
    bounded: bool
    floods: list
    pss: tuple | None = None


class Side:
    def __init__(self, stack, setting):
        self._stack = stack
        self._setting = setting
        self._model = FraudModel(stack, cpu_limit=setting.cpu_limit, sudo=placement.sudo_prefix())
        if setting.cpu_limit and not self._model.placed.enforced:
            raise Cannot(f"no CPU limit can be set here: {self._model.placed.means}")
        pin_model(self._model.process.pid)
        share_core(stack, setting.sharers)
        self.pss_peak = 0.0  # MiB, of all floods

    def _attack(self, rate, seconds, sample=lambda: None):
        attack = Attack(self._stack, self._model.port, [(rate, seconds)], "--connections", "new",
                        "--connections-max", CONNECTIONS, "--timeout",
                        f"{self._setting.timeout_ms}ms",
                        "--good-within", f"{self._setting.good_within_ms}ms")
        phase = attack.phases(sample)[0]
        self._model.process.check()
        self._settle()
        return phase

    def _probed(self, rate, seconds):
        """An attack with all that is looked at meanwhile. A page that other programs map too counts in
        parts, so memory is compared between moments at which the same ones run."""
        cpu, pss = Cpu(self._model.process.pid), []
        prober = Helper(self._stack, "flood_prober", "127.0.0.1", self._model.admin_port,
                        "/health", self._setting.health_within_s)
        phase = self._attack(rate, seconds, lambda: pss.append(
            memory(self._model.process.pid, "Pss") / 1024))
        # The first one may be from before fraud-attack has begun, the last from after its end.
        return Probed(phase, prober.counted(), cpu.seconds() / phase.seconds, pss[1:-1])

    def _settle(self):
        """What the last attack left in the queues is answered or closed."""
        wait.until(lambda: self._model.metrics().value("http_connections") == 0, 60,
                   "the end of the attack's connections", needs=[self._model.process])

    def capacity(self):
        """(the best goodput, whether the generator was at its end first): a rising ladder until past
        the best rung, then the two between it and its neighbours."""
        rungs, rate = [], self._setting.first_rate
        while len(rungs) < RUNGS_MAX:
            rungs.append(self._attack(round(rate), RUNG_S))
            if flood_rules.climb_ends(rungs):
                break
            rate *= RUNG_STEP
        middle = flood_rules.best(rungs).target_rps
        near = [self._attack(round(middle * by), RUNG_S) for by in (RUNG_STEP**-0.5, RUNG_STEP**0.5)]
        bounded = not (rungs[-1].reached and near[-1].reached)
        return flood_rules.best(rungs + near).goodput, bounded

    def flood(self, times, capacity):
        """At `times` its capacity, or as near to that as the generator comes."""
        rate = int(times * capacity)
        for _ in range(TRIES):
            probed = self._probed(rate, FLOOD_S)
            self.pss_peak = max([self.pss_peak, *probed.pss])
            if probed.phase.reached:
                return Flooded(probed.phase.offered_rps / capacity, probed)
            rate = flood_rules.lower(probed.phase)
        raise Cannot(f"fraud-attack reached no rate within {TRIES} tries")

    def calm_pss(self):
        """MiB while it serves a few."""
        return statistics.median(self._probed(CALM_RPS, CALM_S).pss)


def found(setting, multiples, look_at_memory=False):
    with Stack("fraud-bench") as stack:
        side = Side(stack, setting)
        if look_at_memory:
            side.calm_pss()  # what is touched for the first time; a flood comes later
            wait.stays(lambda: True, RETURNED_S, every=RETURNED_S)
            before = side.calm_pss()
        capacity, bounded = side.capacity()
        floods = []
        for times in multiples:
            floods.append(side.flood(times, capacity))
            if floods[-1].times < 0.95 * times:
                break  # the generator's end: it offers no more at a higher multiple
        pss = None
        if look_at_memory:
            wait.stays(lambda: True, AFTER_S, every=AFTER_S)
            pss = (before, side.pss_peak, side.calm_pss())
        return Found(capacity, bounded, floods, pss)
