"""Processes that cannot outlive their owner, each with a log file in the owner's directory."""

import itertools
import os
import pathlib
import signal
import socket
import subprocess
import tempfile

from tests.stack import ROOT
from tests.stack import wait
from tests.stack.guard import Guard


class Process:
    """One running program. `log` holds what it wrote on both outputs."""

    def __init__(self, name, command, log, stdin=subprocess.DEVNULL, cwd=ROOT):
        self.name = name
        self.log = log
        # The kernel kills it when the thread that started it ends, so start from the main thread.
        with open(log, "ab") as out:
            self._child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *map(str, command)], cwd=cwd, stdin=stdin,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        self.pid = self._child.pid
        self.stdin = self._child.stdin

    def running(self):
        return self._child.poll() is None

    def check(self):
        """Raises wait.Ended, with the last line it wrote, unless it is still running."""
        if self.running():
            return
        lines = self.text().strip().splitlines() or ["it wrote nothing"]
        raise wait.Ended(f"{self.name} ended with code {self._child.returncode}: {lines[-1]}")

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def signal(self, number):
        if self.running():
            self._child.send_signal(number)

    def wait(self, seconds):
        """Its exit code, as subprocess gives it."""
        return self._child.wait(timeout=seconds)

    def kill(self):
        self.signal(signal.SIGKILL)
        self._child.wait()
        self._close()

    def stop(self, seconds=10):
        """Asks it to end, and insists after `seconds`. Its exit code."""
        self.signal(signal.SIGTERM)
        try:
            self._child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()
        return self._child.returncode

    def _close(self):
        if self.stdin:
            self.stdin.close()


class Stack:
    """A directory, the processes started in it, and a guard over all. Use it with `with`."""

    def __init__(self, name="fraud", sudo=()):
        self.guard = Guard(sudo)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-"))
        self.guard.order("directory", str(self.directory))
        self._processes = []
        self._numbers = itertools.count(1)

    def keep_files(self):
        """The directory stays after the end."""
        self.guard.order("keep", str(self.directory))

    def start(self, name, command, stdin=subprocess.DEVNULL, cwd=ROOT):
        log = self.directory / f"{name}-{next(self._numbers)}.log"
        process = Process(name, command, log, stdin, cwd)
        self.guard.process(process.pid)
        self._processes.append(process)
        return process

    def path(self, name, text=None):
        """A file in the directory, readable by the owner only, with `text` if given."""
        path = self.directory / name
        if text is not None:
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        return path

    def folder(self, name):
        path = self.directory / name
        path.mkdir(exist_ok=True)
        return path

    def close(self):
        for process in reversed(self._processes):
            process.stop()
        self.guard.finish()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def free_port():
    """A port nobody listens on now. Another may take it before its user does: see start_on_port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_on_port(start, ready, seconds=30, tries=3):
    """For servers that cannot choose a port: start(port) gives the process, ready(port) says it serves.

    Tries another port when the process ends before it serves. Gives (process, port).
    """
    for left in reversed(range(tries)):
        port = free_port()
        process = start(port)
        try:
            wait.until(lambda: ready(port), seconds, f"{process.name} serving", needs=[process])
            return process, port
        except wait.Ended:
            if left == 0 or "address already in use" not in process.text():
                raise
    raise AssertionError("unreachable")


def as_root():
    return os.geteuid() == 0
