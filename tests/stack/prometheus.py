"""The embedded Prometheus: scrapes sidecars and models, evaluates the rules, tells every Alertmanager."""

import json
import string
import urllib.parse

from tests.stack import RULES, ROOT, servers, wait, web, whole
from tests.stack.compression import compress, divide
from tests.stack.process import start_on_port

CONFIG = ROOT / "tests/stack/config/prometheus.yml"
# Below the shortest `for` of the rules (1m): or a restart forgets alerts that fire (contracts.md).
GRACE = "30s"
RESEND = "1m"
LOOKBACK = "5m"


class Prometheus:
    def __init__(self, stack, sidecars, alertmanager_ports, factor=1, namespace="fraud-demo", models=None):
        """`sidecars` and `models` are {pod: port}; without models, somebody else's is served.
        `alertmanager_ports` is one port, or those of a pair."""
        self._namespace = namespace
        # A folder of their own: Prometheus looks at all of them at any change beside them.
        self._targets = stack.folder("prometheus-targets")
        self.scrape(sidecars, models or {})
        rules = stack.path("fraud.rules.yaml", compress(RULES.read_text(encoding="utf-8"), factor))
        config = stack.path("prometheus.yml", configuration(
            rules, self._targets, alertmanager_ports, factor))
        data = stack.folder("prometheus")

        def start(port):
            return stack.start("prometheus", [
                servers.program("prometheus"), f"--config.file={config}",
                f"--storage.tsdb.path={data}", f"--web.listen-address=127.0.0.1:{port}",
                f"--web.external-url=http://127.0.0.1:{port}/",
                f"--rules.alert.for-grace-period={divide(GRACE, factor)}",
                f"--rules.alert.resend-delay={divide(RESEND, factor)}",
                f"--query.lookback-delta={divide(LOOKBACK, factor)}", "--log.level=warn"])

        self._start = start
        self.process, self.port = start_on_port(start, _ready)
        self.url = f"http://127.0.0.1:{self.port}"

    def scrape(self, sidecars, models):
        """From now on these, {pod: port}. Prometheus sees it by itself, within its own 5 s."""
        for job, ports in (("sidecars", sidecars), ("models", models)):
            whole.write(self._targets / f"{job}.json", json.dumps(
                [{"targets": [f"127.0.0.1:{port}"], "labels": {"namespace": self._namespace, "pod": pod}}
                 for pod, port in ports.items()]))

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

    def restart(self):
        """SIGKILL, then started again on its port with what it had written."""
        self.process.kill()
        self.process = self._start(self.port)
        wait.until(lambda: _ready(self.port), 30, "prometheus serving again", needs=[self.process])


def _ready(port):
    return web.serves(f"http://127.0.0.1:{port}/-/ready")


def configuration(rules, targets, alertmanager_ports, factor):
    ports = [alertmanager_ports] if isinstance(alertmanager_ports, int) else alertmanager_ports
    text = string.Template(compress(CONFIG.read_text(encoding="utf-8"), factor))
    return text.substitute(rules=json.dumps(str(rules)),
                           sidecars=json.dumps(str(targets / "sidecars.json")),
                           models=json.dumps(str(targets / "models.json")),
                           alertmanagers=json.dumps([f"127.0.0.1:{port}" for port in ports]))
