"""What the Bot API may answer, and what becomes of the message: later, never, or again and marked."""

import datetime

from tests.process.fixture import alert
from tests.stack import whole
from tests.stack.telegram import GROUP, PRIVATE
from tests.telegram.fixture import TelegramTest, possible_repeat

# Tests of how messages are lost are not about how fast they may come.
UNPACED = ["--chat-per-second", 0, "--group-per-minute", 0, "--all-per-second", 0]


def moment(text):
    return datetime.datetime.fromisoformat(text)


class Answers(TelegramTest):
    def outcomes(self, sidecar, number):
        return [(step["outcome"], step["code"]) for step in self.attempts(sidecar, number)]

    def test_a_pause_that_is_asked_for_is_kept(self):
        telegram = self.telegram(limits=["--chat-burst", 1, "--chat-per-second", 0.5])
        sidecar = self.teller(telegram)
        self.post(sidecar, alert(fingerprint="01"))
        self.messages(telegram, 1)
        self.post(sidecar, alert(fingerprint="02"))
        self.messages(telegram, 2)
        first, *_, last = self.attempts(sidecar, 2)
        self.assertEqual((first["outcome"], first["code"]), ("temporary", 429))
        asked = int(first["detail"].rpartition(" ")[2])
        waited = moment(last["started_at"]) - moment(first["ended_at"])
        self.assertGreaterEqual(waited, datetime.timedelta(seconds=asked))
        self.assertEqual(telegram.count("early"), 0)
        self.assertFalse(possible_repeat(telegram.messages()[1]))

    def test_a_chat_that_has_to_wait_does_not_hold_up_another(self):
        telegram = self.telegram(limits=["--group-per-minute", 1, "--minute", 30])
        sidecar = self.teller(telegram, chats=[GROUP["id"], PRIVATE["id"]])
        self.post(sidecar, alert(fingerprint="01"))
        self.messages(telegram, 2)
        self.post(sidecar, alert(fingerprint="02"))
        self.until(lambda: len(telegram.messages(PRIVATE["id"])) == 2, "the message to the other chat")
        sent = {each["target"]: each["state"] for each in self.notifications(sidecar)}
        self.assertEqual(sent[str(GROUP["id"])], "retrying")
        self.assertEqual(len(telegram.messages(GROUP["id"])), 1)

    def test_a_refusal_for_good_is_told_in_the_servers_words(self):
        telegram = self.telegram(PRIVATE, {"id": 12, "type": "private", "blocked": True})
        sidecar = self.teller(telegram, chats=[12, 13])
        self.post(sidecar, alert())
        sent = self.settled(sidecar, "failed", 2)
        told = [(step["outcome"], step["code"], step["detail"])
                for each in sent for step in each["attempts"]]
        self.assertEqual(told, [("permanent", 403, "Forbidden: bot was blocked by the user"),
                                ("permanent", 400, "Bad Request: chat not found")])
        self.assertEqual(sidecar.metrics().value("fraud_sidecar_outbox_rows", state="failed"), 2)
        self.assertEqual(telegram.messages(), [])

    def test_a_token_that_is_refused_is_read_again(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram)
        self.change_token(telegram)
        self.post(sidecar, alert())
        self.assertEqual(set(self.outcomes(sidecar, 2)), {("temporary", 401)})
        whole.write(telegram.token_file, telegram.token + "\n")
        (message,) = self.messages(telegram, 1)
        self.assertFalse(possible_repeat(message))
        self.settled(sidecar, "delivered")

    def test_the_token_file_is_gone_for_a_while(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram)
        telegram.token_file.unlink()
        self.post(sidecar, alert())
        tries = self.attempts(sidecar, 1)
        self.assertEqual(tries[0]["outcome"], "temporary")
        self.assertIn("bot token file", tries[0]["detail"])
        self.assertEqual(telegram.count("connected"), 0)
        whole.write(telegram.token_file, telegram.token + "\n")
        self.assertFalse(possible_repeat(self.messages(telegram, 1)[0]))

    def test_an_error_in_the_servers_own_words_is_sat_out(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram)
        for code in (404, 500):
            with self.subTest(code):
                before = len(telegram.messages())
                telegram.behave(f"status {code} 1 times")
                self.post(sidecar, alert(fingerprint=f"{code}"))
                self.assertFalse(possible_repeat(self.messages(telegram, before + 1)[-1]))
                self.settled(sidecar, "delivered")
                self.assertEqual(self.outcomes(sidecar, 2), [("temporary", code), ("delivered", 200)])

    def test_an_answer_that_leaves_it_open_makes_a_marked_repeat(self):
        telegram = self.telegram(limits=UNPACED)
        sidecar = self.teller(telegram, timeout="500ms")
        for behaviour, code, kept in (
                ("status 502", 502, 0), ("hang", None, 0), ("drop", None, 0), ("keep-and-hang", None, 1),
                ("keep-and-drop", None, 1), ("keep-and-cut", None, 1)):
            with self.subTest(behaviour):
                before = len(telegram.messages())
                telegram.behave(f"{behaviour} 1 times")
                self.post(sidecar, alert(fingerprint=behaviour))
                new = self.messages(telegram, before + kept + 1)[before:]
                self.assertEqual([possible_repeat(each) for each in new], [False] * kept + [True])
                self.settled(sidecar, "delivered")
                self.assertEqual(self.outcomes(sidecar, 2), [("ambiguous", code), ("delivered", 200)])
                self.assertEqual(len(telegram.messages()), before + kept + 1)
