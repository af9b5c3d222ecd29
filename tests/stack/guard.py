"""Clears up after its owner, however that one ends: also by SIGKILL.

A separate process that reads orders, one JSON list a line, from a pipe whose other end only the
owner holds. At the end of the pipe it carries them out and ends:

    ["process", PID, START]   SIGKILL, unless the pid is by now somebody else's
    ["cgroup", PATH]          kill what is inside, remove the directory
    ["directory", PATH]       remove with all that is inside
    ["keep", PATH]            but do not: for logs of what went wrong

An owner that ends well closes the pipe and waits: one way to clear up, not two. Started through sudo
when the owner needed sudo to make the cgroup.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

from tests.stack import PYTHON, ROOT, wait


class Guard:
    """The owner's side."""

    def __init__(self, prefix=()):
        self._process = subprocess.Popen(
            [*prefix, PYTHON, "-m", "tests.stack.guard"], cwd=ROOT, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def order(self, *words):
        self._process.stdin.write(json.dumps(words) + "\n")

    def process(self, pid):
        self.order("process", pid, started(pid))

    def finish(self):
        """Has everything carried out, and returns when that is done."""
        self._process.stdin.close()
        self._process.wait(timeout=30)


def started(pid):
    """When a process began, in ticks since boot; with the pid, its identity. None when it is gone."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])


def kill(pid, start):
    if start is not None and started(pid) == start:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def remove_cgroup(path):
    def removed():
        try:
            for pid in (path / "cgroup.procs").read_text(encoding="ascii").split():
                os.kill(int(pid), signal.SIGKILL)
        except OSError:
            pass
        try:
            path.rmdir()
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True

    try:
        wait.until(removed, 10, f"the removal of {path}")
    except wait.NotInTime:
        pass  # nobody is left to tell


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    orders = [json.loads(line) for line in sys.stdin]
    for kind, *words in reversed(orders):  # the last made goes first: a cgroup before its parent
        if kind == "process":
            kill(*words)
    for kind, *words in reversed(orders):
        if kind == "cgroup":
            remove_cgroup(pathlib.Path(words[0]))
        elif kind == "directory" and ["keep", words[0]] not in orders:
            shutil.rmtree(words[0], ignore_errors=True)


if __name__ == "__main__":
    main()
