"""What the process tests share: a stack per test, a sidecar with quick retries, webhook bodies."""

import os
import sqlite3
import unittest

from tests.stack import wait
from tests.stack.mailbox import Receiver
from tests.stack.process import Stack
from tests.stack.sidecar import Sidecar

ALERT = "FraudModelMaxedOutHighCPU"
SECONDS = 30  # bound of a wait; only a failure takes so long
# The test itself is the target: most tests do not look at CPU.
SELF = ["--target-pid", os.getpid(), "--cpu-source", "proc", "--cpu-limit-cores", "1"]


def quick(answer="1s", accept="2s"):
    """Flags: retries within a second, and how long to wait for the mail server."""
    return ["--retry-first", "100ms", "--retry-longest", "300ms", "--smtp-timeout", answer,
            "--smtp-accept-timeout", accept]


def alert(status="firing", name=ALERT, fingerprint="00aa", severity="critical",
          starts_at="2026-01-02T03:04:05Z", ends_at="0001-01-01T00:00:00Z", **annotations):
    return {"status": status, "fingerprint": fingerprint, "startsAt": starts_at, "endsAt": ends_at,
            "labels": {"alertname": name, "severity": severity, "namespace": "shop"},
            "annotations": annotations, "generatorURL": "http://prometheus.example/graph"}


def webhook(*alerts):
    """A body as Alertmanager's, version 4."""
    return {"version": "4", "receiver": "fraud-sidecar", "status": alerts[0]["status"],
            "alerts": list(alerts), "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
            "externalURL": "http://alertmanager.example", "groupKey": "{}:{}", "truncatedAlerts": 0}


class StackTest(unittest.TestCase):
    """Everything a test starts is gone after it. The logs of a failed test are printed."""

    def setUp(self):
        self.stack = Stack("fraud-test")
        self.addCleanup(self.stack.close)
        self.addCleanup(self._tell_logs)

    def receiver(self, **options):
        return Receiver(self.stack, **options)

    def sidecar(self, *flags, receiver=None, target=tuple(SELF), mail_waits=(), **options):
        mail = []
        if receiver:
            mail = ["--smtp-url", f"smtp://{receiver.address}:{receiver.port}", "--smtp-tls", "none",
                    "--mail-from", "fraud@test.example", "--mail-to", "admin@test.example",
                    *(mail_waits or quick())]
        return Sidecar(self.stack, [*target, *mail, *flags], **options)

    def post(self, sidecar, *alerts):
        answer = sidecar.post_webhook(webhook(*alerts))
        self.assertEqual(answer.status, 200, answer.body)

    def until(self, condition, what, needs=()):
        return wait.until(condition, SECONDS, what, needs)

    def mails(self, receiver, number):
        """The mails, once there are so many."""
        self.until(lambda: len(receiver.mails()) >= number, f"mail number {number}")
        return receiver.mails()

    def notification(self, sidecar, state):
        """The history's only notification, once it is in `state`."""
        def reached():
            found = sidecar.alert(sidecar.alerts()[0]["id"])["notifications"]
            self.assertEqual(len(found), 1)
            return found[0] if found[0]["state"] == state else None

        return self.until(reached, f"a notification in state {state}")

    def rows(self, sidecar, query):
        """What the database holds, read as sqlite3 would."""
        database = sqlite3.connect(f"file:{sidecar.database}?mode=ro", uri=True, timeout=5)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def _tell_logs(self):
        outcome = self._outcome.result
        if any(test is self for test, _ in outcome.failures + outcome.errors):
            for log in sorted(self.stack.directory.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
