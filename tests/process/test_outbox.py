"""What becomes of a page when a way to the person is closed, there is no network, or no history."""

import json
import unittest

from tests.process.fixture import ALERT, StackTest, alert, webhook
from tests.process.small_disk import SmallDiskTest
from tests.stack import web
from tests.stack.network import ADDRESS, OwnNetwork
from tests.stack.process import as_root
from tests.stack.telegram import PRIVATE
from tests.telegram.fixture import TelegramTest

RESOLVED = {"status": "resolved", "ends_at": "2026-01-02T03:14:05Z"}


class DeadWay(TelegramTest):
    def both(self):
        telegram, receiver = self.telegram(), self.receiver()
        return telegram, receiver, self.teller(telegram, receiver=receiver,
                                               mail_waits=["--smtp-timeout", "5s"])

    def test_a_chat_that_is_gone_is_told_to_the_mailbox_once(self):
        telegram, receiver, sidecar = self.both()
        telegram.set_chats([])
        self.post(sidecar, alert())
        subjects = {mail.subject: mail for mail in self.mails(receiver, 2)}
        (notice,) = [mail for subject, mail in subjects.items() if "[NOTICE]" in subject]
        text = " ".join(notice.part("plain").split())
        self.assertIn(f"Telegram chat {PRIVATE['id']} refuses messages: 400", text)
        self.assertIn("chat not found", text)
        self.assertIn("You still get alerts here", text)
        (lost,) = self.settled(sidecar, "failed")
        self.assertEqual(lost["attempts"][-1]["code"], 400)
        # The next ones are lost there too, and nobody is told of it again.
        self.post(sidecar, alert(fingerprint="02"))
        self.settled(sidecar, "failed")
        self.post(sidecar, alert(fingerprint="02", **RESOLVED))
        self.until(lambda: receiver.about("RESOLVED", ALERT), "the last mail")
        self.settled(sidecar, "failed", 2)
        self.assertEqual(len(receiver.mails()), 4)
        dead = sidecar.metrics().value("fraud_sidecar_dead_tries_total", channel="telegram")
        self.assertEqual(dead, 3)

    def test_a_revoked_token_is_told_and_the_message_still_goes(self):
        telegram, receiver, sidecar = self.both()
        old = telegram.token_file.read_text(encoding="utf-8")
        self.change_token(telegram)
        self.post(sidecar, alert())
        notice = self.until(lambda: [mail for mail in receiver.mails() if "[NOTICE]" in mail.subject],
                            "a notice")[0]
        self.assertIn("401", notice.part("plain"))
        self.assertNotIn(old.strip(), notice.part("plain"))
        telegram.token_file.write_text(telegram.token + "\n", encoding="utf-8")
        self.messages(telegram, 1)
        (sent,) = self.settled(sidecar, "delivered")
        self.assertEqual({step["code"] for step in sent["attempts"]}, {401, 200})
        self.assertEqual(len(receiver.mails()), 2, "told once, however many tries")

    def test_a_refused_mailbox_is_told_to_the_chat(self):
        telegram, receiver, sidecar = self.both()
        receiver.behave("refuse recipient 550")
        self.post(sidecar, alert())
        texts = [message.text for message in self.messages(telegram, 2)]
        (notice,) = [text for text in texts if "refuses messages" in text]
        self.assertIn("Mailbox admin@test.example refuses messages: 550", notice)


@unittest.skipUnless(as_root(), "a network of one's own needs root")
class NoNetwork(StackTest):
    def test_no_try_is_burnt_until_there_is_one(self):
        network = OwnNetwork()
        self.addCleanup(network.close)
        network.add_address()
        receiver = self.receiver(address=ADDRESS)
        network.take_address()
        sidecar = self.sidecar(receiver=receiver)
        self.post(sidecar, alert())
        self.until(lambda: "network_down" in sidecar.process.text(), "the loss told in the log")
        self.assertEqual(sidecar.metrics().value("fraud_sidecar_network_up"), 0)
        self.assertIsNone(sidecar.metrics().value("fraud_sidecar_channel_up", channel="email"))
        self.assertEqual(self.notification(sidecar, "pending")["attempts"], [])
        network.add_address()
        self.mails(receiver, 1)
        attempts = self.notification(sidecar, "delivered")["attempts"]
        self.assertEqual([(step["number"], step["outcome"]) for step in attempts], [(1, "delivered")])
        self.assertEqual(sidecar.metrics().value("fraud_sidecar_network_up"), 1)
        self.assertEqual(sidecar.process.text().count("network_down"), 1)


class NoHistory(SmallDiskTest):
    def readiness(self, sidecar):
        answer = web.call(f"{sidecar.url}/readyz")
        return answer.status, json.loads(answer.body)

    def test_the_page_goes_out_and_is_recorded_later(self):
        receiver = self.receiver()
        sidecar = self.small(receiver=receiver)
        # Larger than what the files have left over inside.
        body = webhook(alert(text="x" * 400_000))
        self.assertEqual(self.readiness(sidecar), (200, {"ready": True, "history": "written"}))
        self.assertEqual(sidecar.metrics().value("fraud_sidecar_history_writable"), 1)
        self.fill()
        self.assertEqual(sidecar.post_webhook(body).status, 503)
        # It still pages, so it must not be taken out of a Service.
        full = {"ready": True, "history": "not written: database: database or disk is full"}
        self.assertEqual(self.readiness(sidecar), (200, full))
        self.assertEqual(sidecar.metrics().value("fraud_sidecar_history_writable"), 0)
        (mail,) = self.mails(receiver, 1)
        self.assertTrue(mail.says("FIRING", ALERT))
        self.assertIn("not recorded: disk full", mail.part("plain"))
        self.assertEqual(sidecar.post_webhook(body).status, 503, "Alertmanager tries again")
        pages = sidecar.metrics().value("fraud_sidecar_unrecorded_pages_total", result="queued")
        self.assertEqual(pages, 1)
        self.until(lambda: sidecar.metrics().value("fraud_sidecar_channel_up", channel="email") == 1,
                   "the outcome of the try")
        self.make_room()
        self.assertEqual(sidecar.post_webhook(body).status, 200)
        self.assertEqual(self.readiness(sidecar)[1]["history"], "written")
        (attempt,) = self.notification(sidecar, "delivered")["attempts"]
        self.assertIn("sent before recorded", attempt["detail"])
        # The next mail is the resolved one: the firing did not come again.
        self.post(sidecar, alert(**RESOLVED))
        subjects = [found.subject for found in self.mails(receiver, 2)]
        self.assertEqual(["FIRING" in subject for subject in subjects], [True, False])

    def test_what_was_sent_without_a_history_is_said_at_the_end(self):
        receiver = self.receiver()
        sidecar = self.small(receiver=receiver)
        self.fill()
        self.assertEqual(sidecar.post_webhook(webhook(alert(text="x" * 400_000))).status, 503)
        self.until(lambda: sidecar.metrics().value("fraud_sidecar_channel_up", channel="email") == 1,
                   "the outcome of the try")
        sidecar.process.stop()
        self.assertIn(f"pages_not_recorded sent=1 sent_alerts={ALERT} unsent=0", sidecar.process.text())
