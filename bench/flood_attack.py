"""The two sides of the flood: a model pinned to one core, and fraud-attack on another."""

import json
import os

from bench import flood_rules
from bench.measure import Cannot
from tests.stack import PYTHON, attack_program, wait

MARGIN_S = 60  # beyond its phases, until fraud-attack is given up
SAMPLE_S = 0.25


def cores():
    """(the model's, the generator's)."""
    ours = sorted(os.sched_getaffinity(0))
    if len(ours) < 2:
        raise Cannot("a flood needs two cores: one for the model, one for the generator")
    return ours[0], ours[-1]


def pin_model(pid):
    """All threads that it has; later ones inherit it."""
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), {cores()[0]})


def beside_generator(command):
    return ["taskset", "-c", str(cores()[1]), *command]


def share_core(stack, count):
    """`count` processes that are always busy, on the model's core: what the model gets of it is about
    1 / (count + 1), in slices of milliseconds, as on a slower core."""
    for _ in range(count):
        stack.start("sharer", ["taskset", "-c", str(cores()[0]), "sh", "-c", "while :; do :; done"])


class Attack:
    """fraud-attack, begun. `rates` are its phases, (requests a second, seconds) each."""

    def __init__(self, stack, port, rates, *flags):
        self._file = stack.path("attack.json")
        self._file.unlink(missing_ok=True)
        self._seconds = sum(seconds for _, seconds in rates)
        listed = ",".join(f"{rate}:{round(seconds * 1000)}ms" for rate, seconds in rates)
        self._process = stack.start("attack", beside_generator([
            attack_program(), "--target", f"127.0.0.1:{port}", "--phases", listed, "--rate-max", 1,
            "--progress-interval", "1h", "--json", self._file, *flags]))

    def phases(self, sample=lambda: None):
        """Waits for its end, calling `sample` meanwhile."""
        def ended():
            sample()
            return not self._process.running()

        wait.until(ended, self._seconds + MARGIN_S, "the end of fraud-attack", every=SAMPLE_S)
        if self._process.wait(1) or not self._file.exists():
            self._process_says()
        return flood_rules.phases(json.loads(self._file.read_text(encoding="utf-8")))

    def _process_says(self):
        lines = self._process.text().strip().splitlines() or ["it said nothing"]
        raise Cannot(f"fraud-attack failed: {lines[-1][:200]}")


class Helper:
    """A small process of this folder that says `begun` in a line when it is at work, and what it
    counted, as JSON in its last line, after SIGTERM."""

    def __init__(self, stack, module, *arguments):
        self._process = stack.start(module, beside_generator([PYTHON, "-m", f"bench.{module}",
                                                              *arguments]))
        wait.until(lambda: "begun" in self._process.text(), 20, f"{module} at work",
                   needs=[self._process], every=0.01)

    def counted(self):
        """Ends it."""
        self._process.check()
        self._process.stop()
        try:
            return json.loads(self._process.text().strip().splitlines()[-1])
        except json.JSONDecodeError as problem:
            raise Cannot(f"a helper told no count: {self._process.text().strip()[-200:]}") from problem


def others_share():
    """The share of this machine's CPU time that was used during one second, before a run: what the
    figures have to bear."""
    def ticks():
        with open("/proc/stat", encoding="ascii") as f:
            fields = [int(field) for field in f.readline().split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    total, idle = ticks()
    wait.stays(lambda: True, 1, every=1)
    total_after, idle_after = ticks()
    return 1 - (idle_after - idle) / max(total_after - total, 1)
