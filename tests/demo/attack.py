"""The attack: fraud-attack, the open-loop driver, started once and ending by itself when it has read in
the history that the administrator was told.

Chosen here. A connection for each request, as a botnet would come: it costs a model about twice what
a kept one does, so that one generator can fill six small models. How much that is differs by machine,
so it is measured first, and the doubling ends at a rate derived from it (top_rate). Phases of 30 s are
divided as all durations are, but never below PHASE_LEAST_S: the sampler's mean of 15 s is not divided,
and much shorter steps would pass unseen.
"""

import json
import time

from tests.stack import ADMIN_ALERT, ROOT, attack_program, wait

ROWS = ROOT / "bench/load/rows.ndjson"
PHASES = (50, 200, 500, 1500)  # requests a second
PHASE_S = 30
PHASE_LEAST_S = 5
RATE_MOST = 48_000
CONNECTIONS_MAX = 4096  # more than all models take and queue: it is they who refuse, not the attack
PROBE_RPS_PER_CORE = 30_000  # about what fills a model: a request costs twice as much where few come
PROBE_S = 3
SAMPLER_S = 1.2  # the sidecar looks each second
# The top rate, in shares of that at which all models together are at their limit: enough for a neighbour
# of this machine who ends his work, so that a request costs less. Where nobody holds the models to their
# limit, this rate does.
TOP = 1.25


def top_rate(cost_s, all_cores):
    """The rate at which the attack stays, for models of `all_cores` together, when a request costs `cost_s`
    of CPU time."""
    return int(min(RATE_MOST, max(PHASES[-1], round(TOP * all_cores / cost_s, -2))))


def rates(top):
    """The rates of all phases: about doubled behind the given ones, and `top` at last."""
    found = list(PHASES)
    while found[-1] * 3 <= top:
        found.append(found[-1] * 2)
    return found + [top] * (top > found[-1])


def phase_seconds(factor):
    return max(PHASE_LEAST_S, PHASE_S / factor)


def probe(stack, pair, cpu_limit):
    """The CPU time, in seconds, that a request costs a model that is full: that of `pair`, for a moment."""
    pair.look()
    pair.begin_count()
    report = stack.path("probe.json")
    target = stack.path("probe.target", f"127.0.0.1:{pair.model.port}\n")
    process = stack.start("fraud-attack-probe", _command(
        target, [round(PROBE_RPS_PER_CORE * cpu_limit)], PROBE_S, report))
    wait.until(lambda: not process.running(), PROBE_S + 20, "the end of the probe")
    if process.wait(1) != 0:
        process.check()
    wait.stays(lambda: True, SAMPLER_S)
    pair.look()
    answered, cpu_s = _read(report).get("totals", {}).get("answered"), pair.cpu_seconds()
    if not answered or not cpu_s:
        raise RuntimeError("what a request costs a model could not be measured")
    return cpu_s / answered


class Attack:
    """Running as a process of `stack` against the fleet that stands in the file `targets`, up to `top`
    requests a second. `history` is the sidecar that has it, `urls` those of Prometheus and Alertmanager."""

    def __init__(self, stack, targets, top, factor, history, urls):
        self._report = stack.path("attack.json")
        token = stack.path("attack.token", history.tokens["query"] + "\n")
        self.rates = rates(top)
        self._phase_s = phase_seconds(factor)
        self.most_s = len(self.rates) * self._phase_s  # until the last phase has gone by
        longest = self.most_s + 600 / factor + 180
        self._begun = time.monotonic()
        self.process = stack.start("fraud-attack", _command(targets, self.rates, self._phase_s, self._report) + [
            "--prometheus", urls[0], "--alertmanager", urls[1], "--history", history.url,
            "--history-token-file", token, "--alert", ADMIN_ALERT, "--longest", _duration(longest)])

    def asked(self, now):
        """The requests a second that the schedule asks for at `now` (monotonic seconds)."""
        return self.rates[min(int((now - self._begun) / self._phase_s), len(self.rates) - 1)]

    def ended_well(self):
        """Whether it has ended, as it should: wait.Ended is raised when it failed."""
        if self.process.running():
            return False
        if self.process.wait(1) != 0:
            self.process.check()
        return True

    def stop(self):
        """Ends it before its time, as after a failure; it writes its report all the same."""
        self.process.stop()

    def report(self):
        """What it wrote at its end, {} when there is nothing to read."""
        return _read(self._report)


def _command(targets, phases, phase_s, report):
    return [attack_program(), "--targets-file", targets, "--rows", ROWS, "--connections", "new",
            "--connections-max", CONNECTIONS_MAX, "--phases", ",".join(map(str, phases)),
            "--phase-duration", _duration(phase_s), "--rate-max", phases[-1], "--json", report]


def _duration(seconds):
    return f"{round(seconds * 1000)}ms"


def _read(report):
    try:
        return json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
