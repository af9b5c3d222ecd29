"""Two sidecars behind the real Alertmanager: one, and a pair of them."""

from tests.process.alertmanagers_fixture import Pair, Told
from tests.process.peers_fixture import HOLD


class OneAlertmanager(Told):
    def test_each_transition_once(self):
        self.fire(self.alertmanagers)
        self.resolve(self.alertmanagers)
        self.assert_told_once()


class ASidecarDies(Told):
    hold = HOLD

    def test_the_first_before_it_sends(self):
        self.mailbox.behave("hang")
        self.post_firing(self.alertmanagers)
        self.until(lambda: self.mailbox.count("connected"), "a connection that hangs")
        self.until(lambda: self.outbox(self.sides[1]), "the alert at the second")
        self.sides[0].process.kill()
        self.mailbox.behave("accept")
        self.all_delivered(self.sides[1], 1)
        self.resolve(self.alertmanagers)
        self.assert_told_once(may_be_repeat=True)  # the first cannot be asked any more

    def test_the_first_after_it_sent(self):
        self.post_firing(self.alertmanagers)
        self.mails(self.mailbox, 1)
        self.sides[0].process.kill()
        self.until(lambda: self.outbox(self.sides[1]), "the alert at the second")
        self.all_delivered(self.sides[1], 1)
        self.resolve(self.alertmanagers)
        self.sides[0].start()
        self.all_delivered(self.sides[0], 2)  # Alertmanager tries again
        self.assert_no_repeat_unsaid()

    def test_the_second(self):
        self.fire(self.alertmanagers)
        self.sides[1].process.kill()
        self.resolve(self.alertmanagers)
        self.sides[1].start()
        self.all_delivered(self.sides[1], 2)
        self.assert_no_repeat_unsaid()


class ASidecarDiesBehindAPair(Pair, ASidecarDies):
    pass


class PairOfAlertmanagers(Pair, Told):
    chat = True

    def test_each_transition_once(self):
        self.fire(self.alertmanagers)
        self.resolve(self.alertmanagers)
        self.assert_told_once()

    def _one_dies(self, dead):
        self.fire(self.alertmanagers)
        self.alertmanagers[dead].process.kill()
        self.resolve([self.alertmanagers[1 - dead]])
        self.assert_told_once()

    def test_the_first_alertmanager_dies(self):
        self._one_dies(0)

    def test_the_second_alertmanager_dies(self):
        self._one_dies(1)


class OneDiesBeforeItTold(Pair, Told):
    chat = True
    group_wait = "3s"  # what the death must come within

    def _one_dies(self, dead):
        left = [self.alertmanagers[1 - dead]]
        self.post_firing(self.alertmanagers)
        self.alertmanagers[dead].process.kill()
        self.assertEqual([self.accepted(side) for side in self.sides], [0, 0], "nobody was told yet")
        self.fire(left)  # as Prometheus does, again and again
        self.resolve(left)
        self.assert_told_once()

    def test_the_first_alertmanager(self):
        self._one_dies(0)

    def test_the_second_alertmanager(self):
        self._one_dies(1)


class Twins(Pair, Told):
    """Each Alertmanager tells everything, as when the way between the two is cut."""

    chat = True
    clustered = False
    asking = ()  # at the start only: what fires in one alone is not to be found before it has told

    def each_side(self, condition, what):
        for side in self.sides:
            self.until(lambda: condition(side), what, [side.process])

    def test_each_word_twice_is_each_transition_once(self):
        self.fire(self.alertmanagers)
        self.each_side(lambda side: self.accepted(side) == 2, "the firing of both Alertmanagers")
        self.resolve(self.alertmanagers)
        self.each_side(lambda side: self.accepted(side) == 4, "the end by both Alertmanagers")
        self.settled(2)
        for side in self.sides:
            self.assertEqual([self.counted(side, kind) for kind in ("firing", "repeat", "resolved", "stale")],
                             [1, 1, 1, 1])
        self.assert_told_once()

    def test_the_slower_one_tells_all_of_it_when_it_is_over(self):
        quick, slow = self.alertmanagers
        self.fire([quick])
        self.resolve([quick])
        self.post_firing([slow])
        self.each_side(lambda side: self.counted(side, "twin") == 1, "the firing of the slower twin")
        self.post_resolved([slow])
        self.each_side(lambda side: self.counted(side, "stale") == 1, "the end by the slower twin")
        self.settled(2)
        self.assert_told_once()
