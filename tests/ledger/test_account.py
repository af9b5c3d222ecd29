"""Each promise of the ledger can break: a small history in which all is well, and one change to it."""

import copy
import json
import types
import unittest

from tests.ledger import account, evidence, plan, report, steps
from tests.ledger.evidence import Copy, Episode, Row
from tests.ledger.recorder import Webhook

MAIL, CHAT = ("email", "admin@test.example"), ("telegram", "4711")
TAG = "ledger-00007-1"
STARTS, ENDS = "2026-01-02T03:04:05.000Z", "2026-01-02T03:14:05.000Z"
STARTS_MS, ENDS_MS = 1767323045000, 1767323645000


def webhook(status, code=200, tag=TAG, fingerprint="aa", starts_at=STARTS):
    alert = {"status": status, "fingerprint": fingerprint, "startsAt": starts_at,
             "annotations": {"summary": tag}}
    return Webhook(json.dumps(alert).encode(), [alert], code)


def message(target, word, marked=False, tag=TAG):
    channel, address = target
    return Copy(channel, address, f"{word}: {tag}", marked, tag, word, f"<{word}-{channel}@test.example>")


def row(target, word):
    channel, address = target
    return Row(f"{word}-{channel}", channel, address, "delivered", f"{word}: {TAG}",
               [("delivered", 250, "accepted")])


class Account(unittest.TestCase):
    """All is well before the test changes something."""

    def setUp(self):
        self.webhooks = [webhook("firing", None), webhook("firing"), webhook("firing"),
                         webhook("resolved")]
        both = [(target, word) for word in ("FIRING", "RESOLVED") for target in (MAIL, CHAT)]
        self.arrived = [message(*each) for each in both]
        self.history = types.SimpleNamespace(
            integrity=[], bodies={each.body for each in self.webhooks},
            episodes=[Episode("aa", STARTS_MS, ENDS_MS)], rows=[row(*each) for each in both])

    def broken(self):
        history = copy.deepcopy(self.history)
        strange = evidence.assign(history.rows, self.arrived)
        lines = account.lines(self.webhooks, history, self.arrived, strange, [MAIL, CHAT])
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
                self.breaks("one episode per interval")

    def test_a_row_that_waits_for_ever(self):
        for state in ("pending", "sending", "retrying", "ambiguous", "expired"):
            with self.subTest(state):
                self.history.rows[0].state = state
                self.breaks("every message is settled")

    def test_a_refusal_for_good(self):
        failed = self.history.rows[0]
        failed.state, failed.tries = "failed", [("permanent", 550, "refused on purpose at recipient")]
        del self.arrived[0]
        self.breaks()
        failed.tries = [("temporary", 450, "refused on purpose")]
        self.breaks("failed is refused, in the history")
        failed.tries = [("permanent", 550, "no reason of ours")]
        self.breaks("failed is refused, in the history")

    def test_a_refusal_is_told_over_the_other_channel(self):
        self.addCleanup(setattr, account, "FAIL_OVER", False)
        account.FAIL_OVER = True
        failed = self.history.rows[0]
        failed.state, failed.tries = "failed", [("permanent", 550, "refused on purpose")]
        del self.arrived[0]
        self.breaks("failed is refused, in the history")
        notice = message(CHAT, "FIRING")
        notice = Copy(**{**vars(notice), "text": f"FIRING: {TAG}, mail failed: refused on purpose"})
        self.history.rows.append(Row("notice", *CHAT, "delivered", notice.text, []))
        self.arrived.append(notice)
        self.breaks()

    def test_doubles(self):
        self.arrived.append(message(MAIL, "FIRING", marked=True))
        self.breaks("a double only after an ambiguous try", "possible repeat only after an ambiguous try")
        self.history.rows[0].tries.insert(0, ("ambiguous", 0, "no word"))
        self.breaks()
        self.arrived[-1] = message(MAIL, "FIRING")
        self.breaks("a double says possible repeat")

    def test_a_resolved_that_overtakes(self):
        self.arrived.reverse()
        self.breaks("no resolved before its firing")

    def test_inventions(self):
        self.arrived.append(message(CHAT, "FIRING", tag="ledger-00008-1"))
        self.breaks("nothing invented")

    def test_integrity(self):
        self.history.integrity = ["row 1 missing from index episodes_alert"]
        self.breaks("integrity_check")

    def test_steps_at_which_nobody_died(self):
        killed = dict.fromkeys(steps.STEPS, 2)
        kills = 2 * len(steps.STEPS)
        self.assertEqual(report.deaths(killed, kills, complete=True).broken, [])
        self.assertEqual(len(report.deaths(killed, kills + 1, complete=True).broken), 1)
        del killed["commit-before-sync"]
        killed[""] = 2
        self.assertEqual(report.deaths(killed, kills, complete=True).broken, ["never at commit-before-sync"])
        self.assertEqual(report.deaths(killed, kills, complete=False).broken, [])

    def test_troubles_that_did_no_harm(self):
        met = dict.fromkeys(plan.TROUBLES, 1)
        self.assertEqual(report.troubles(met, complete=True).broken, [])
        met["busy"] = 0
        self.assertEqual(report.troubles(met, complete=True).broken, ["never: busy"])
        self.assertEqual(report.troubles(met, complete=False).broken, [])


if __name__ == "__main__":
    unittest.main()
