"""From "webhook committed" to "mail accepted", against the least that any sender must do.

Ours, twice, since the commit lies between the two and the dispatcher starts before the answer is read:
from the moment the poster has the answer 200, and from the moment it sends the request, to the moment
the SMTP receiver accepts the mail.
Peer: one write and fsync of as many bytes, on the same file system, then one bare SMTP transaction with
a mail of the same size through a raw socket to the same receiver. One of ours, one of theirs, in turn.
"""

import http.client
import json
import os
import socket
import statistics
import time

from bench.measure import Ratio
from tests.stack import PYTHON, wait
from tests.stack.process import Stack
from tests.stack.sidecar import Sidecar

GOAL = 3
BOUND_S = 30


class Receiver:
    def __init__(self, stack):
        directory = stack.folder("receiver")
        self._accepted = directory / "accepted"
        self.process = stack.start("receiver", [PYTHON, "-m", "bench.receiver", directory])
        wait.until((directory / "port").exists, BOUND_S, "the receiver listening",
                   needs=[self.process])
        self.port = int((directory / "port").read_text(encoding="ascii"))
        self._seen = 0

    def next(self):
        """(moment in ns, bytes) of the mail after the last one that was asked for."""

        def arrived():
            text = self._accepted.read_text(encoding="ascii") if self._accepted.exists() else ""
            lines = text.split("\n")[:-1]
            return lines[self._seen] if len(lines) > self._seen else None

        line = wait.until(arrived, BOUND_S, "the arrival of a mail", needs=[self.process], every=0.002)
        self._seen += 1
        moment, size = line.split()
        return int(moment), int(size)


def webhook(number):
    """What Alertmanager sends for one new alert."""
    alert = {"status": "firing", "fingerprint": f"{number:016x}",
             "labels": {"alertname": "FraudModelMaxedOutHighCPU", "severity": "critical",
                        "namespace": "bench", "run": str(number)},
             "annotations": {"summary": "the autoscaler is at its maximum", "description": "x" * 200},
             "startsAt": "2026-01-02T03:04:05.678Z", "endsAt": "0001-01-01T00:00:00Z",
             "generatorURL": "http://prometheus.example/graph"}
    return json.dumps({"version": "4", "receiver": "fraud-sidecar", "status": "firing",
                       "groupKey": "{}:{}", "alerts": [alert], "groupLabels": {}, "commonLabels": {},
                       "commonAnnotations": {}, "externalURL": "", "truncatedAlerts": 0}).encode()


class Ours:
    def __init__(self, stack, receiver):
        self._receiver = receiver
        self._sidecar = Sidecar(stack, [
            "--target-pid", os.getpid(), "--cpu-source", "proc", "--mail-to", "admin@example.org",
            "--mail-from", "fraud@example.org", "--smtp-url", f"smtp://127.0.0.1:{receiver.port}",
            "--smtp-tls", "none", "--notify-severities", "critical"])
        self._number = 0
        self.directory = self._sidecar.database.parent

    def once(self):
        """(nanoseconds from the request, nanoseconds from its 200, bytes of webhook and mail)."""
        self._number += 1
        body = webhook(self._number)
        connection = http.client.HTTPConnection("127.0.0.1", self._sidecar.port, timeout=BOUND_S)
        posted = time.monotonic_ns()
        connection.request("POST", "/api/v1/webhook", body, {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._sidecar.tokens['webhook']}"})
        answer = connection.getresponse()
        committed = time.monotonic_ns()
        text = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"the webhook was answered {answer.status}: {text[:200]!r}")
        accepted, size = self._receiver.next()
        return accepted - posted, accepted - committed, len(body) + size, size


class Bare:
    def __init__(self, receiver, directory):
        self._receiver = receiver
        self._file = os.open(directory / "bench-fsync", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def once(self, stored_bytes, mail_bytes):
        """Nanoseconds."""
        record = b"x" * stored_bytes
        mail = _mail(mail_bytes)
        begun = time.monotonic_ns()
        os.write(self._file, record)
        os.fsync(self._file)
        self._send(mail)
        accepted, _ = self._receiver.next()
        return accepted - begun

    def _send(self, mail):
        with socket.create_connection(("127.0.0.1", self._receiver.port), timeout=BOUND_S) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers = line.makefile("rb")
            _expect(answers, b"220")
            for command, code in ((b"EHLO bench", b"250"), (b"MAIL FROM:<fraud@example.org>", b"250"),
                                  (b"RCPT TO:<admin@example.org>", b"250"), (b"DATA", b"354"),
                                  (mail + b"\r\n.", b"250")):
                line.sendall(command + b"\r\n")
                _expect(answers, code)


def _mail(size):
    lines = [b"Subject: bench", b""]
    while sum(map(len, lines)) + 2 * len(lines) < size:
        lines.append(b"x" * 74)
    return b"\r\n".join(lines)[:size]


def _expect(answers, code):
    while True:
        line = answers.readline()
        if not line.startswith(code):
            raise RuntimeError(f"the receiver answered {line!r}")
        if line[3:4] != b"-":
            return


def measure(options):
    posted, answered, bare = [], [], []
    with Stack("fraud-bench") as stack:
        receiver = Receiver(stack)
        us = Ours(stack, receiver)
        them = Bare(receiver, us.directory)
        *_, stored, mail = us.once()  # the first ones pay for what later ones find ready
        them.once(stored, mail)
        for _ in range(options.runs):
            rounds = []
            for _ in range(options.deliveries):
                from_post, from_answer, stored, mail = us.once()
                rounds.append((from_post, from_answer, them.once(stored, mail)))
            for took, medians in zip(zip(*rounds), (posted, answered, bare)):
                medians.append(statistics.median(took) / 1e6)
    peer = "peer: fsync + bare SMTP transaction"
    return [Ratio("delivery", "ms", GOAL, False, answered, bare,
                  f"webhook answered 200 to mail accepted; {peer}"),
            Ratio("delivery_from_post", "ms", GOAL, False, posted, bare,
                  f"webhook sent to mail accepted, the commit included; {peer}")]
