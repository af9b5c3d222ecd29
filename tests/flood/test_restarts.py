"""What stands between the model and the sidecar is killed while the alert fires, and started again: the
administrator is told once that it fires and once that it has ended."""

from tests.flood.fixture import ALERT, ONCE, FloodTest
from tests.stack import placement, wait
from tests.stack.alertmanager import Alertmanager
from tests.stack.prometheus import Prometheus

LIMIT = 0.2
FACTOR = 20  # five minutes in fifteen seconds
# A model that comes back is held by a minute of the rule: so many seconds are left of it.
SLOW_FACTOR = 12


class Restarts(FloodTest):
    def fires(self, factor=FACTOR):
        """Everything is up, the model is hot, and the administrator was told by both channels."""
        model = placement.start_model(self.stack, LIMIT, placement.sudo_prefix())
        target = ["--target-cgroup", model.group.path] if model.group else model.flags
        self.one = self.both_channels("--replicas-max", 1, target=target)
        self.alertmanager = Alertmanager(self.stack, self.one.webhook_url, self.one.tokens["webhook"],
                                         factor)
        self.prometheus = Prometheus(self.stack, {"fraud-model-0": self.one.port},
                                     self.alertmanager.port, factor)
        model.burn()
        self.told("FIRING")
        return model

    def told(self, word):
        servers = [self.one.process, self.prometheus.process, self.alertmanager.process]
        self.until(lambda: all(self.copies(word)), f"{word} in both channels", servers)

    def seen(self):
        (episode,) = self.one.alerts(name=ALERT)
        return episode["seen_count"]

    def ends(self, model, factor=FACTOR):
        """Cool again: the end arrives, and nothing more."""
        self.assertEqual((self.copies("FIRING"), self.copies("RESOLVED")), ((ONCE, ONCE), ([], [])))
        model.idle()
        self.told("RESOLVED")
        self.assertTrue(wait.stays(lambda: len(self.mail.about("", ALERT)) == 2, 3 * 60 / factor))
        self.assertEqual((self.copies("FIRING"), self.copies("RESOLVED")), ((ONCE, ONCE), (ONCE, ONCE)))
        (episode,) = self.one.alerts(name=ALERT)
        self.assertEqual((episode["state"], episode["end_reason"]), ("ended", "resolved"))

    def test_alertmanager(self):
        model = self.fires()
        before = self.seen()
        self.alertmanager.restart()
        # It has forgotten whom it told.
        self.until(lambda: self.seen() > before, "the alert posted again", [self.alertmanager.process])
        self.ends(model)

    def test_prometheus(self):
        model = self.fires()
        self.prometheus.restart()
        self.until(lambda: self.prometheus.alert_state(ALERT) == "firing", "it fires again",
                   [self.prometheus.process])
        self.ends(model)

    def test_the_model(self):
        model = self.fires(SLOW_FACTOR)
        if not model.group:
            self.skipTest(f"needs a control group of its own, not {model.means}")
        found = self._found()
        model.restart(self.stack)
        model.burn()
        self.until(lambda: self._found() > found, "the new group found", [self.one.process])
        self.until(self._hot_anew, "the new group measured, hot", [self.one.process])
        self.assertEqual(self.prometheus.alert_state(ALERT), "firing")
        self.ends(model, SLOW_FACTOR)

    def _hot_anew(self):
        metrics = self.one.metrics()
        ratio = metrics.value("fraud_model_cpu_utilization_ratio")
        return metrics.value("fraud_model_target_found") == 1 and ratio is not None and ratio > 0.8

    def _found(self):
        """How often the sampler has found its target after it had none."""
        return self.one.process.text().count(" target_found ")
