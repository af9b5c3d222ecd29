"""The whole path with real servers: CPU, Prometheus, Alertmanager, sidecar, mailbox, history."""

from tests.process.fixture import ALERT, StackTest
from tests.stack import placement, wait
from tests.stack.alertmanager import Alertmanager
from tests.stack.prometheus import Prometheus

FACTOR = 30  # five minutes in ten seconds
LIMIT = 0.2


class Path(StackTest):
    def test_a_hot_model_reaches_the_mailbox_once_and_so_does_its_end(self):
        receiver = self.receiver()
        model = placement.start_model(self.stack, LIMIT, placement.sudo_prefix())
        sidecar = self.sidecar("--replicas-max", 1, receiver=receiver, target=model.flags)
        alertmanager = Alertmanager(self.stack, sidecar.webhook_url, sidecar.tokens["webhook"],
                                    FACTOR)
        prometheus = Prometheus(self.stack, {"fraud-model-0": sidecar.port}, alertmanager.port,
                                FACTOR)
        self.assertEqual(prometheus.alert_state(ALERT), "inactive")
        model.burn()
        self._mail(receiver, "FIRING", [sidecar.process, prometheus.process, model.process])
        self.assertEqual(prometheus.alert_state(ALERT), "firing")
        model.idle()
        self._mail(receiver, "RESOLVED", [sidecar.process, prometheus.process])
        self.assertTrue(wait.stays(lambda: len(receiver.mails()) == 2, 3 * 60 / FACTOR))
        self._history(sidecar)

    def _mail(self, receiver, word, needs):
        wait.until(lambda: receiver.about(word, ALERT), 90, f"the {word} mail", needs)

    def _history(self, sidecar):
        (found,) = sidecar.alerts(name=ALERT)
        episode = sidecar.alert(found["id"])
        self.assertEqual((episode["state"], episode["severity"], episode["labels"]["namespace"]),
                         ("ended", "critical", "fraud-demo"))
        self.assertEqual(episode["annotations"]["replicas"], "1 of 1")
        self.assertIn("fraud-model-0", episode["annotations"]["hottest_pods"])
        self.assertEqual([(sent["state"], len(sent["attempts"])) for sent in episode["notifications"]],
                         [("delivered", 1), ("delivered", 1)])
        # The warning about the same pod is kept, and told to nobody.
        (warning,) = sidecar.alerts(name="FraudModelHighCPU")
        self.assertEqual(sidecar.alert(warning["id"])["notifications"], [])
