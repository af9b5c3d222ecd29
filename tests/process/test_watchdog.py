"""The messenger must not die with the patient: what people are told when the sidecars, or all of monitoring, are
gone. Real Prometheus, Alertmanager and mail servers."""

from tests.process.fixture import StackTest
from tests.stack import wait
from tests.stack.alertmanager import Alertmanager
from tests.stack.prometheus import Prometheus

FACTOR = 30  # three minutes in six seconds; the Watchdog comes every two
SECONDS = 90
BLIND = "MonitoringBlind"
DOWN = "FraudSidecarDown"


class SecondWay(StackTest):
    def setUp(self):
        super().setUp()
        self.mailbox = self.receiver()  # of the sidecar
        self.direct = self.receiver(name="direct")  # of Alertmanager
        self.one = self.sidecar("--watchdog-timeout", "10s", receiver=self.mailbox)
        self.two = self.sidecar(name="two")
        self.alertmanager = Alertmanager(
            self.stack, self.one.webhook_url, self.one.tokens["webhook"], FACTOR,
            others=[(self.two.webhook_url, self.two.tokens["webhook"])], mail_port=self.direct.port)
        self.prometheus = Prometheus(self.stack, {"fraud-0": self.one.port, "fraud-1": self.two.port},
                                     self.alertmanager.port, FACTOR)

    def arrives(self, receiver, word, alert):
        wait.until(lambda: receiver.about(word, alert), SECONDS, f"the {word} mail of {alert}",
                   [self.alertmanager.process])

    def heard(self, sidecar):
        wait.until(lambda: sidecar.metrics().value("fraud_sidecar_transitions_total", kind="heartbeat"),
                   SECONDS, "a heartbeat", [self.prometheus.process, sidecar.process])

    def test_both_sidecars_dead_is_told_by_alertmanagers_own_mail(self):
        self.heard(self.one)
        self.heard(self.two)
        self.one.process.kill()
        one_is_enough = wait.stays(lambda: self.prometheus.alert_state(DOWN) == "inactive", 3 * 60 / FACTOR)
        self.assertTrue(one_is_enough)
        self.two.process.kill()
        self.arrives(self.direct, "FIRING", DOWN)
        self.assertEqual(self.mailbox.mails(), [])
        self.two.start()
        self.arrives(self.direct, "RESOLVED", DOWN)

    def test_a_dead_prometheus_is_told_by_the_sidecar_and_so_is_its_return(self):
        self.heard(self.one)
        self.assertEqual(self.one.alerts(), [])
        self.prometheus.process.kill()
        self.arrives(self.mailbox, "FIRING", BLIND)
        (episode,) = self.one.alerts(name=BLIND)
        self.assertEqual((episode["source"], episode["state"]), ("fraud-sidecar", "open"))
        self.assertIn("The alert Watchdog of demo was last heard",
                      self.mailbox.about("FIRING", BLIND)[0].part("plain"))
        self.prometheus.restart()
        self.arrives(self.mailbox, "RESOLVED", BLIND)
        self.assertEqual(len(self.mailbox.about("", BLIND)), 2)
        self.assertEqual(self.one.alerts(name="Watchdog"), [])
