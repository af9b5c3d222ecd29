"""What happens, step by step, and what is noted of it."""

import datetime
import math

from tests.demo.view import THRESHOLD, View, look
from tests.stack import ADMIN_ALERT, wait
from tests.stack.compression import seconds

SLACK_S = 60  # for a slow machine; only a failure waits so long
FOR_S = seconds("5m")  # of the rule
COOLING_S = seconds("1m") * 3  # its keep_firing_for, and two group intervals
WATCHED_S = seconds("1m") * 3  # three group intervals: a second message would have come by then


class Failed(Exception):
    """The demo did not show what it promises. The text is one sentence."""


class Story:
    def __init__(self, stage, display, factor):
        self._stage = stage
        self._display = display
        self._factor = factor
        self._view = View()
        self.crossed_at = None

    def tell(self):
        self._calm()
        self._heat()
        self._arrival("FIRING", seconds("10s") / self._factor)
        self._cool()
        self._arrival("RESOLVED", (COOLING_S + seconds("15s")) / self._factor + 15)
        self._nothing_more()

    def _calm(self):
        self._until(lambda: self._view.ratio is not None and self._known(), 0,
                    "the first measurement in Prometheus")
        self._display.say("-- the model is idle")

    def _known(self):
        return self._stage.prometheus.query("max(fraud_model_cpu_utilization_ratio)") is not None

    def _heat(self):
        self._display.say("-- attack: batches of transactions, as fast as the model scores them")
        self._stage.flood()
        self._until(lambda: self.crossed_at, 15, "CPU above 80 % of the limit")
        self._display.say("-- 80 % crossed (mean of 15 s); the rule waits five minutes" +
                          (f", here {FOR_S / self._factor:g} s" if self._factor != 1 else ""))
        self._until(lambda: self._view.alert == "firing", (FOR_S + 45) / self._factor,
                    f"{ADMIN_ALERT} firing in Prometheus")

    def _cool(self):
        self._display.say("-- the attack is over")
        self._stage.attack.calm()

    def _arrival(self, word, seconds_due):
        self._until(lambda: self.messages(word), seconds_due, f"the {word} message")
        self._display.say(f"-- the {word} message has been "
                          + ("received" if self._stage.receiver else "accepted by the server"))

    def _nothing_more(self):
        """Gives a duplicate the time to show up."""
        self._display.say("-- watching for messages that should not come")

        def once():
            self._look()
            return self.counts() == {"firing": 1, "resolved": 1}

        if not wait.stays(once, WATCHED_S / self._factor, every=0.25):
            raise Failed(f"expected one FIRING and one RESOLVED message, got {self.counts()}")

    def messages(self, word):
        """The subjects of the messages of the administrator's alert: those in the mailbox, or with
        somebody else's mailbox, those that were accepted, by the history."""
        if self._stage.receiver:
            return [mail.subject for mail in self._stage.receiver.about(word, ADMIN_ALERT)]
        sidecar = self._stage.sidecar
        return [sent["subject"] for found in sidecar.alerts(name=ADMIN_ALERT)
                for sent in sidecar.alert(found["id"])["notifications"]
                if sent["state"] == "delivered" and word in sent["subject"]]

    def counts(self):
        return {word.lower(): len(self.messages(word)) for word in ("FIRING", "RESOLVED")}

    def episode(self):
        """The history's entry of the administrator's alert, {} before there is one."""
        found = self._stage.sidecar.alerts(name=ADMIN_ALERT)
        return self._stage.sidecar.alert(found[-1]["id"]) if found else {}

    def _look(self):
        self._view = look(self._stage, self._view)
        if self.crossed_at is None and (self._view.ratio or 0) > THRESHOLD:
            self.crossed_at = datetime.datetime.now(datetime.timezone.utc)
        self._display.show(self._view)

    def _until(self, condition, seconds_due, what):
        def reached():
            self._look()
            return condition()

        try:
            wait.until(reached, math.ceil(seconds_due) + SLACK_S, what, every=0.25,
                       needs=self._stage.processes())
        except (wait.NotInTime, wait.Ended) as problem:
            raise Failed(str(problem)) from problem
