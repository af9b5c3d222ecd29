"""What the alert rules ask for is what the two real programs export: each metric, with its labels, from its job."""

import re
import socket
import unittest

from tests.process.fixture import StackTest
from tests.stack import RULES, placement, web
from tests.stack.fraud_model import FraudModel, transaction
from tests.style.repository_rules import BUILT_IN, expressions, metrics_of

RESET_TERMINAL = 13
LIMIT = 0.5  # cores
# Only a control group with a limit has them.
THROTTLING = {"fraud_model_cpu_periods_total", "fraud_model_cpu_throttled_periods_total"}
OF_PROMETHEUS = ("namespace", "pod")  # labels of the target, which no program exports
# {{ query (printf `...` ...) }}; expressions() has those that are written without printf.
PRINTED_QUERY = re.compile(r"\bquery \(printf `([^`]*)`")
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)(=~?)"([^"]*)"')


def selectors(rules):
    """{(metric, its matchers)} of all expressions and of the queries in annotations."""
    found = set()
    for expression in expressions(rules) + PRINTED_QUERY.findall(rules):
        found |= {(name, ()) for name in metrics_of(expression)}
        found |= {(name, tuple(MATCHER.findall(matchers)))
                  for name, matchers in SELECTOR.findall(expression)}
    return {(name, matchers) for name, matchers in found if name not in BUILT_IN}


class Scrape(web.Metrics):
    def has(self, name, matchers):
        return any(sample == name and all(_agrees(labels, *matcher) for matcher in matchers)
                   for sample, labels, _ in self._samples)


def _agrees(labels, name, operator, wanted):
    if operator == "=":
        return labels.get(name) == wanted
    return re.fullmatch(wanted, labels.get(name, "")) is not None


def missing(rules, scrapes):
    """The selectors of which no program exports a sample. `scrapes` is {job: Scrape}."""
    lacking = []
    for name, matchers in sorted(selectors(rules)):
        job = next((value for label, _, value in matchers if label == "job"), None)
        asked = [scrapes[job]] if job in scrapes else scrapes.values()
        own = [matcher for matcher in matchers if matcher[0] not in ("job", *OF_PROMETHEUS)]
        if not any(scrape.has(name, own) for scrape in asked):
            lacking.append(name + "".join(f" {label}{operator}{value}" for label, operator, value in matchers))
    return lacking


class RuleMetrics(StackTest):
    def setUp(self):
        super().setUp()
        # One connection at a time, so that a second one is shed.
        self.model = FraudModel(
            self.stack, ["--reset-terminal-id", RESET_TERMINAL, "--max-connections", 1],
            cpu_limit=LIMIT, sudo=placement.sudo_prefix())
        self.of_sidecar = self.sidecar("--replicas-max", 6, target=self.model.placed.flags)

    def scrapes(self):
        urls = {"fraud-model": self.model.admin_url, "fraud-sidecar": self.of_sidecar.url}
        return {job: Scrape(web.call(f"{url}/metrics").body.decode()) for job, url in urls.items()}

    def ask(self):
        """Some of everything: scored, found, refused, shed."""
        for body, status in ((transaction(1, 20.0), 200), (transaction(2, 900.0), 200),
                             ({"tx_amount": "much"}, 422)):
            # The connection before it may still be the one that is served.
            self.until(lambda: self.model.predict(body).status == status, f"an answer {status}")
        self.until(self.shed, "a request that is shed", [self.model.process])

    def shed(self):
        with socket.create_connection(("127.0.0.1", self.model.port), timeout=5) as held:
            held.sendall(b"POST /predict HTTP/1.1\r\nHost: model\r\nContent-Length: 9\r\n\r\n")
            return self.model.predict(transaction()).status == 503

    def lacking(self, rules):
        lacking = missing(rules, self.scrapes())
        if self.model.placed.enforced:
            return lacking
        return [text for text in lacking if text.split()[0] not in THROTTLING]

    def test_each_is_on_the_programs_metrics(self):
        rules = RULES.read_text(encoding="utf-8")
        self.ask()
        # The sampler knows a mean after its second reading.
        self.until(lambda: "fraud_model_cpu_utilization_ratio" not in self.lacking(rules), "a ratio",
                   [self.model.process, self.of_sidecar.process])
        self.assertEqual([], self.lacking(rules))
        self._made_up_ones_are_missed()
        self._shed_ones_are_among_the_requests()

    def _made_up_ones_are_missed(self):
        for expression in ("fraud_made_up_total", "sum(rate(ml_model_made_up_bucket[5m])) by (le)",
                           'ml_model_predictions_total{result="frauds"}', 'alert_counter{job="fraud-sidecar"}',
                           'http_requests_total{path=~"/predict.+h",code="422"}'):
            with self.subTest(expression):
                for rules in (f"      - alert: A\n        expr: {expression} > 5\n",
                              f"  text: '{{{{ with query (printf `{expression}`) }}}}'\n"):
                    self.assertEqual(len(missing(rules, self.scrapes())), 1, rules)

    def _shed_ones_are_among_the_requests(self):
        """FraudModelErrorRate counts them there and nowhere else."""
        metrics = self.scrapes()["fraud-model"]
        shed = metrics.total("ml_model_requests_shed_total")
        self.assertGreater(shed, 0)
        self.assertEqual(shed, metrics.total("http_requests_total", path="/predict", code="503"))


if __name__ == "__main__":
    unittest.main()
