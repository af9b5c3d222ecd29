"""The directory by which a server of ours and its owner talk: port, events, behaviour, inbox."""

import json
import os
import re
import threading

from tests.stack import PYTHON, wait, whole


class Folder:
    """For several threads at once. Whoever reads a file sees a whole one or none."""

    def __init__(self, directory):
        self.path = directory
        self.inbox = directory / "inbox"
        self._lock = threading.Lock()
        self._taken = (None, 0)  # which behaviour file, how often it was followed

    def announce(self, port):
        self._write("port", str(port))

    def event(self, text):
        line = " ".join(text.split()).encode("ascii", "backslashreplace").decode("ascii")
        with self._lock, open(self.path / "events", "a", encoding="ascii") as events:
            events.write(line + "\n")

    def store(self, record):
        """The next file of the inbox."""
        with self._lock:
            self.inbox.mkdir(exist_ok=True)
            number = len(list(self.inbox.iterdir())) + 1
            self._write(f"inbox/{number:06d}.json", json.dumps(record, indent=1))

    def records(self):
        """In the order of arrival."""
        return [json.loads(path.read_text(encoding="utf-8"))
                for path in sorted(self.inbox.glob("*.json"))]

    def behaviour(self, only=None):
        """The words of the behaviour that is due, ["accept"] for none. "WORDS N times" is due N times
        after each writing of the file. With `only`, a behaviour of another first word is left alone."""
        path = self.path / "behaviour"
        with self._lock:
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                    status = os.fstat(file.fileno())
            except FileNotFoundError:
                return ["accept"]
            words, times = parse(text)
            if only and words[0] != only:
                return ["accept"]
            stamp = (status.st_ino, status.st_mtime_ns)
            count = self._taken[1] if self._taken[0] == stamp else 0
            if times is not None and count >= times:
                return ["accept"]
            self._taken = (stamp, count + 1)
            return words

    def _write(self, name, text):
        whole.write(self.path / name, text)


def parse(text):
    """(words, how many times or None for always)"""
    found = re.fullmatch(r"(.*?)(?: (\d+) times)?", text.strip(), re.DOTALL)
    return found[1].split(maxsplit=1) or ["accept"], int(found[2]) if found[2] else None


class Owner:
    """The owner's side of a server that is `python -m tests.stack.MODULE DIRECTORY ARGUMENTS --port N`."""

    def __init__(self, stack, name, module, *arguments):
        self._stack = stack
        self._name = name
        self.directory = stack.folder(name)
        self._command = [PYTHON, "-m", f"tests.stack.{module}", self.directory, *arguments]
        self.port = None
        self.process = None
        self.start()

    def start(self):
        """Starts it, or starts it again on the port it had."""
        port_file = self.directory / "port"
        port_file.unlink(missing_ok=True)
        self.process = self._stack.start(self._name, self._command + ["--port", self.port or 0])
        wait.until(port_file.exists, 30, f"{self._name} listening", needs=[self.process])
        self.port = int(port_file.read_text(encoding="utf-8"))

    def behave(self, behaviour):
        """The server's own text says what it can do."""
        whole.write(self.directory / "behaviour", behaviour)

    def events(self):
        """A line for each thing that happened."""
        try:
            return (self.directory / "events").read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return []

    def count(self, event):
        """How often something happened: "connected", "stored", "refused login"..."""
        return self.events().count(event)
