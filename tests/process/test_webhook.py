"""What the webhook answers, and what is kept."""

import json
import os
import shutil
import unittest

from tests.process.fixture import SELF, StackTest, alert, webhook
from tests.stack import web
from tests.stack.alertmanager import Alertmanager
from tests.stack.process import as_root

CAP = 4 << 20  # bytes of a body


class Webhook(StackTest):
    def test_a_body_without_a_valid_token_is_401_and_leaves_nothing(self):
        sidecar = self.sidecar()
        for token in (None, "wrong-but-long-enough", sidecar.tokens["query"]):
            with self.subTest(token is not None):
                answer = web.call(sidecar.webhook_url, token, webhook(alert()))
                self.assertEqual(answer.status, 401)
                self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
        self.assertEqual(sidecar.alerts(), [])
        self.assertEqual(self._count(sidecar, "rejected"), 3)

    def test_the_history_needs_its_own_token(self):
        sidecar = self.sidecar()
        for token in (None, sidecar.tokens["webhook"]):
            self.assertEqual(web.call(f"{sidecar.url}/api/v1/alerts", token).status, 401)

    def test_an_oversize_body_is_413(self):
        sidecar = self.sidecar()
        body = json.dumps(webhook(alert(text="x" * CAP))).encode()
        for _ in range(5):
            # A client that writes all of it before it reads must not see a reset instead.
            self.assertEqual(sidecar.post_webhook(body).status, 413)
        self.assertEqual(self._count(sidecar, "rejected"), 5)
        fitting = webhook(alert(text="x" * 1_000_000))
        self.assertEqual(sidecar.post_webhook(fitting).status, 200)

    def test_a_body_that_can_never_parse_is_400_and_kept_in_quarantine(self):
        sidecar = self.sidecar()
        bodies = [b"not json", b'{"version":"4","alerts":[{"status":"firing"}]}', b""]
        for body in bodies:
            answer = sidecar.post_webhook(body)
            self.assertEqual(answer.status, 400)
            self.assertTrue(answer.json()["error"])
        kept = self.rows(sidecar, "SELECT source, body, reason FROM quarantine ORDER BY id")
        self.assertEqual([(source, bytes(body)) for source, body, _ in kept],
                         [("demo", body) for body in bodies])
        self.assertTrue(all(reason for _, _, reason in kept))
        self.assertEqual(self._count(sidecar, "quarantined"), 3)
        self.assertEqual(sidecar.alerts(), [])

    def test_an_accepted_body_is_on_disk_before_the_answer(self):
        sidecar = self.sidecar()
        self.post(sidecar, alert())
        sidecar.process.kill()
        self.assertEqual(self.rows(sidecar, "SELECT count(*) FROM webhooks"), [(1,)])
        sidecar.start()
        self.assertEqual(len(sidecar.alerts(state="open")), 1)

    def _count(self, sidecar, result):
        return sidecar.metrics().value("fraud_sidecar_webhooks_total", result=result)


@unittest.skipUnless(as_root(), "a disk that fills up needs root for its mount")
class DiskFull(StackTest):
    """The history on a small tmpfs, mounted where only the sidecar sees it."""

    def setUp(self):
        super().setUp()
        self.disk = self.stack.folder("disk")
        self.small = self.sidecar(
            prefix=["unshare", "--mount", "--propagation", "private", "sh", "-ec",
                    f'mount -t tmpfs -o size=3m tmpfs {self.disk}; exec "$@"', "sh"],
            database=self.disk / "history.db", target=SELF)
        # The mount as the sidecar sees it.
        inside = f"/proc/{self.small.process.pid}/root{self.disk}"
        self.filler = f"{inside}/filler"

    def fill(self):
        with open(self.filler, "wb", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass

    def test_503_then_alertmanagers_own_retry_succeeds(self):
        alertmanager = Alertmanager(self.stack, self.small.webhook_url,
                                    self.small.tokens["webhook"], factor=20)
        self.fill()
        self.assertEqual(shutil.disk_usage(os.path.dirname(self.filler)).free, 0)
        # Larger than what the files have left over inside.
        alertmanager.post("Big", severity="warning", namespace="shop",
                          annotations={"text": "x" * 400_000})
        self.until(lambda: self._unavailable() >= 1, "a webhook refused with 503")
        self.assertEqual(self.small.alerts(), [])
        answer = self.small.post_webhook(webhook(alert(text="x" * 400_000)))
        self.assertEqual(answer.status, 503)
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
        os.unlink(self.filler)
        self.until(self.small.alerts, "Alertmanager's retry")
        self.assertEqual([found["name"] for found in self.small.alerts()], ["Big"])

    def _unavailable(self):
        return self.small.metrics().value("fraud_sidecar_webhooks_total", result="unavailable") or 0
