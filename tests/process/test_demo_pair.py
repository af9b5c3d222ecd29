"""The demo with two Alertmanagers: how the stage starts them, and what the administrator gets of it."""

import contextlib
import io
import json
import pathlib
import unittest

from tests.demo import arguments
from tests.demo.stage import Stage
from tests.process.fixture import ALERT, StackTest
from tests.stack import alertmanager, prometheus

FACTOR = 20


class Flags(unittest.TestCase):
    def test_one_or_two(self):
        self.assertEqual(arguments.parse([]).alertmanagers, 1)
        self.assertEqual(arguments.parse(["--alertmanagers", "2"]).alertmanagers, 2)
        for wrong in ("0", "3", "two"):
            with self.subTest(wrong), self.assertRaises(SystemExit), \
                    contextlib.redirect_stderr(io.StringIO()):
                arguments.parse(["--alertmanagers", wrong])


class Told(unittest.TestCase):
    def test_prometheus_is_told_of_all(self):
        for ports, expected in ((9093, ["127.0.0.1:9093"]), ([1, 2], ["127.0.0.1:1", "127.0.0.1:2"])):
            text = prometheus.configuration("/rules", pathlib.Path("/targets"), ports, FACTOR)
            self.assertIn(f"targets: {json.dumps(expected)}", text)


class Pair(StackTest):
    def stage(self, sidecar, number):
        """The stage's Alertmanagers alone, in front of this sidecar."""
        made = Stage.__new__(Stage)
        made._stack, made._factor, made.sidecar = self.stack, FACTOR, sidecar
        made.alertmanagers = made._start_alertmanagers(number)
        return made

    def test_both_have_the_alert_and_the_administrator_is_told_once(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        stage = self.stage(sidecar, 2)
        self.assertFalse(stage.alertmanagers_know())
        for each in stage.alertmanagers:
            each.post(ALERT, severity="critical", namespace="shop")
        self.until(stage.alertmanagers_know, "the alert in both")
        self.mails(receiver, 1)
        # The second one posts too when it is alone: the sidecar has heard of that alert already.
        accepted = sidecar.metrics().value("fraud_sidecar_webhooks_total", result="accepted")
        stage.alertmanagers[0].process.kill()
        stage.alertmanagers[1].post(ALERT, severity="critical", namespace="shop", annotations={"again": "yes"})
        stage.alertmanagers[1].post("Another", severity="critical", namespace="shop")
        self.until(lambda: sidecar.metrics().value(
            "fraud_sidecar_webhooks_total", result="accepted") > accepted, "a webhook of the second")
        self.assertEqual(len(self.mails(receiver, 2)), 2)
        self.assertEqual([len(receiver.about("FIRING", name)) for name in (ALERT, "Another")], [1, 1])

    def test_one_is_alone(self):
        stage = self.stage(self.sidecar(), 1)
        self.assertEqual(len(stage.alertmanagers), 1)
        self.assertIsInstance(stage.alertmanagers[0], alertmanager.Alertmanager)


if __name__ == "__main__":
    unittest.main()
