"""A scripted fault that was not carried out, or was ignored, breaks the run."""

import unittest

from tests.ledger import faults, plan, report
from tests.stack.folder import parse

MAIL_DONE = {"hang": "", "keep-and-hang": "220 250 250 250 354 kept", "drop": "",
             "keep-and-drop": "220 250 250 250 354 kept", "drip 0.2": "220 250 250 250 354 kept 250 221",
             "drip 3": "220", "hang sender": "220 250", "hang content": "220 250 250 250 354",
             "refuse data 451": "220 250 250 250 354 451 221", "refuse recipient 450": "220 250 250 450 221",
             "refuse recipient 550": "220 250 250 550 221"}
CHAT_DONE = {"429 1": "429", "400 ledger refuses": "400", "403 ledger refuses": "403", "401": "401",
             "status 502": "502", "status 500": "500", "hang": "", "keep-and-hang": "taken", "drop": "",
             "keep-and-drop": "taken", "keep-and-502": "taken 502", "keep-and-cut": "taken half",
             "slow 0.5": "taken 200", "drip 0.5": "taken", "drip 4": "taken"}


def ended(behaviour, done, seconds=1.3, then=""):
    return f"under {behaviour}: {' '.join(filter(None, [done, 'in']))} {seconds:.2f} s{then}"


class Scripted(unittest.TestCase):
    """Each fault was carried out before the test changes something."""

    def setUp(self):
        self.mail = ["connected", *(ended(*each) for each in MAIL_DONE.items())]
        self.chat = ["fault hang", *(ended(*each) for each in CHAT_DONE.items())]

    def broken(self, long=True, complete=True):
        return report.scripted(self.mail, self.chat, complete, long).broken

    def test_all_are_known_and_met(self):
        for deck, known, done in ((plan.MAIL_FAULTS, faults.MAIL, MAIL_DONE),
                                  (plan.CHAT_FAULTS, faults.CHAT, CHAT_DONE)):
            self.assertEqual({" ".join(parse(each)[0]) for each in deck}, known.keys() & done.keys())
        self.assertEqual(self.broken(), [])

    def test_one_that_never_came(self):
        for events in (self.mail, self.chat):
            for at in range(1, len(events)):
                with self.subTest(events[at]):
                    gone = events.pop(at)
                    self.assertEqual(self.broken(), [f"never: {gone[6:].partition(':')[0]}"])
                    self.assertEqual(self.broken(long=False), [])
                    events.insert(at, gone)

    def test_a_receiver_that_carried_out_none(self):
        self.mail = ["connected", "stored"]
        self.assertEqual(self.broken(long=False), [f"never any of {', '.join(MAIL_DONE)}"])
        self.assertEqual(self.broken(long=False, complete=False), [])

    def test_one_that_was_ignored(self):
        for events, behaviours, done in ((self.mail, MAIL_DONE, "220 250 250 250 354 kept 250 221"),
                                         (self.chat, CHAT_DONE, "taken 200")):
            for behaviour in behaviours:
                with self.subTest(behaviour):
                    events.append(ended(behaviour, done, 0.01))
                    self.assertEqual(self.broken(long=False), [f"{behaviour}, yet: {done} in 0.01 s"])
                    events.pop()

    def test_exchanges_that_show_nothing(self):
        """A chat that is paced, a sender that died, a connection that outlived its round."""
        self.chat.append(ended("keep-and-hang", "429"))
        self.mail += [ended("keep-and-hang", "220 250"),
                      ended("keep-and-hang", "220 250 250 250 354 kept 250", then=", then another")]
        self.assertEqual(self.broken(long=False), [])


if __name__ == "__main__":
    unittest.main()
