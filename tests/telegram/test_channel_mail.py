"""Whatever Telegram does, the mail of the same alert is not later for it."""

import datetime

from tests.process.fixture import ALERT, SELF, alert
from tests.telegram.fixture import TelegramTest

AT_ONCE = 10  # seconds; without trouble it is a part of one
# No second try at Telegram before the mail has long been there.
SLOW = ["--retry-first", "20s", "--retry-longest", "20s", *SELF]


def moment(text):
    return datetime.datetime.fromisoformat(text)


class Mail(TelegramTest):
    def both(self, timeout="2s"):
        telegram, receiver = self.telegram(), self.receiver()
        return telegram, receiver, self.teller(telegram, timeout=timeout, target=SLOW, receiver=receiver,
                                               mail_waits=["--smtp-timeout", "5s"])

    def arrived(self, receiver, sidecar, number):
        """The mail, at its first try and at once."""
        mail = self.mails(receiver, number)[-1]
        self.assertTrue(mail.says("FIRING", ALERT), mail.subject)
        (sent,) = self.until(lambda: [each for each in self.notifications(sidecar, "email")
                                      if each["state"] == "delivered"], "the delivery in the history")
        self.assertEqual(len(sent["attempts"]), 1)
        took = mail.received_at - moment(sent["created_at"])
        self.assertLess(took, datetime.timedelta(seconds=AT_ONCE))

    def test_while_telegram_answers_what_it_should_not(self):
        telegram, receiver, sidecar = self.both()
        for number, behaviour in enumerate(("429 30", "400 chat not found", "403 bot was kicked",
                                            "status 502", "drop"), 1):
            with self.subTest(behaviour):
                telegram.behave(behaviour)
                self.post(sidecar, alert(fingerprint=f"0{number}"))
                self.arrived(receiver, sidecar, number)
                self.assertNotEqual(self.notifications(sidecar)[0]["state"], "delivered")
        self.assertEqual(telegram.messages(), [])

    def test_while_telegram_does_not_answer(self):
        telegram, receiver, sidecar = self.both(timeout="60s")
        telegram.behave("hang")
        self.post(sidecar, alert())
        self.until(lambda: telegram.count("fault hang"), "a request that hangs")
        self.arrived(receiver, sidecar, 1)
        (waiting,) = self.notifications(sidecar)
        self.assertEqual((waiting["state"], waiting["attempts"]), ("sending", []))
        self.assertEqual(telegram.count("gone"), 0)

    def test_and_the_other_way_round(self):
        telegram, receiver, sidecar = self.both()
        receiver.behave("hang")
        self.post(sidecar, alert())
        self.messages(telegram, 1)
        self.settled(sidecar, "delivered")
        self.assertEqual(receiver.mails(), [])
