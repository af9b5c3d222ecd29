"""What a person reads in the chat: the text as it was rendered, whatever is in it, in parts when long."""

import re

from tests.process.fixture import ALERT, alert
from tests.stack.telegram import GROUP
from tests.telegram.fixture import RESOLVED, TelegramTest

MARKUP = "<b>80</b> &amp; _*[x](http://y) `z` ||s|| \\_ {{ $value }}"
EMOJI = "\U0001f525 \U0001f469\u200d\U0001f680 \U0001d518 \u00fc"  # beyond U+FFFF two UTF-16 units each
UNITS_MAX = 4096


def units(text):
    return len(text.encode("utf-16-le")) // 2


class Text(TelegramTest):
    def rendered(self, sidecar):
        """The texts as they were stored, in the order of their making."""
        return [text.strip() for text, in self.rows(sidecar, "SELECT text FROM outbox ORDER BY id")]

    def plain(self, message):
        """It was sent with entities that all count, and with nothing that parses its text."""
        self.assertIsNone(message.record["parse_mode"])
        self.assertEqual(message.record["entities_ignored"], 0)
        self.assertTrue(message.record["link_preview_options"]["is_disabled"])
        for piece in message.bold():
            self.assertRegex(piece, r"^(FIRING|RESOLVED): |^[A-Z][\w ]*:$")

    def test_nothing_in_a_text_is_markup(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram)
        fire = alert(summary=MARKUP, note=EMOJI + MARKUP)
        fire["labels"]["place"] = EMOJI
        self.post(sidecar, fire)
        (message,) = self.messages(telegram, 1)
        self.assertEqual([message.text], self.rendered(sidecar))
        for literal in (MARKUP, EMOJI, EMOJI + MARKUP):
            self.assertIn(literal, message.text)
        self.plain(message)
        bold = message.bold()
        self.assertEqual(bold[0], f"FIRING: {ALERT} (critical)")
        self.assertEqual(bold[-1], "Labels:")  # behind every astral character

    def test_a_critical_one_sounds_and_a_warning_does_not(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram, "--notify-severities", "critical",
                              "--notify-severities", "warning")
        self.post(sidecar, alert(name="Lukewarm", fingerprint="01", severity="warning"), alert())
        messages = self.messages(telegram, 2)
        self.assertEqual([(ALERT in each.text, each.silent) for each in messages],
                         [(True, False), (False, True)])

    def test_a_long_one_comes_in_parts(self):
        telegram = self.telegram(limits=["--group-per-minute", 0])
        sidecar = self.teller(telegram, chats=[f"{GROUP['id']}/7"])
        words = [f"{number:04}\U0001f525" for number in range(900)]
        notes = {f"note_{at:02}": " ".join(words[at * 150:(at + 1) * 150]) for at in range(6)}
        self.post(sidecar, alert(**notes))
        parts = self.parts(telegram, sidecar, 2)
        self.assertEqual(re.findall("[0-9]{4}\U0001f525", "".join(part.text for part in parts)), words)
        self.assertEqual([part.reply_to for part in parts],
                         [None] + [parts[0].message_id] * (len(parts) - 1))
        self.post(sidecar, alert(**RESOLVED))
        resolved = self.messages(telegram, len(parts) + 1)[-1]
        self.assertTrue(resolved.says("RESOLVED", ALERT), resolved.text)
        self.assertEqual((resolved.topic, resolved.reply_to), (7, parts[0].message_id))

    def parts(self, telegram, sidecar, least):
        """The messages that one text has become."""
        stored = self.rendered(sidecar)
        self.assertGreaterEqual(len(stored), least)
        parts = self.messages(telegram, len(stored))
        self.assertEqual([part.text for part in parts], stored)
        for number, part in enumerate(parts, 1):
            self.assertTrue(part.text.endswith(f"\n({number}/{len(parts)})"), part.text[-20:])
            self.assertLessEqual(units(part.text), UNITS_MAX)
            self.assertEqual(part.topic, 7)
            self.plain(part)
        sent = self.settled(sidecar, "delivered", len(parts))
        self.assertEqual({len(each["attempts"]) for each in sent}, {1})
        return parts
