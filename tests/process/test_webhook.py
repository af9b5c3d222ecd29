"""What the webhook answers, and what is kept."""

import json
import os

from tests.process.fixture import StackTest, alert, webhook
from tests.process.small_disk import SmallDiskTest
from tests.stack import web
from tests.stack.alertmanager import Alertmanager

CAP = 4 << 20  # bytes of a body
REJECTED = 'webhook_rejected status=401 remote=127.0.0.1 reason="a valid bearer token is needed"'


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
        self.until(lambda: sidecar.process.text().count(REJECTED) == 3, "who was rejected, and why, in the log")

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

    def test_a_token_is_changed_while_it_runs(self):
        sidecar = self.sidecar()
        old, new, next_one = sidecar.tokens["webhook"], "the-new-token-of-the-webhook", "and-the-one-after-that-one"
        self.assertEqual(self._status(sidecar, old), 200)
        self._change_tokens(f"demo {new}\n")
        self.assertEqual(self._status(sidecar, new), 200)
        self.assertEqual(self._count(sidecar, "rejected"), 0)
        self.assertEqual(self._status(sidecar, old), 401)
        self.assertEqual(self._count(sidecar, "rejected"), 1)
        # What was good last stays good: a change that went wrong refuses nobody.
        for number, broken in enumerate(("", "demo half-writ", None), 1):
            with self.subTest(broken):
                self._change_tokens(broken)
                self.assertEqual(self._status(sidecar, new), 200)
                self.assertEqual(self._status(sidecar, old), 401)
                self.until(lambda: sidecar.process.text().count("token_file_kept_old") == number,
                           "one line in the log, however many requests")
                self.assertEqual(self._keeps_old(sidecar), 1)
        self._change_tokens(f"demo {next_one}\n")
        self.assertEqual([self._status(sidecar, token) for token in (next_one, new, old)], [200, 401, 401])
        self.assertEqual(self._keeps_old(sidecar), 0)
        self.assertEqual(self._count(sidecar, "rejected"), 6)
        for secret in (old, new, next_one, "half-writ"):
            self.assertNotIn(secret, sidecar.process.text())
        self.assertEqual([found["source"] for found in sidecar.alerts()], ["demo"], "who posts is the same")

    def _status(self, sidecar, token):
        return web.call(sidecar.webhook_url, token, webhook(alert())).status

    def _keeps_old(self, sidecar):
        return sidecar.metrics().value("fraud_sidecar_token_file_kept_old", scope="webhook")

    def _change_tokens(self, text):
        """Puts another file in its place, as a mounted secret is changed; None: there is none."""
        path = self.stack.path("sidecar.webhook.token")
        if text is None:
            path.unlink()
        else:
            os.replace(self.stack.path("new.token", text), path)

    def _count(self, sidecar, result):
        return sidecar.metrics().value("fraud_sidecar_webhooks_total", result=result)


class DiskFull(SmallDiskTest):
    def setUp(self):
        super().setUp()
        self.program = self.small()

    def test_503_then_alertmanagers_own_retry_succeeds(self):
        alertmanager = Alertmanager(self.stack, self.program.webhook_url,
                                    self.program.tokens["webhook"], factor=20)
        self.fill()
        # Larger than what the files have left over inside.
        alertmanager.post("Big", severity="warning", namespace="shop",
                          annotations={"text": "x" * 400_000})
        self.until(lambda: self._unavailable() >= 1, "a webhook refused with 503")
        self.assertEqual(self.program.alerts(), [])
        answer = self.program.post_webhook(webhook(alert(text="x" * 400_000)))
        self.assertEqual(answer.status, 503)
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
        self.make_room()
        self.until(self.program.alerts, "Alertmanager's retry")
        self.assertEqual([found["name"] for found in self.program.alerts()], ["Big"])

    def _unavailable(self):
        return self.program.metrics().value("fraud_sidecar_webhooks_total", result="unavailable") or 0
