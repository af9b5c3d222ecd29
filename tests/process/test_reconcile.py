"""What an Alertmanager was asked, and what came of it: with real ones, one or a pair."""

import datetime

from tests.process.fixture import StackTest
from tests.stack import web
from tests.stack.alertmanager import Alertmanager, pair

FACTOR = 20  # a webhook is overdue after 4.4 s
NOWHERE = "http://127.0.0.1:9/"  # nobody listens there
QUICK = ["--reconcile-every", "100ms"]


def age(time):
    """Seconds since an RFC 3339 time in UTC."""
    then = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    return (datetime.datetime.now(datetime.timezone.utc) - then).total_seconds()


class Reconcile(StackTest):
    def begin(self, settle="0s", webhook=None, make=Alertmanager):
        """A mailbox, a sidecar that is stopped, and the Alertmanagers that it will ask and that post to it,
        or to `webhook`."""
        self.mailbox = self.receiver()
        self.one = self.sidecar(receiver=self.mailbox)
        self.one.process.stop()
        made = make(self.stack, webhook or self.one.webhook_url, self.one.tokens["webhook"], FACTOR)
        managers = made if isinstance(made, list) else [made]
        self.one.give(*QUICK, "--alertmanager-settle", settle, "--alertmanager-source", "demo",
                      *(word for each in managers for word in ("--alertmanager-url", each.url)))
        return made

    def fire(self, manager):
        """For long: it does not end by itself in a slow test."""
        manager.post("Hot", severity="critical", namespace="shop", ends_at="2099-01-02T03:04:05Z",
                     starts_at=datetime.datetime.now(datetime.timezone.utc).isoformat())

    def resolve(self, manager):
        manager.post("Hot", severity="critical", namespace="shop", ends_at="2020-01-02T03:04:05Z")

    def overdue(self, manager):
        """Waits until the alert has fired for longer than Alertmanager takes to tell of it."""
        def old():
            found = web.call(f"{manager.url}/api/v2/alerts").json()
            return found and age(found[0]["startsAt"]) > 5
        self.until(old, "an alert of 5 s")

    def counted(self, result):
        return self.one.metrics().value("fraud_sidecar_reconcile_total", result=result) or 0

    def rounds(self, number):
        """So many more rounds in which all answered."""
        goal = self.counted("ok") + number
        self.until(lambda: self.counted("ok") >= goal, f"{number} rounds", [self.one.process])

    def episode(self, state):
        """The only episode, once it is in that state."""
        def reached():
            found = self.one.alerts()
            self.assertLessEqual(len(found), 1)
            return found[0] if found and found[0]["state"] == state else None
        return self.until(reached, f"an episode that is {state}", [self.one.process])

    def test_what_fired_while_it_was_down_is_told_late_though_no_webhook_ever_comes(self):
        manager = self.begin(webhook=NOWHERE)
        self.fire(manager)
        self.overdue(manager)
        self.one.start()
        self.rounds(1)  # the first one opens it
        episode = self.episode("open")
        self.assertEqual(episode["source"], "demo")
        self.assertEqual(self.rows(self.one, "SELECT late, seen_count FROM episodes"), [(1, 1)])
        self.mails(self.mailbox, 1)
        self.rounds(20)
        self.assertEqual(len(self.mailbox.mails()), 1)
        self.assertEqual((self.counted("opened"), self.counted("ended")), (1, 0))

    def test_what_fires_while_it_is_up_is_told_by_its_webhook(self):
        manager = self.begin()
        self.one.start()
        self.rounds(1)
        self.fire(manager)
        self.episode("open")
        self.overdue(manager)
        self.rounds(5)
        self.assertEqual(self.rows(self.one, "SELECT late FROM episodes"), [(0,)])
        self.assertEqual(len(self.mails(self.mailbox, 1)), 1)
        self.assertEqual(self.counted("opened"), 0)

    def test_what_fired_and_resolved_while_it_was_down_is_nothing(self):
        manager = self.begin()
        self.fire(manager)
        self.until(manager.listed, "the alert in Alertmanager")
        self.resolve(manager)
        self.until(lambda: not manager.listed(), "its end in Alertmanager")
        self.one.start()
        self.rounds(30)
        self.assertEqual((self.one.alerts(), self.mailbox.mails()), ([], []))

    def test_a_restart_of_alertmanager_pages_nobody(self):
        manager = self.begin(settle="5s")
        self.one.start()
        self.fire(manager)
        self.mails(self.mailbox, 1)
        self.rounds(1)
        manager.restart()
        self.rounds(5)  # so many answers that lack it
        self.assertEqual((manager.listed(), self.one.alerts()[0]["state"]), ([], "open"))
        self.fire(manager)  # as Prometheus does, within its resend delay
        self.rounds(60)  # until long after it has settled
        self.assertEqual(self.one.alerts()[0]["state"], "open")
        self.assertEqual(len(self.one.alerts()), 1)
        self.assertEqual(len(self.mailbox.mails()), 1)

    def test_what_resolves_behind_a_silence_ends_as_silenced(self):
        manager = self.begin()
        self.one.start()
        self.fire(manager)
        self.mails(self.mailbox, 1)
        manager.silence("Hot")
        self.until(lambda: self.rows(self.one, "SELECT silenced FROM episodes") == [(1,)], "the silence seen")
        self.rounds(5)
        self.assertEqual(self.one.alerts()[0]["state"], "open")
        self.resolve(manager)
        self.assertEqual(self.episode("ended")["end_reason"], "silenced")
        self.assertEqual(len(self.mails(self.mailbox, 2)), 2)

    def test_one_of_a_pair_that_is_down_ends_nothing(self):
        first, second = self.begin(make=pair)
        self.one.start()
        self.fire(first)
        self.fire(second)
        self.mails(self.mailbox, 1)
        self.rounds(1)
        first.process.kill()
        second.silence("Hot")  # or it would tell of the end itself
        self.resolve(second)
        self.until(lambda: self.counted("unanswered") >= 10, "ten rounds without an answer")
        self.assertEqual(self.one.alerts()[0]["state"], "open")
        first.start()
        self.assertIn(self.episode("ended")["end_reason"], ("silenced", "resolved"))
        self.assertEqual(len(self.mails(self.mailbox, 2)), 2)
