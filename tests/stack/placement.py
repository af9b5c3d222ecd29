"""Starts a program under a CPU limit, by the best means this machine offers.

1. a control group of our own, as root or by sudo without a password
2. a systemd user scope with CPUQuota
3. no limit that is enforced: /proc and a declared one
"""

import os
import pathlib
import shutil
import subprocess

from tests.stack import PYTHON, wait
from tests.stack.cgroup import CannotLimit, Group

MODEL = [PYTHON, "-m", "tests.stack.model"]


def sudo_prefix():
    """[] for root, sudo when it asks for nothing, None when neither can be had."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None


class Placed:
    """A process under a CPU limit. `means` says in words how it is limited, `enforced` whether it really
    is; `flags` point a sidecar at it; `group` is its control group where we made one."""

    def __init__(self, process, means, limit_cores, group=None, enforced=True):
        self.process = process
        self.means = means
        self.group = group
        self.enforced = enforced
        self.flags = ["--target-pid", process.pid]
        if not enforced:
            self.flags += ["--cpu-source", "proc", "--cpu-limit-cores", limit_cores]


# Waits for a line before it becomes the program: it is in its group by then, which so is charged for
# all of its memory.
_GATE = ["sh", "-c", 'read -r _ && exec "$@"', "sh"]


def start(stack, name, command, limit_cores, sudo=None):
    """Starts `command` under the limit, its standard input a pipe, by the first of the three ways that
    works. `sudo` is sudo_prefix()."""
    def started(prefix=()):
        return stack.start(name, [*prefix, *command], stdin=subprocess.PIPE)

    reasons = []
    for way in (_in_group, _in_scope):
        try:
            return way(stack, started, limit_cores, sudo)
        except CannotLimit as reason:
            reasons.append(str(reason))
    why = "; ".join(reasons)
    return Placed(started(), f"/proc and a declared limit, enforced by nobody ({why})", limit_cores,
                  enforced=False)


class Model:
    """A running stand-in, for tests of what any model would show."""

    def __init__(self, placed, limit_cores):
        self.process = placed.process
        self.means = placed.means
        self.group = placed.group
        self.flags = placed.flags
        self._full_load = 1.0 if placed.enforced else 0.97 * limit_cores

    def burn(self):
        """All it can get; where no limit is enforced, just below the declared one."""
        self._tell(f"burn {self._full_load}")

    def idle(self):
        self._tell("idle")

    def restart(self, stack):
        """As a container that is killed: SIGKILL, its group goes, and both are made anew. Needs a group."""
        self.process.kill()
        self.group.remove()
        self.process = _begin(stack, self.group, lambda prefix: stack.start(
            "model", [*prefix, *MODEL], stdin=subprocess.PIPE))

    def _tell(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()


def start_model(stack, limit_cores, sudo=None):
    """The stand-in. `sudo` is sudo_prefix()."""
    return Model(start(stack, "model", MODEL, limit_cores, sudo), limit_cores)


def _in_group(stack, started, limit_cores, sudo):
    if sudo is None:
        raise CannotLimit("a control group needs root or sudo")
    group = Group(limit_cores, sudo)
    process = _begin(stack, group, started)
    return Placed(process, f"control group {group.version}", limit_cores, group=group)


def _begin(stack, group, started):
    """Makes the group, and a process that has never been out of it."""
    group.make(stack.guard)
    process = started(_GATE)
    group.add(process.pid)
    process.stdin.write(b"\n")
    process.stdin.flush()
    return process


def _in_scope(_stack, started, limit_cores, _sudo):
    if not shutil.which("systemd-run"):
        raise CannotLimit("no systemd-run")
    process = started(["systemd-run", "--user", "--scope", "--quiet", "--collect", "-p",
                       f"CPUQuota={limit_cores * 100:g}%"])
    groups = pathlib.Path(f"/proc/{process.pid}/cgroup")
    try:
        wait.until(lambda: ".scope" in groups.read_text(encoding="utf-8").rpartition("/")[2], 5,
                   "the start of a systemd user scope", needs=[process])
    except (wait.NotInTime, wait.Ended, OSError) as problem:
        process.kill()
        raise CannotLimit(f"systemd user scope: {problem}") from problem
    if not _has_limit(process.pid):
        process.kill()
        raise CannotLimit("systemd user scope: the user's manager may not limit CPU")
    return Placed(process, "systemd user scope", limit_cores)


def _has_limit(pid):
    path = pathlib.Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").strip().rpartition(":")[2]
    try:
        limit = pathlib.Path(f"/sys/fs/cgroup{path}/cpu.max").read_text(encoding="ascii")
    except OSError:
        return False
    return not limit.startswith("max")
