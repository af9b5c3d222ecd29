"""SIGKILL of the sidecar before a message is on its way: exactly once, and nothing is marked."""

from tests.flood.fixture import ALERT, ONCE, MARKED, KilledTest, alert, webhook
from tests.flood.request import Request
from tests.stack import wait
from tests.stack.alertmanager import Alertmanager

FACTOR = 30


class Storing(KilledTest):
    def request(self, *alerts):
        made = Request(self.one, webhook(*alerts or [alert()]))
        self.addCleanup(made.close)
        return made

    def test_1_before_the_webhook(self):
        self.one.process.kill()
        with self.assertRaises(OSError):
            self.fire()
        self.killed()
        self.expect(ONCE, ONCE)

    def test_2_with_half_of_the_webhook(self):
        request = self.request()
        request.send_half()
        self.until(request.taken, "half a webhook read", [self.one.process])
        self.one.process.kill()
        self.assertEqual(request.answer(), b"")
        self.killed()
        self.expect(ONCE, ONCE)
        self.assertEqual(self.one.alerts()[0]["seen_count"], 1)  # of the half nothing stayed

    def test_3_while_it_waits_for_the_commit(self):
        request = self.request()
        with self.locked():
            request.send()
            self.until(request.taken, "the webhook read", [self.one.process])
            self.one.process.kill()
            self.assertNotIn(b" 200 ", request.answer())
        self.assertEqual(self.episodes(), 0)
        self.killed()
        self.expect(ONCE, ONCE)

    def test_4_stored_and_the_answer_not_read(self):
        # Another alert keeps both workers busy, so that this one's messages are certainly pending.
        self.behave(mail="hang", chat="hang")
        self.fire(name="Busy", fingerprint="01")
        self.until(lambda: self.mail.count("connected") and self.chat.count("fault hang"), "both hang")
        request = self.request()
        request.send()
        self.until(lambda: self.episodes() == 2, "the commit", [self.one.process])
        self.killed()
        self.expect(ONCE, ONCE)
        self.assertIn(b" 200 ", request.answer())
        # What was being sent might have arrived: the history cannot know that it did not.
        self.assertEqual(self.copies("FIRING", "Busy"), (MARKED, MARKED))

    def test_12_between_the_firing_and_its_end(self):
        self.fire()
        self.settled(2)
        self.killed()
        self.expect(ONCE, ONCE)
        firing, resolved = self.chat.messages()
        self.assertEqual(resolved.reply_to, firing.message_id)


class WithAlertmanager(KilledTest):
    """A real one, which alone decides when it comes again."""

    def test_3_it_comes_again_after_503_and_a_kill(self):
        alertmanager = Alertmanager(self.stack, self.one.webhook_url, self.one.tokens["webhook"], FACTOR)
        with self.locked():
            alertmanager.post(ALERT, severity="critical", namespace="shop")
            self.until(self._unavailable, "a webhook answered 503", [self.one.process])
            self.one.process.kill()
        self.one.start()
        self.settled(2)
        self.assertEqual(self.copies("FIRING"), (ONCE, ONCE))
        started = self.one.alerts()[0]["starts_at"]
        alertmanager.post(ALERT, ends_at=started, severity="critical", namespace="shop")
        self.settled(4)
        self.assertEqual((self.copies("FIRING"), self.copies("RESOLVED")), ((ONCE, ONCE), (ONCE, ONCE)))
        self.assertTrue(wait.stays(lambda: self.copies("RESOLVED") == (ONCE, ONCE), 60 / FACTOR))

    def _unavailable(self):
        return self.one.metrics().value("fraud_sidecar_webhooks_total", result="unavailable")
