"""From a webhook to the mailbox, when the mail server or the sidecar fails on the way."""

import signal

from tests.process.fixture import ALERT, StackTest, alert, quick
from tests.stack import wait


class Delivery(StackTest):
    def test_repeats_are_folded_into_one_mail(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        for _ in range(3):
            self.post(sidecar, alert())
        self.post(sidecar, alert("resolved", ends_at="2026-01-02T03:14:05Z"))
        subjects = [mail.subject for mail in self.mails(receiver, 2)]
        self.assertIn("FIRING", subjects[0])
        self.assertIn("RESOLVED", subjects[1])
        self.assertEqual(self.rows(sidecar, "SELECT count(*) FROM outbox"), [(2,)])
        (episode,) = sidecar.alerts(name=ALERT)
        self.assertGreaterEqual(episode["seen_count"], 3)
        self.assertEqual((episode["state"], episode["ended_at"][:19]), ("ended", "2026-01-02T03:14:05"))
        self.assertEqual([step["kind"] for step in sidecar.alert(episode["id"])["transitions"]],
                         ["firing", "resolved"])

    def test_a_warning_goes_to_the_history_only(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        self.post(sidecar, alert(name="Lukewarm", fingerprint="01", severity="warning"))
        self.post(sidecar, alert(fingerprint="02"))
        self.assertIn(ALERT, self.mails(receiver, 1)[0].subject)
        found = {each["name"]: each["id"] for each in sidecar.alerts()}
        self.assertEqual(set(found), {"Lukewarm", ALERT})
        lukewarm = sidecar.alert(found["Lukewarm"])
        self.assertEqual(lukewarm["notifications"], [])
        self.assertIsNone(lukewarm["transitions"][0]["untold"], "nobody is still to be told")
        self.assertEqual(self.rows(sidecar, "SELECT count(*) FROM outbox"), [(1,)])

    def test_the_test_notification_arrives(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        self.assertEqual(sidecar.post("/api/v1/test-notification", "query").status, 401)
        self.assertEqual(sidecar.post("/api/v1/test-notification", "write").status, 200)
        self.assertIn("TEST", self.mails(receiver, 1)[0].subject)

    def test_the_server_is_down_and_comes_back(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        receiver.process.stop()
        self._delivered_late(sidecar, receiver, receiver.start)

    def test_the_server_hangs_and_recovers(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        receiver.behave("hang")
        self._delivered_late(sidecar, receiver, lambda: receiver.behave("accept"))

    def test_the_server_refuses_for_now(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        for stage in ("sender", "recipient", "data"):
            with self.subTest(stage):
                receiver.behave(f"refuse {stage} 451")
                self._delivered_late(sidecar, receiver, lambda: receiver.behave("accept"), stage,
                                     code=451)

    def _delivered_late(self, sidecar, receiver, recover, fingerprint="ff", code=None):
        """While the server fails: retried, in the history and in the metrics. Then it arrives."""
        before = len(receiver.mails())
        self.post(sidecar, alert(fingerprint=fingerprint))
        episode = sidecar.alerts()[0]["id"]

        def tries():
            return sidecar.alert(episode)["notifications"][0]["attempts"]

        self.until(lambda: len(tries()) >= 2, "two failed tries")
        self.assertEqual({step["outcome"] for step in tries()}, {"temporary"})
        self.assertEqual({step["code"] for step in tries()}, {code})
        self.assertTrue(tries()[0]["detail"])
        self.until(lambda: self._metric(sidecar, "notifications_total", outcome="temporary") >= 2,
                   "both tries in the metrics")
        self.until(lambda: self._metric(sidecar, "channel_up") == 0, "the channel down in the metrics")
        self.assertGreater(sidecar.metrics().value("fraud_sidecar_oldest_undelivered_seconds"), 0)
        recover()
        mails = self.mails(receiver, before + 1)
        self.until(lambda: sidecar.alert(episode)["notifications"][0]["state"] == "delivered",
                   "the delivery in the history")
        self.assertEqual(len(mails), before + 1)
        self.until(lambda: self._metric(sidecar, "channel_up") == 1, "the channel up in the metrics")

    def _metric(self, sidecar, name, **labels):
        return sidecar.metrics().value(f"fraud_sidecar_{name}", channel="email", **labels)

    def test_a_mailbox_that_does_not_exist_is_given_up(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        receiver.behave("refuse recipient 550")
        self.post(sidecar, alert())
        (attempt,) = self.notification(sidecar, "failed")["attempts"]
        self.assertEqual((attempt["outcome"], attempt["code"]), ("permanent", 550))
        self.assertEqual(sidecar.metrics().value("fraud_sidecar_outbox_rows", state="failed"), 1)


class Killed(StackTest):
    """SIGKILL loses nothing that was answered with 200."""

    def test_between_webhook_and_message(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        receiver.process.stop()
        self.post(sidecar, alert())
        sidecar.process.kill()
        receiver.start()
        sidecar.start()
        (mail,) = self.mails(receiver, 1)
        self.assertTrue(mail.says("FIRING", ALERT))
        self.notification(sidecar, "delivered")

    def test_while_the_server_hangs(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver, mail_waits=quick(answer="60s"))
        receiver.behave("hang")
        self.post(sidecar, alert())
        self.until(lambda: receiver.count("connected"), "a connection that hangs")
        sidecar.process.kill()
        receiver.behave("accept")
        sidecar.start()
        self.assertTrue(self.mails(receiver, 1)[0].says("FIRING", ALERT))
        self.notification(sidecar, "delivered")

    def test_in_the_middle_of_sending_is_marked_possible_repeat(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver, mail_waits=quick(accept="60s"))
        receiver.behave("keep-and-hang")
        self.post(sidecar, alert())
        self.mails(receiver, 1)
        sidecar.process.kill()
        receiver.behave("accept")
        sidecar.start()
        first, second = self.mails(receiver, 2)
        self.assertEqual(first.message_id, second.message_id)
        self.assertNotIn("possible repeat", first.part("plain").lower() + first.subject.lower())
        self.assertIn("possible repeat", second.part("plain").lower() + second.subject.lower())
        attempts = self.notification(sidecar, "delivered")["attempts"]
        self.assertEqual([(step["outcome"], step["possible_repeat"]) for step in attempts],
                         [("ambiguous", False), ("delivered", True)])

    def test_a_connection_lost_after_the_data_is_sent_again_and_marked(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        receiver.behave("keep-and-drop")
        self.post(sidecar, alert())
        self.mails(receiver, 1)
        receiver.behave("accept")
        mails = self.mails(receiver, 2)
        self.assertEqual(len({mail.message_id for mail in mails}), 1)
        self.assertIn("possible repeat", (mails[-1].part("plain") + mails[-1].subject).lower())

    def test_sigterm_ends_it_cleanly_and_keeps_the_history(self):
        sidecar = self.sidecar()
        self.post(sidecar, alert())
        sidecar.process.signal(signal.SIGTERM)
        self.assertEqual(sidecar.process.wait(15), 0)
        sidecar.start()
        self.assertEqual([found["state"] for found in sidecar.alerts()], ["open"])
        self.assertTrue(wait.stays(sidecar.process.running, 0.1))
