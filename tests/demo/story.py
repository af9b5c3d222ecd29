"""What happens, step by step, and what is noted of it."""

import datetime
import math
import time

from tests.demo.fleet import REPLICAS_MAX, REPLICAS_MIN
from tests.demo.view import THRESHOLD, View, look
from tests.stack import ADMIN_ALERT, wait
from tests.stack.compression import seconds

SLACK_S = 60  # for a slow machine; only a failure waits so long
FOR_S = seconds("5m")  # of the rule
DISCOVERY_S = 5  # Prometheus looks at changed targets so often; it is not divided
MEAN_S = 15  # of the sampler; it is not divided
COOLING_S = seconds("1m") * 3  # the rule's keep_firing_for, and two group intervals
WATCHED_S = seconds("1m") * 3  # three group intervals: a second message would have come by then


class Failed(Exception):
    """The demo did not show what it promises. The text is one sentence."""


class Story:
    def __init__(self, stage, display, factor):
        self._stage = stage
        self._display = display
        self._factor = factor
        self._view = View()
        self._asked = 0
        self.crossed_at = None

    def tell(self):
        self._try_channels()
        self._calm()
        self._attack()
        self._arrival("FIRING", seconds("10s") / self._factor)
        self._over()
        self._arrival("RESOLVED", MEAN_S + COOLING_S / self._factor)
        self._nothing_more()

    def _try_channels(self):
        """Somebody else's servers are asked by a test message: a wrong token is told before the attack."""
        foreign = [channel.name for channel in self._stage.channels if not channel.server]
        if not foreign:
            return
        answer = self._stage.sidecar.post("/api/v1/test-notification", "write")
        if answer.status not in (200, 202):
            raise Failed(f"the test message could not be sent: {answer.status} {answer.body[:200]!r}")
        for sent in answer.json()["notifications"]:
            if sent["channel"] not in foreign:
                continue
            if sent["state"] != "delivered":
                raise Failed(f"{sent['channel']}: the test message is {sent['state']}: "
                             f"{sent['detail'] or 'no answer yet'}")
            self._display.say(f"-- {sent['channel']}: a test message has been accepted")

    def _calm(self):
        self._until(self._known, 0, "the first measurements in Prometheus")
        self._display.say(f"-- {REPLICAS_MIN} idle models")

    def _known(self):
        return self._stage.prometheus.query(
            "count(fraud_model_cpu_utilization_ratio)") == REPLICAS_MIN

    def _attack(self):
        cost_s = self._stage.begin_attack()
        attack = self._stage.attack
        self._display.say(f"-- a request costs a model {cost_s * 1e6:.0f} us of CPU here")
        self._display.say("-- attack by fraud-attack, which waits for no answer: "
                          + " ".join(f"{rate:,}" for rate in attack.rates) + " requests/s"
                          + ("" if self._stage.fleet.enforced() else
                             "\n   (nobody else holds the models to their limits: this rate does, about)"))
        self._until(lambda: self.crossed_at, attack.most_s + MEAN_S,
                    f"CPU above 80 % of a limit, with {REPLICAS_MAX} replicas")
        self._display.say(f"-- 80 % crossed (mean of 15 s) with all {REPLICAS_MAX} replicas in use; "
                          "the rule waits\n   five minutes"
                          + (f", here {FOR_S / self._factor:g} s" if self._factor != 1 else ""))
        self._until(lambda: self._view.alert == "firing", (FOR_S + 45) / self._factor + DISCOVERY_S,
                    f"{ADMIN_ALERT} firing in Prometheus")
        self._until(self._stage.alertmanagers_know, 30 / self._factor, f"{ADMIN_ALERT} in every Alertmanager")

    def _over(self):
        self._until(self._stage.attack.ended_well, 5, "the end of the attack by itself")
        self._display.say("-- the attack has ended: it read in the history that the administrator was told")

    def _arrival(self, word, seconds_due):
        sidecar = self._stage.sidecar
        for channel in self._stage.channels:
            try:
                self._until(lambda channel=channel: channel.messages(word, sidecar), seconds_due,
                            f"the {word} message by {channel.name}")
            except Failed as problem:
                why = channel.refusal(sidecar)
                raise Failed(f"{problem}; the last try: {why}" if why else str(problem)) from problem
            self._display.say(f"-- {channel.name}: the {word} message has been {channel.counted}")

    def _nothing_more(self):
        """Gives a duplicate the time to show up."""
        self._display.say("-- watching for messages that should not come")

        def once():
            self._look()
            return all(came == {"firing": 1, "resolved": 1} for came in self.counts().values())

        if not wait.stays(once, WATCHED_S / self._factor, every=0.25):
            raise Failed("expected one FIRING and one RESOLVED message on each channel, got " + "; ".join(
                f"{name} {came['firing']} and {came['resolved']}" for name, came in self.counts().items()))

    def counts(self):
        """{channel: {"firing": n, "resolved": n}}"""
        return {channel.name: {word.lower(): len(channel.messages(word, self._stage.sidecar))
                               for word in ("FIRING", "RESOLVED")} for channel in self._stage.channels}

    def episode(self):
        """The history's entry of the administrator's alert, {} before there is one."""
        found = self._stage.sidecar.alerts(name=ADMIN_ALERT)
        return self._stage.sidecar.alert(found[-1]["id"]) if found else {}

    def _look(self):
        for pair in self._stage.tick():
            self._display.say(f"-- {pair.pod} serves: {len(self._stage.fleet.serving())} replicas")
        self._follow_attack()
        told = {name: sum(came.values()) for name, came in self.counts().items()}
        before, self._view = self._view, look(self._stage, told, self._view, self._factor)
        if (before.alert, self._view.alert) == ("pending", "inactive"):
            self._display.say("-- not above 80 % any more: the five minutes begin anew when it is")
            self.crossed_at = None
        if self.crossed_at is None and self._spent() and (self._view.ratio or 0) > THRESHOLD:
            self.crossed_at = datetime.datetime.now(datetime.timezone.utc)
        self._display.show(self._view)

    def _spent(self):
        """Whether the autoscaler has nothing left to give."""
        return self._view.replicas == REPLICAS_MAX

    def _follow_attack(self):
        attack = self._stage.attack
        if attack is None or attack.ended_well():
            return
        asked = attack.asked(time.monotonic())
        if asked != self._asked:
            self._asked = asked
            self._display.say(f"-- attack: {asked:,} requests/s asked for")

    def _until(self, condition, seconds_due, what):
        def reached():
            self._look()
            return condition()

        try:
            wait.until(reached, math.ceil(seconds_due) + SLACK_S, what, every=0.25,
                       needs=self._stage.processes())
        except (wait.NotInTime, wait.Ended) as problem:
            raise Failed(str(problem)) from problem
