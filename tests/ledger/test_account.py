"""Each promise of the ledger can break: a small history in which all is well, and one change to it."""

import copy
import dataclasses
import json
import random
import types
import unittest

from tests.ledger import account, evidence, model, plan, report, steps
from tests.ledger.evidence import Copy, Episode, Row, Try
from tests.ledger.recorder import Webhook

MAIL, CHAT = ("email", "admin@test.example"), ("telegram", "4711")
TAG = "ledger-00007-1"
UNRECORDED = "History: not recorded: disk full; it may come again"
STARTS, ENDS = "2026-01-02T03:04:05.000Z", "2026-01-02T03:14:05.000Z"
STARTS_MS, ENDS_MS = 1767323045000, 1767323645000


def webhook(status, code=200, tag=TAG, fingerprint="aa", starts_at=STARTS, **when):
    alert = {"status": status, "fingerprint": fingerprint, "startsAt": starts_at,
             "annotations": {"summary": tag}}
    return Webhook(json.dumps(alert).encode(), [alert], code, **when)


def message(target, word, marked=False, tag=TAG):
    channel, address = target
    return Copy(channel, address, f"{word}: {tag}", marked, tag, word, f"<{word}-{channel}@test.example>")


def row(target, word):
    channel, address = target
    return Row(f"{word}-{channel}", channel, address, "delivered", f"{word}: {TAG}",
               [Try("delivered", 250, "accepted")])


class Account(unittest.TestCase):
    """All is well before the test changes something."""

    def setUp(self):
        self.webhooks = [webhook("firing", None), webhook("firing"), webhook("firing"),
                         webhook("resolved")]
        both = [(target, word) for word in ("FIRING", "RESOLVED") for target in (MAIL, CHAT)]
        self.arrived = [message(*each) for each in both]
        self.history = types.SimpleNamespace(
            integrity=[], bodies={each.body for each in self.webhooks},
            episodes=[Episode("aa", STARTS_MS, ENDS_MS)], rows=[row(*each) for each in both], untold=[])

    def broken(self):
        history = copy.deepcopy(self.history)
        arrived = [dataclasses.replace(each, at=at) for at, each in enumerate(self.arrived)]
        strange = evidence.assign(history.rows, arrived)
        lines = account.lines(self.webhooks, history, arrived, strange, [MAIL, CHAT])
        return [line.promise for line in report.broken(lines)]

    def breaks(self, *promises):
        self.assertEqual(self.broken(), list(promises))

    def test_all_is_well(self):
        self.breaks()

    def test_a_message_that_never_came(self):
        del self.arrived[0]
        self.breaks("acknowledged - arrived, email admin@test.example", "delivered is delivered")

    def test_an_end_that_was_never_stored(self):
        del self.arrived[3], self.history.rows[3]
        self.breaks("acknowledged - arrived, telegram 4711")

    def test_a_webhook_that_is_gone(self):
        self.history.bodies.remove(self.webhooks[-1].body)
        self.breaks("acknowledged webhooks are in the history")

    def test_episodes_split_merged_and_open(self):
        for episodes in ([Episode("aa", STARTS_MS, STARTS_MS), Episode("aa", STARTS_MS, ENDS_MS)], [],
                         [Episode("aa", STARTS_MS, None)], [Episode("aa", STARTS_MS + 1, ENDS_MS)],
                         [Episode("aa", STARTS_MS, ENDS_MS), Episode("bb", STARTS_MS, ENDS_MS)]):
            with self.subTest(episodes):
                self.history.episodes = episodes
                self.breaks("no episode split")

    def test_a_row_that_waits_for_ever(self):
        for state in ("pending", "sending", "retrying", "ambiguous", "expired"):
            with self.subTest(state):
                self.history.rows[0].state = state
                self.breaks("every message is settled")

    def test_an_end_that_is_held_for_ever(self):
        self.history.untold = [("aa", "resolved", "held")]
        self.breaks("every message is settled")

    def test_a_refusal_for_good(self):
        failed = self.history.rows[0]
        failed.state, failed.tries = "failed", [Try("permanent", 413, "refused on purpose at recipient")]
        del self.arrived[0]
        self.breaks("a refusal is told over the other channel")
        failed.tries = [Try("temporary", 450, "refused on purpose")]
        self.breaks("failed is refused, in the history")
        failed.tries = [Try("permanent", 413, "no reason of ours")]
        self.breaks("failed is refused, in the history")

    def notice(self, said):
        text = f"Mailbox {MAIL[1]} refuses messages: {said}.\nNot delivered there: [FIRING] {TAG}\n"
        self.history.rows.append(Row("notice-FIRING-email-t1-0", *CHAT, "delivered", text,
                                     [Try("delivered", 200, "")]))
        self.arrived.append(Copy(*CHAT, text, False, TAG, "FIRING"))

    def test_a_refusal_is_told_over_the_other_channel(self):
        failed = self.history.rows[0]
        failed.state, failed.tries = "failed", [Try("permanent", 550, "refused on purpose")]
        del self.arrived[0]
        self.breaks("a refusal is told over the other channel")
        self.notice("550 no words of that server")
        self.breaks("a refusal is told over the other channel")
        self.history.rows.pop()
        self.arrived.pop()
        self.notice("550 refused on purpose")
        self.breaks()

    def test_a_refusal_again_before_anything_was_accepted(self):
        first, _, last, _ = self.history.rows
        for number, failed in ((1, first), (2, last)):
            failed.state, failed.tries = "failed", [Try("permanent", 550, "refused on purpose", number)]
        del self.arrived[2], self.arrived[0]
        self.notice("550 refused on purpose")
        self.breaks()
        last.tries[0] = last.tries[0]._replace(number=9)
        between = Row("other", *MAIL, "delivered", "test", [Try("delivered", 250, "", 5)])
        self.history.rows.append(between)
        self.arrived.append(Copy(*MAIL, "test", False, None, None, "<other@test.example>"))
        self.breaks("a refusal is told over the other channel")

    def test_a_dead_way_that_is_mended(self):
        self.history.rows[1].tries.insert(0, Try("temporary", 401, "Unauthorized"))
        self.breaks("a refusal is told over the other channel")

    def test_doubles(self):
        self.arrived.append(message(MAIL, "FIRING", marked=True))
        self.breaks("a double only after an ambiguous try", "possible repeat only after an ambiguous try")
        self.history.rows[0].tries.insert(0, Try("ambiguous", 0, "no word"))
        self.breaks()
        self.arrived[-1] = message(MAIL, "FIRING")
        self.breaks("a double says possible repeat")

    def test_a_double_of_what_was_not_recorded(self):
        """The first came out of memory, and its process died."""
        other = dataclasses.replace(self.arrived[0], text=f"FIRING: {TAG}\n{UNRECORDED}\n",
                                    message_id="<unknown@test.example>")
        self.arrived.insert(0, other)
        self.breaks()
        self.arrived.insert(1, other)
        self.breaks()
        self.arrived.insert(4, other)
        self.breaks("a double says possible repeat")

    def test_a_double_of_what_does_not_say_that_it_may_come_again(self):
        other = dataclasses.replace(self.arrived[0], text=f"FIRING: {TAG}\nHistory: not recorded\n")
        self.arrived.insert(0, other)
        self.breaks("a double only after an ambiguous try", "a double says possible repeat")

    def test_what_was_sent_before_it_was_recorded(self):
        self.history.rows[0].tries = [Try("delivered", 0, "sent before recorded: the history could not")]
        again = self.arrived[0]
        self.arrived[0] = dataclasses.replace(again, text=f"FIRING: {TAG}\n{UNRECORDED}\n")
        self.breaks()
        self.arrived.append(again)
        self.breaks("a double only after an ambiguous try")

    def test_a_resolved_that_overtakes(self):
        self.arrived.reverse()
        self.breaks("no resolved before its firing")

    def test_inventions(self):
        self.arrived.append(message(CHAT, "FIRING", tag="ledger-00008-1"))
        self.breaks("nothing invented")

    def test_integrity(self):
        self.history.integrity = ["row 1 missing from index episodes_alert"]
        self.breaks("integrity_check")

    def lives(self, **third):
        """An alert that fired three times; its second end is kept back for a minute."""
        known = []
        for life in (1, 2, 3):
            each = {"tag": f"ledger-00007-{life}", "starts_at": f"2026-01-02T03:0{life}:00.000Z"}
            for status, later in (("firing", 0), ("resolved", 5)):
                at = {"since": 100 * life + later, "until": 100 * life + later + 1} | (
                    third if life == 3 else {})
                known.append(webhook(status, **each, **at))
        return known

    def episodes(self, webhooks, *stored):
        found, wrong = model.episodes(webhooks, lambda one: one.tag[-1] in stored)
        return [len(each.intervals) for each in found["aa"]], len(wrong)

    def test_an_alert_that_fires_again_while_its_end_is_held(self):
        soon = self.lives(since=225, until=226)
        self.assertEqual(self.episodes(soon, "1", "2"), ([1, 2], 0))
        self.assertEqual(self.episodes(soon, "1", "2", "3"), ([1, 1, 1], 1))
        self.assertEqual(self.episodes(soon, "1"), ([3], 1))
        late = self.lives(since=300, until=301)
        self.assertEqual(self.episodes(late, "1", "2"), ([1, 2], 0))
        self.assertEqual(self.episodes(late, "1", "2", "3"), ([1, 1, 1], 0))

    def test_what_is_held_is_told_in_quiet_times(self):
        after = self.lives(since=225, until=226, era=1)
        self.assertEqual(self.episodes(after, "1", "2"), ([1, 2], 1))
        self.assertEqual(self.episodes(after, "1", "2", "3"), ([1, 1, 1], 0))

    def test_a_clock_that_was_stepped_ends_any_hold(self):
        stepped = self.lives(since=225, until=226, steps=1)
        self.assertEqual(self.episodes(stepped, "1", "2", "3"), ([1, 1, 1], 0))

    def test_steps_at_which_nobody_died(self):
        killed = dict.fromkeys(steps.STEPS, 2)
        kills = 2 * len(steps.STEPS)
        self.assertEqual(report.deaths(killed, kills, complete=True).broken, [])
        self.assertEqual(len(report.deaths(killed, kills + 1, complete=True).broken), 1)
        del killed["commit-before-sync"]
        killed[""] = 2
        self.assertEqual(report.deaths(killed, kills, complete=True).broken, ["never at commit-before-sync"])
        self.assertEqual(report.deaths(killed, kills, complete=False).broken, [])

    def test_kinds_of_news_that_never_came(self):
        self.assertEqual(len(report.kinds(self.history, long=True).broken), 4)
        self.assertEqual(report.kinds(self.history, long=False).broken, [])

    def test_troubles_that_did_no_harm(self):
        met = dict.fromkeys((*plan.TROUBLES, plan.RESTART, plan.POWER_CUT), 1)
        self.assertEqual(report.troubles(met, complete=True).broken, [])
        met["busy"] = 0
        self.assertEqual(report.troubles(met, complete=True).broken, ["never: busy"])
        self.assertEqual(report.troubles(met, complete=False).broken, [])

    def test_a_run_without_restart_or_power_cut(self):
        for missing in (plan.RESTART, plan.POWER_CUT):
            met = dict.fromkeys((*plan.TROUBLES, plan.RESTART, plan.POWER_CUT), 1) | {missing: 0}
            self.assertEqual(report.troubles(met, complete=True).broken, [f"never: {missing}"])

    def test_each_plan_restarts_and_cuts_the_power(self):
        for seed in range(100):
            drawn = plan.Plan(random.Random(seed))
            rounds = [drawn.round(number) for number in range(1, 51)]
            self.assertGreaterEqual(sum(each.restart_alertmanager for each in rounds), 3)
            self.assertGreaterEqual(sum(each.power_cut for each in rounds), 3)


if __name__ == "__main__":
    unittest.main()
