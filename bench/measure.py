"""What the benchmarks share: ratios, amounts, and what a process costs."""

import dataclasses
import os
import pathlib
import statistics

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class Cannot(Exception):
    """This machine cannot run the benchmark. The text is one sentence."""


@dataclasses.dataclass
class Ratio:
    """`ours_runs` over `peer_runs`, medians. The goal is an upper bound, "<" or "<=" in words; None: it is
    only told."""

    name: str
    unit: str
    bound: float | None
    strict: bool
    ours_runs: list
    peer_runs: list
    note: str = ""

    @property
    def value(self):
        return statistics.median(self.ours_runs) / statistics.median(self.peer_runs)

    @property
    def goal(self):
        if self.bound is None:
            return "-"
        return f"{'<' if self.strict else '<='} {self.bound:g}"

    @property
    def ours(self):
        return f"{statistics.median(self.ours_runs):.3g} {self.unit}"

    @property
    def peer(self):
        return f"{statistics.median(self.peer_runs):.3g} {self.unit}"

    @property
    def shown(self):
        return f"{self.value:.3g}"

    def met(self):
        if self.bound is None:
            return True
        return self.value < self.bound if self.strict else self.value <= self.bound

    def as_json(self):
        return {"name": self.name, "unit": self.unit, "ratio": self.value, "goal": self.goal,
                "met": self.met(), "note": self.note,
                "runs": [{"ours": ours, "peer": peer}
                         for ours, peer in zip(self.ours_runs, self.peer_runs)]}


@dataclasses.dataclass
class Amount:
    """A row without a peer: the median of `ours_runs` is at most `bound`, in the same unit."""

    name: str
    unit: str
    bound: float
    ours_runs: list
    note: str = ""
    peer = shown = "-"

    @property
    def goal(self):
        return f"<= {self.bound:g} {self.unit}"

    @property
    def ours(self):
        return f"{statistics.median(self.ours_runs):.3g} {self.unit}"

    def met(self):
        return statistics.median(self.ours_runs) <= self.bound

    def as_json(self):
        return {"name": self.name, "unit": self.unit, "goal": self.goal, "met": self.met(),
                "note": self.note, "runs": [{"ours": ours} for ours in self.ours_runs]}


@dataclasses.dataclass
class Least(Ratio):
    """A share: larger is better. Run by run `ours_runs` over `peer_runs`; the median of these is at least
    `bound`, with `every` the worst of them is."""

    every: bool = False

    @property
    def value(self):
        shares = [ours / peer for ours, peer in zip(self.ours_runs, self.peer_runs)]
        return min(shares) if self.every else statistics.median(shares)

    @property
    def goal(self):
        return "-" if self.bound is None else f"{'>' if self.strict else '>='} {self.bound:g}"

    def met(self):
        if self.bound is None:
            return True
        return self.value > self.bound if self.strict else self.value >= self.bound


def tree(pid):
    """The process and all that descend from it."""
    found = [pid]
    for task in _tasks(pid):
        try:
            children = (task / "children").read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            found += tree(int(child))
    return found


def _tasks(pid):
    try:
        return list(pathlib.Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


class Cpu:
    """CPU time of a process and its children since `start`, in seconds.

    /proc/PID/stat counts whole ticks of 10 ms, too coarse for what is idle; schedstat of a thread counts
    nanoseconds, but forgets threads and processes that ended. So: schedstat where all that were there at
    the start still are and no child was waited for, else stat.
    """

    def __init__(self, pid):
        self._pid = pid
        self._exact = self._schedstat()
        self._ticks = self._stat()

    def seconds(self):
        exact = self._schedstat()
        if set(self._exact) <= set(exact):
            total = sum(ns - self._exact.get(task, 0) for task, ns in exact.items()) / 1e9
            waited = self._stat()["waited"] - self._ticks["waited"]
            return total + waited * TICK_S
        now = self._stat()
        return sum(now[kind] - self._ticks[kind] for kind in now) * TICK_S

    def _schedstat(self):
        """{task: nanoseconds} of every thread of the tree."""
        found = {}
        for pid in tree(self._pid):
            for task in _tasks(pid):
                try:
                    found[task.name] = int((task / "schedstat").read_text().split()[0])
                except (OSError, IndexError):
                    continue  # ended just now
        return found

    def _stat(self):
        used = {"own": 0, "waited": 0}
        for pid in tree(self._pid):
            stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            fields = stat.rpartition(")")[2].split()
            used["own"] += int(fields[11]) + int(fields[12])
            used["waited"] += int(fields[13]) + int(fields[14])
        return used


def memory(pid, *fields):
    """Sum of these lines of smaps_rollup over the tree, in KiB."""
    total = 0
    for each in tree(pid):
        for line in pathlib.Path(f"/proc/{each}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name in fields:
                total += int(value.split()[0])
    return total
