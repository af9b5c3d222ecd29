"""The embedded Alertmanager: groups alerts and posts them to the sidecar."""

import json
import string

from tests.stack import ROOT, servers, wait, web
from tests.stack.compression import compress
from tests.stack.process import start_on_port

CONFIG = ROOT / "tests/stack/config/alertmanager.yml"
GROUP_INTERVAL = "1m"  # as in CONFIG


class Alertmanager:
    def __init__(self, stack, webhook_url, token, factor=1):
        token_file = stack.path("alertmanager.token", token)
        config = stack.path("alertmanager.yml", configuration(webhook_url, token_file, factor))
        data = stack.folder("alertmanager")

        def start(port):
            return stack.start("alertmanager", [
                servers.program("prometheus-alertmanager"), f"--config.file={config}",
                f"--storage.path={data}", f"--web.listen-address=127.0.0.1:{port}",
                f"--web.external-url=http://127.0.0.1:{port}/",
                "--cluster.listen-address=", "--log.level=warn"], cwd=servers.home())

        self._start = start
        self.process, self.port = start_on_port(start, _ready)
        self.url = f"http://127.0.0.1:{self.port}"

    def post(self, name, ends_at=None, annotations=None, **labels):
        """Raises an alert without Prometheus; with `ends_at` (RFC 3339, past) it is resolved."""
        alert = {"labels": {"alertname": name, **labels}, "annotations": annotations or {}}
        if ends_at:
            alert["endsAt"] = ends_at
        answer = web.call(f"{self.url}/api/v2/alerts", body=[alert])
        if answer.status != 200:
            raise RuntimeError(f"alertmanager answered {answer.status}: {answer.body[:200]!r}")

    def restart(self):
        """SIGKILL, then started again on its port with what it had written."""
        self.process.kill()
        self.process = self._start(self.port)
        wait.until(lambda: _ready(self.port), 30, "alertmanager serving again", needs=[self.process])


def _ready(port):
    return web.serves(f"http://127.0.0.1:{port}/-/ready")


def configuration(webhook_url, token_file, factor):
    text = string.Template(compress(CONFIG.read_text(encoding="utf-8"), factor))
    return text.substitute(webhook=json.dumps(webhook_url), token_file=json.dumps(str(token_file)))
