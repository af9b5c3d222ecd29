"""A control group with a CPU limit, on cgroup v1 (cpu and cpuacct may be mounted apart) and on v2."""

import pathlib
import shlex
import subprocess
import uuid

PERIOD_US = 100_000


class CannotLimit(Exception):
    """This machine gives us no control group. The text says why."""


def mounts(root=pathlib.Path("/")):
    """{controller: directory} of the v1 hierarchies, and the directory of cgroup2 under '2'."""
    found = {}
    for line in (root / "proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        place = before.split()[4]
        kind, _, options = after.split()[:3]
        if kind == "cgroup":
            for controller in options.split(","):
                found.setdefault(controller, pathlib.Path(place))
        elif kind == "cgroup2":
            found.setdefault("2", pathlib.Path(place))
    return found


class Group:
    """One group, `fraud-demo-XXXX/model-0`. Made on `make`, removed by the guard."""

    def __init__(self, limit_cores, sudo=(), root=pathlib.Path("/")):
        self._limit_us = int(limit_cores * PERIOD_US)
        self._sudo = list(sudo)
        self._name = f"fraud-demo-{uuid.uuid4().hex[:8]}"
        self._mounts = mounts(root)
        if "cpu" in self._mounts:
            self.version = "v1"  # also on a hybrid host: there the cpu controller is v1's
        elif "2" in self._mounts:
            self.version = "v2"
        else:
            raise CannotLimit("no control groups are mounted")
        self.path = f"/{self._name}/model-0"

    def directories(self):
        """All that will be made, a parent before its child."""
        wanted = ("cpu", "cpuacct", "memory") if self.version == "v1" else ("2",)
        tops = dict.fromkeys(self._mounts[name] / self._name for name in wanted
                             if name in self._mounts)  # cpu and cpuacct may be one
        return [path for top in tops for path in (top, top / "model-0")]

    def make(self, guard):
        """Makes it, with the limit set. The guard knows of it first."""
        for directory in self.directories():
            guard.order("cgroup", str(directory))
        self._shell(self._v1_script() if self.version == "v1" else self._v2_script())

    def add(self, pid):
        self._shell("\n".join(f"echo {pid} > {shlex.quote(str(leaf))}/cgroup.procs"
                              for leaf in self.directories() if leaf.name == "model-0"))

    def remove(self):
        """As the kernel would when a container ends. It must be empty."""
        self._shell("\n".join(f"rmdir {shlex.quote(str(path))}"
                              for path in reversed(self.directories())))

    def _v1_script(self):
        leaf = shlex.quote(str(self._mounts["cpu"] / self._name / "model-0"))
        made = [f"mkdir {shlex.quote(str(path))}" for path in self.directories()]
        return "\n".join(made + [f"echo {PERIOD_US} > {leaf}/cpu.cfs_period_us",
                                 f"echo {self._limit_us} > {leaf}/cpu.cfs_quota_us"])

    def _v2_script(self):
        top = self._mounts["2"]
        parent, leaf = (shlex.quote(str(path)) for path in self.directories())
        return "\n".join([f"echo +cpu > {shlex.quote(str(top))}/cgroup.subtree_control",
                          f"mkdir {parent}",
                          f"echo +cpu > {parent}/cgroup.subtree_control",
                          # memory is a convenience: the model's use of it is shown where there is one
                          f"echo +memory > {parent}/cgroup.subtree_control 2>/dev/null || true",
                          f"mkdir {leaf}", f"echo {self._limit_us} {PERIOD_US} > {leaf}/cpu.max"])

    def _shell(self, script):
        done = subprocess.run([*self._sudo, "sh", "-ec", script], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or [f"code {done.returncode}"]
            raise CannotLimit(f"control groups {self.version}: {lines[-1]}")
