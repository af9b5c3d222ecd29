"""Debian's Alertmanager with its own receivers, for Telegram or mail: what a user has without a sidecar.

Each alert is a group of its own, sent at once, so that it makes one message as with us. Its version takes no
file for the bot's token, so the token stands in the configuration.
"""

import json

from tests.stack import servers, wait, web
from tests.stack.process import start_on_port

_CONFIGURATION = """
route: {{receiver: people, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 24h}}
receivers:
- name: people
{receiver}
"""
_TELEGRAM = """  telegram_configs:
  - {{api_url: {url}, bot_token: {token}, chat_id: {chat}, parse_mode: "", send_resolved: false}}
"""
_EMAIL = """  email_configs:
  - {{to: admin@example.org, from: fraud@example.org, smarthost: "127.0.0.1:{port}", hello: localhost,
     require_tls: false, send_resolved: false}}
"""


def by_telegram(telegram, chat):
    return _TELEGRAM.format(url=json.dumps(telegram.url), token=json.dumps(telegram.token), chat=chat["id"])


def by_mail(receiver):
    return _EMAIL.format(port=receiver.port)


class Direct:
    """A running one that tells people itself. `receiver` is by_telegram() or by_mail()."""

    def __init__(self, stack, receiver, name="alertmanager"):
        config = stack.path(f"{name}.yml", _CONFIGURATION.format(receiver=receiver))
        data = stack.folder(name)

        def start(port):
            return stack.start(name, [
                servers.program("prometheus-alertmanager"), f"--config.file={config}",
                f"--storage.path={data}", f"--web.listen-address=127.0.0.1:{port}",
                f"--web.external-url=http://127.0.0.1:{port}/", "--cluster.listen-address=",
                "--log.level=warn"], cwd=servers.home())

        self._start = start
        self.process, self.port = start_on_port(start, _ready)

    def post(self, names):
        """One alert of each name, as Prometheus sends them."""
        answer = web.call(f"http://127.0.0.1:{self.port}/api/v2/alerts", seconds=60, body=[
            {"labels": {"alertname": name, "severity": "critical", "namespace": "bench", "pod": "fraud-model-3"},
             "annotations": {"summary": "the autoscaler is at its maximum", "description": "x" * 200,
                             "runbook_url": "https://runbooks.example/bench"}} for name in names])
        if answer.status != 200:
            raise RuntimeError(f"alertmanager answered {answer.status}: {answer.body[:200]!r}")

    def kill(self):
        self.process.kill()

    def start(self):
        """Again, after its end, on its port and with what it had written."""
        self.process = self._start(self.port)
        wait.until(lambda: _ready(self.port), 30, "alertmanager serving again", needs=[self.process])


def _ready(port):
    return web.serves(f"http://127.0.0.1:{port}/-/ready")
