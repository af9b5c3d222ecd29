"""What a flood leaves of a model: goodput, health, memory; and whether the generator is to be believed.

The model is pinned to one core; fraud-attack, the health prober and the slow clients to another. Every
request of a flood comes over a connection of its own, from fraud-attack, whose rate does not depend on
the answers. Goodput counts answers 200 and 422 within 100 ms of when their request was due. The capacity
is the best goodput of a rising ladder of rates, found in the same run; a flood is told as a multiple of it.

A connection costs the one who opens it more than the one who accepts it, so one generator core cannot
flood one core of the model: "whole core" has no goal, and shows what it bore. Beyond the capacity the
model is flooded where it shares its core with five busy processes, without a quota; there it has about
a sixth, in slices of some milliseconds, as on a slower core. Much less would be too little for its default
limits: 256 connections and 128 in the queue need 3,840 answers a second to be answered within 100 ms.

8x is offered as far as the generator comes; the row's name says how far. At 0.05 core, which has a quota
and so stands still for most of each tenth of a second, answers count within 500 ms.

Memory is compared between moments at which the same programs run, since a page that others map too
counts in parts: with 50 requests a second, when the model has served that for some seconds and returned
what its start needed; at the most during the floods; and with 50 requests a second a minute later.

"back" is how long slow clients that come once, and stay as long as they are let, disturb honest ones: at
most the message deadline of 10 s, seen in steps of 0.25 s, of which one at either end may be too much.
"""

import statistics
import sys

from bench import flood_slowloris as slowloris
from bench.flood_attack import Attack, others_share, pin_model
from bench.flood_sides import Setting, found
from bench.measure import Amount, Least, Ratio
from tests.stack.fraud_model import FraudModel
from tests.stack.process import Stack

FAST = 30_000
STEADY = 1_500
KEPT_S = 5
MULTIPLES = (1.3, 8)
LEAST = (0.85, 0.5)  # of the capacity, at these multiples
SETTINGS = {
    "whole": Setting("whole core", 100, 1_500, 1),
    "shared": Setting("1/6 core", 100, 1_000, 1, sharers=5),
    "quota": Setting("0.05 core", 500, 100, 2, timeout_ms=1_000, cpu_limit=0.05),
}


def generator():
    """The phases at 30,000 and at 1,500 requests a second over kept connections."""
    with Stack("fraud-bench") as stack:
        model = FraudModel(stack)
        pin_model(model.process.pid)
        return Attack(stack, model.port, [(STEADY, KEPT_S), (FAST, KEPT_S)]).phases()


def one_run():
    limit = ["--max-connections-per-ip", slowloris.PER_IP]
    return {"busy": others_share(), "kept": generator(),
            **{name: found(setting, MULTIPLES, name == "shared")
               for name, setting in SETTINGS.items()},
            "limited": slowloris.beside(limit, slowloris.ADDRESSES),
            "unlimited": slowloris.beside([], slowloris.ADDRESSES),
            "wave": slowloris.wave([], slowloris.ADDRESSES),
            "same": slowloris.wave(limit, slowloris.SAME)}


def generator_rows(runs):
    steady = [run["kept"][0] for run in runs]
    fast = [run["kept"][1] for run in runs]
    return [Least(f"offered of {FAST}/s", "k/s", 0.99, False,
                  [phase.offered_rps / 1000 for phase in fast], [FAST / 1000] * len(runs)),
            Amount(f"p99 error at {STEADY}/s", "ms", 5,
                   [phase.error_p99_ms for phase in steady], "when a request went, after it was due")]


def flood_rows(sides, setting, judged):
    """Of all runs that got so far; health is judged in any case."""
    rows = []
    for number, least in enumerate(LEAST):
        got = [(side.capacity, side.floods[number]) for side in sides if number < len(side.floods)]
        if not got:
            continue
        times = statistics.median(flood.times for _, flood in got)
        floods = [flood.probed for _, flood in got]
        # Below the lowest multiple it is no flood, and says nothing about one.
        bound = least if judged and times >= 0.97 * MULTIPLES[0] else None
        rate = statistics.median(flood.phase.offered_rps for flood in floods)
        cpu = statistics.median(flood.cpu for flood in floods)
        more = "; the capacity is more, the generator ended first" if sides[0].bounded else ""
        rows.append(Least(
            f"{times:.1f}x, {setting.name}", "k/s", bound, False,
            [flood.phase.goodput / 1000 for flood in floods],
            [capacity / 1000 for capacity, _ in got],
            f"{rate:.0f}/s offered, the model used {cpu:.2f} cores{more}"))
        rows.append(Least("  /health meanwhile", "probes", 1, False,
                          [flood.health["answered"] for flood in floods],
                          [flood.health["asked"] for flood in floods],
                          f"within {setting.health_within_s} s", every=True))
    return rows


def slow_rows(runs):
    honest = [slowloris.HONEST / 1000] * len(runs)
    return [
        Least("slowloris, limit on", "k/s", 0.95, False,
              [run["limited"].goodput / 1000 for run in runs], honest,
              f"{slowloris.SLOW} from {len(slowloris.ADDRESSES)} addresses, {slowloris.PER_IP} each"),
        Least("slowloris, limit off", "k/s", None, False,
              [run["unlimited"].goodput / 1000 for run in runs], honest, "who is cut comes back"),
        *(Amount(name, "s", slowloris.DEADLINE_S + 2 * slowloris.STEP_S,
                 [run[key].disturbed_s for run in runs], note)
          for name, key, note in (
              ("back, limit off", "wave", "honest clients disturbed by slow ones that came once"),
              ("back, same address", "same", "the same, limit on")))]


def memory_rows(sides):
    before, peak, after = (list(each) for each in zip(*(side.pss for side in sides)))
    note = "1/6 core, against a model that answers 50 requests a second"
    return [Ratio("pss at the peak", "MiB", 1.6, False, peak, before, note),
            Ratio("pss a minute after", "MiB", 1.1, False, after, before, note)]


def measure(options):
    runs = []
    for number in range(options.runs):
        print(f"flood: run {number + 1} of {options.runs}", file=sys.stderr, flush=True)
        runs.append(one_run())
        if runs[-1]["busy"] > 0.1:
            print(f"flood: others used {runs[-1]['busy']:.0%} of this machine before the run",
                  file=sys.stderr, flush=True)
    rows = generator_rows(runs)
    for name, setting in SETTINGS.items():
        rows += flood_rows([run[name] for run in runs], setting, setting.cpu_limit is None)
    return rows + slow_rows(runs) + memory_rows([run["shared"] for run in runs])
