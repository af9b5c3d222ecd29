"""What the robustness suites share: bytes as they stand on the wire, rows of cases, a neighbour."""

import json
import pathlib
import socket
import unittest

from tests.stack import wait
from tests.stack.fraud_model import FraudModel, transaction
from tests.stack.process import Stack

SECONDS = 15  # bound of a wait; only a failure takes so long
# A connection after a case. CLOSED_TWICE: libmicrohttpd 0.9.75 sends the head of this refusal twice
# before it closes; nothing else may come.
OPEN, CLOSED, CLOSED_TWICE = "open", "closed", "closed, the head twice"
MODEL = b"GET /model HTTP/1.1\r\nHost: model\r\n\r\n"
VALID = json.dumps(transaction()).encode()
MEMORY_GROWTH = 16 << 20  # what a test may leave behind


def post(body, path="/predict", *lines):
    """A whole request."""
    head = [f"POST {path} HTTP/1.1", "Host: model", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def head(*lines, path="/predict"):
    """The head of a POST with these header lines only; each may be bytes."""
    lines = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return b"\r\n".join([f"POST {path} HTTP/1.1".encode(), b"Host: model", *lines]) + b"\r\n\r\n"


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


class Wire:
    """One connection. Every wait is bounded: a server that hangs fails the test."""

    def __init__(self, port, connect_seconds=SECONDS):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=connect_seconds)
        self.socket.settimeout(SECONDS)
        self._received = b""

    def send(self, data):
        """Whether all was taken: a server that has refused may have closed."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def reply(self):
        """One answer, or None when the connection ends before it."""
        while b"\r\n\r\n" not in self._received:
            if not self._receive():
                return None
        text, self._received = self._received.split(b"\r\n\r\n", 1)
        first, *lines = text.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        size = int(headers.get("content-length", 0))
        while len(self._received) < size:
            if not self._receive():
                return None
        body, self._received = self._received[:size], self._received[size:]
        return Reply(int(first.split(" ")[1]), headers, body)

    def ended(self):
        """Whether the server closes, with nothing more to say."""
        return not self._received and not self._receive()

    def rest(self):
        """All that comes until the server closes."""
        while self._receive():
            pass
        return self._received

    def usable(self):
        """Whether a further request is answered as it should."""
        self.send(MODEL)
        answer = self.reply()
        return answer is not None and answer.status == 200 and b"model_version" in answer.body

    def _receive(self):
        try:
            part = self.socket.recv(1 << 16)
        except ConnectionResetError:
            part = b""
        self._received += part
        return part

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class RobustnessTest(unittest.TestCase):
    """A model of its own per class; before and after each test a neighbour gets its right answer on
    one kept connection, and memory has not grown by more than it may."""

    FLAGS = ()

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack("fraud-robustness")
        cls.addClassCleanup(cls.stack.close)
        cls.model = FraudModel(cls.stack, cls.FLAGS)

    def setUp(self):
        self.neighbour = self.wire()
        self.right = self.ask_neighbour()
        self.before = self.memory()

    def tearDown(self):
        self.model.process.check()
        self.assertEqual(self.ask_neighbour(), self.right)
        self.assertLess(self.memory() - self.before, MEMORY_GROWTH)

    def wire(self):
        wire = Wire(self.model.port)
        self.addCleanup(wire.close)
        return wire

    def ask_neighbour(self):
        self.neighbour.send(post(VALID))
        answer = self.neighbour.reply()
        self.assertIsNotNone(answer, "the neighbour's connection ended")
        self.assertEqual(answer.status, 200, answer.body)
        return answer.body

    def memory(self):
        """VmRSS in bytes."""
        status = pathlib.Path(f"/proc/{self.model.process.pid}/status").read_text(encoding="ascii")
        return 1024 * int(status.split("VmRSS:")[1].split()[0])

    def check_rows(self, rows):
        """Each row: a name, the bytes sent, the status of each answer, the connection after it."""
        for name, sent, statuses, after in rows:
            with self.subTest(name), Wire(self.model.port) as wire:
                wire.send(sent)
                for status in statuses:
                    answer = wire.reply()
                    self.assertEqual(answer and answer.status, status, answer and answer.body)
                if after == OPEN:
                    self.assertTrue(wire.usable(), "the connection is not usable")
                elif after == CLOSED_TWICE:
                    self.assertNotIn(b"HTTP/1.1", wire.rest())
                else:
                    self.assertTrue(wire.ended(), "the connection is still open")

    def until(self, condition, what):
        return wait.until(condition, SECONDS, what, needs=[self.model.process])
