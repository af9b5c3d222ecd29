"""The embedded Prometheus: scrapes sidecars and models, evaluates the rules, tells Alertmanager."""

import json
import string
import urllib.parse

from tests.stack import RULES, ROOT, servers, web
from tests.stack.compression import compress, divide
from tests.stack.process import start_on_port

CONFIG = ROOT / "tests/stack/config/prometheus.yml"
# Below the shortest `for` of the rules (1m): or a restart forgets alerts that fire (contracts.md).
GRACE = "30s"
RESEND = "1m"
LOOKBACK = "5m"


class Prometheus:
    def __init__(self, stack, sidecars, alertmanager_port, factor=1, namespace="fraud-demo", models=None):
        """`sidecars` and `models` are {pod: port}; without models, somebody else's is served."""
        rules = stack.path("fraud.rules.yaml", compress(RULES.read_text(encoding="utf-8"), factor))
        config = stack.path("prometheus.yml", configuration(
            rules, sidecars, models or {}, alertmanager_port, factor, namespace))
        data = stack.folder("prometheus")

        def start(port):
            return stack.start("prometheus", [
                servers.program("prometheus"), f"--config.file={config}",
                f"--storage.tsdb.path={data}", f"--web.listen-address=127.0.0.1:{port}",
                f"--web.external-url=http://127.0.0.1:{port}/",
                f"--rules.alert.for-grace-period={divide(GRACE, factor)}",
                f"--rules.alert.resend-delay={divide(RESEND, factor)}",
                f"--query.lookback-delta={divide(LOOKBACK, factor)}", "--log.level=warn"])

        self.process, port = start_on_port(
            start, lambda p: web.serves(f"http://127.0.0.1:{p}/-/ready"))
        self.url = f"http://127.0.0.1:{port}"

    def alert_state(self, name):
        """'inactive', 'pending' or 'firing': the furthest of all alerts of that name."""
        alerts = web.call(f"{self.url}/api/v1/alerts").json()["data"]["alerts"]
        states = {a["state"] for a in alerts if a["labels"]["alertname"] == name}
        return next((s for s in ("firing", "pending") if s in states), "inactive")

    def query(self, expression):
        """The value of an instant query's only sample, None without one."""
        asked = urllib.parse.urlencode({"query": expression})
        result = web.call(f"{self.url}/api/v1/query?{asked}").json()["data"]["result"]
        return float(result[0]["value"][1]) if result else None


def configuration(rules, sidecars, models, alertmanager_port, factor, namespace):
    def targets(ports):
        return json.dumps([{"targets": [f"127.0.0.1:{port}"],
                            "labels": {"namespace": namespace, "pod": pod}}
                           for pod, port in ports.items()])

    text = string.Template(compress(CONFIG.read_text(encoding="utf-8"), factor))
    return text.substitute(rules=json.dumps(str(rules)), sidecars=targets(sidecars),
                           models=targets(models),
                           alertmanager=json.dumps(f"127.0.0.1:{alertmanager_port}"))
