"""How fast a bot may send: the rule with time as an argument, then the answers it leads to."""

import unittest

from tests.stack.telegram_pace import Limits, Pace
from tests.telegram.requests import GROUP, NEW, PRIVATE, StandInTest


def paced(limits, asks):
    """retry_after for each (chat, whether it is a group, seconds)."""
    pace = Pace(limits)
    return [pace.ask(*ask).retry_after for ask in asks]


class Rule(unittest.TestCase):
    def test_one_per_second_in_a_chat_with_a_short_burst(self):
        times = (0, 0, 0, 0, 0.5, 1, 1, 2, 2.5, 3)
        self.assertEqual(paced(Limits(), [("a", False, at) for at in times]),
                         [0, 0, 0, 1, 1, 0, 1, 0, 1, 1])

    def test_a_chat_does_not_hold_up_another(self):
        asks = [("a", False, 0)] * 4 + [("b", False, 0)] * 3
        self.assertEqual(paced(Limits(), asks), [0, 0, 0, 1, 0, 0, 0])

    def test_twenty_per_minute_in_a_group(self):
        asks = [("g", True, 2 * at) for at in range(20)] + [("g", True, at) for at in (40, 59, 60)]
        self.assertEqual(paced(Limits(), asks), [0] * 20 + [20, 1, 0])
        private = [("p", False, at) for at in range(70)]
        self.assertEqual(paced(Limits(), private), [0] * 70)

    def test_a_minute_that_slides(self):
        asks = [("g", True, at) for at in (*range(0, 40, 2), 60, 61, 62, 63)]
        self.assertEqual(paced(Limits(), asks), [0] * 21 + [1, 0, 1])

    def test_thirty_per_second_in_all(self):
        asks = [(chat, False, 0.5) for chat in range(31)] + [(99, False, 1.4), (99, False, 1.5)]
        self.assertEqual(paced(Limits(), asks), [0] * 30 + [1, 1, 0])

    def test_who_asks_too_early_is_seen(self):
        pace = Pace(Limits(chat_burst=1))
        self.assertEqual([pace.ask("a", False, at).early for at in (0, 0.1, 0.2, 1.1)],
                         [False, False, True, False])

    def test_zero_is_no_limit(self):
        limits = Limits(chat_per_second=0, group_per_minute=0, all_per_second=0)
        self.assertEqual(paced(limits, [("g", True, 0)] * 100), [0] * 100)


class Chat(StandInTest):
    limits = ["--chat-per-second", 0.01, "--chat-burst", 1]

    def test_the_answer_to_a_flood(self):
        self.assertEqual(self.send(PRIVATE).status, 200)
        self.assertEqual(self.send(PRIVATE, text="").status, 400)  # no message: not counted
        reply = self.send(PRIVATE)
        wait = reply.json()["parameters"]["retry_after"]
        self.assertIn(wait, range(90, 101))
        self.assertEqual((reply.status, reply.json()["description"]),
                         (429, f"Too Many Requests: retry after {wait}"))
        self.assertEqual(reply.headers["Retry-After"], str(wait))
        self.assertEqual(self.telegram.count("early"), 0)
        self.assertEqual(self.send(PRIVATE).status, 429)
        self.assertEqual(self.telegram.count("early"), 1)
        self.assertEqual(self.send(GROUP).status, 200)
        self.assertEqual(len(self.new_messages()), 2)


class Group(StandInTest):
    limits = ["--chat-per-second", 0, "--group-per-minute", 2, "--minute", 1]

    def test_it_opens_again_after_its_minute(self):
        self.until_status(429, GROUP)
        self.assertEqual(self.send(NEW).status, 200)
        self.until_status(200, GROUP)


class All(StandInTest):
    limits = ["--chat-per-second", 0, "--group-per-minute", 0, "--all-per-second", 1]

    def test_all_chats_together(self):
        self.until_status(429, GROUP, NEW, PRIVATE)
        self.until_status(200, PRIVATE)
