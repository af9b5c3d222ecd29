"""fraud-sidecar tells a chat: firing and resolved, topics and groups that change, the test message."""

from tests.process.fixture import ALERT, alert
from tests.stack.telegram import GROUP, PRIVATE
from tests.telegram.fixture import RESOLVED, TelegramTest

OLD, NEW = -22, -1003


class Channel(TelegramTest):
    def test_the_resolved_replies_to_the_firing(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram)
        self.post(sidecar, alert(summary="cpu < 80 & <b>"))
        firing = self.messages(telegram, 1)[0]
        self.assertTrue(firing.says("FIRING", ALERT), firing.text)
        self.assertIn("cpu < 80 & <b>", firing.text)
        self.post(sidecar, alert(**RESOLVED))
        resolved = self.messages(telegram, 2)[1]
        self.assertTrue(resolved.says("RESOLVED", ALERT), resolved.text)
        self.assertEqual((firing.reply_to, resolved.reply_to), (None, firing.message_id))

    def test_the_answered_message_was_deleted(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram)
        self.post(sidecar, alert())
        self.messages(telegram, 1)
        self.settled(sidecar, "delivered")
        telegram.forget()
        self.post(sidecar, alert(**RESOLVED))
        (resolved,) = self.messages(telegram, 1)
        self.assertTrue(resolved.says("RESOLVED", ALERT), resolved.text)
        self.assertIsNone(resolved.reply_to)
        sent = self.settled(sidecar, "delivered", 2)
        self.assertEqual([len(each["attempts"]) for each in sent], [1, 1])

    def test_a_topic(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram, chats=[f"{GROUP['id']}/7"])
        self.post(sidecar, alert())
        message = self.messages(telegram, 1)[0]
        self.assertEqual((message.chat_id, message.topic), (GROUP["id"], 7))

    def test_a_topic_that_is_gone_or_closed_is_left_out(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram, chats=[f"{GROUP['id']}/9", f"{GROUP['id']}/8"])
        self.post(sidecar, alert())
        messages = self.messages(telegram, 2)
        self.assertEqual([(each.chat_id, each.topic) for each in messages], [(GROUP["id"], None)] * 2)
        for sent in self.settled(sidecar, "delivered", 2):
            (only,) = sent["attempts"]
            self.assertIn("without its topic", only["detail"])

    def test_a_group_that_became_a_supergroup_is_followed_and_remembered(self):
        telegram = self.telegram({"id": OLD, "type": "group"})
        sidecar = self.teller(telegram, chats=[OLD])
        self.post(sidecar, alert(fingerprint="01"))
        self.messages(telegram, 1)
        telegram.set_chats([{"id": OLD, "type": "group", "migrated_to": NEW},
                            {"id": NEW, "type": "supergroup"}])
        self.post(sidecar, alert(fingerprint="01", **RESOLVED))
        resolved = self.messages(telegram, 2)[1]
        self.assertEqual((resolved.chat_id, resolved.reply_to), (NEW, None))
        last = self.settled(sidecar, "delivered", 2)[1]["attempts"]
        self.assertEqual(len(last), 1)
        self.assertIn(str(NEW), last[0]["detail"])
        self.post(sidecar, alert(fingerprint="02"))
        self.assertEqual(self.messages(telegram, 3)[2].chat_id, NEW)
        self.assertEqual(self._refusals(telegram), 1)

    def _refusals(self, telegram):
        return telegram.count("refused 400 Bad Request: group chat was upgraded to a supergroup chat")

    def test_the_test_notification_goes_to_both_channels(self):
        telegram, receiver = self.telegram(), self.receiver()
        sidecar = self.teller(telegram, receiver=receiver, mail_waits=["--smtp-timeout", "2s"])
        answer = sidecar.post("/api/v1/test-notification", "write")
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual({(sent["channel"], sent["state"]) for sent in answer.json()["notifications"]},
                         {("email", "delivered"), ("telegram", "delivered")})
        (mail,), (message,) = self.mails(receiver, 1), self.messages(telegram, 1)
        self.assertIn("TEST", mail.subject)
        self.assertIn("Test notification", message.text)
        telegram.set_chats([{**PRIVATE, "blocked": True}])
        answer = sidecar.post("/api/v1/test-notification", "write")
        self.assertEqual(answer.status, 202, answer.body)
        self.assertIn("blocked by the user", answer.body.decode())
        self.mails(receiver, 2)
