"""The embedded Alertmanager, one or a pair: groups alerts and posts them to the sidecars."""

import json
import string

from tests.stack import ROOT, servers, wait, web
from tests.stack.compression import compress, divide
from tests.stack.process import free_port, start_on_port

CONFIG = ROOT / "tests/stack/config/alertmanager.yml"
GROUP_INTERVAL = "1m"  # as in CONFIG
PEER_TIMEOUT = "15s"  # how long the second of a pair leaves the telling to the first
MAIL_TO = "admin@test.example"


class Alertmanager:
    """`others` are more webhooks, [(url, token)]. `mail_port` is that of a mail server on loopback, for the
    second way past the sidecars. `gossip` is its own port and those of all, for a pair."""

    def __init__(self, stack, webhook_url, token, factor=1, others=(), mail_port=None,
                 name="alertmanager", gossip=None):
        webhooks = [(url, stack.path(f"{name}-{i}.token", secret))
                    for i, (url, secret) in enumerate([(webhook_url, token), *others])]
        config = stack.path(f"{name}.yml", configuration(*webhooks[0], factor, webhooks[1:], mail_port))
        data = stack.folder(name)

        def start(port):
            return stack.start(name, [
                servers.program("prometheus-alertmanager"), f"--config.file={config}",
                f"--storage.path={data}", f"--web.listen-address=127.0.0.1:{port}",
                f"--web.external-url=http://127.0.0.1:{port}/", *_cluster(gossip, factor),
                "--log.level=warn"], cwd=servers.home())

        self._start = start
        self.process, self.port = start_on_port(start, _ready)
        self.url = f"http://127.0.0.1:{self.port}"

    def post(self, name, ends_at=None, annotations=None, starts_at=None, **labels):
        """Raises an alert without Prometheus; with `ends_at` (RFC 3339) in the past it is resolved, without it
        lasts for CONFIG's resolve_timeout. `starts_at` is now, or `ends_at`."""
        alert = {"labels": {"alertname": name, **labels}, "annotations": annotations or {}}
        if starts_at:
            alert["startsAt"] = starts_at
        if ends_at:
            alert["endsAt"] = ends_at
        self._call("alerts", [alert])

    def silence(self, name):
        """From now on nobody is told of alerts of that name."""
        self._call("silences", {
            "matchers": [{"name": "alertname", "value": name, "isRegex": False, "isEqual": True}],
            "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
            "createdBy": "test", "comment": "test"})

    def listed(self):
        """The names of the alerts that fire there, silenced ones too."""
        return [alert["labels"]["alertname"] for alert in self._call("alerts")]

    def _call(self, what, body=None):
        answer = web.call(f"{self.url}/api/v2/{what}", body=body)
        if answer.status != 200:
            raise RuntimeError(f"alertmanager answered {answer.status}: {answer.body[:200]!r}")
        return answer.json() if answer.body else None

    def start(self):
        """Starts it, after it was stopped or killed, on its port with what it had written."""
        self.process = self._start(self.port)
        wait.until(lambda: _ready(self.port), 30, "alertmanager serving again", needs=[self.process])

    def restart(self):
        """SIGKILL, then started again."""
        self.process.kill()
        self.start()


def pair(stack, webhook_url, token, factor=1, **options):
    """Two that know of each other's messages and silences, though not of each other's alerts."""
    ports = [free_port(), free_port()]
    return [Alertmanager(stack, webhook_url, token, factor, name=f"alertmanager-{i}",
                         gossip=(port, ports), **options) for i, port in enumerate(ports)]


def _cluster(gossip, factor):
    if not gossip:
        return ["--cluster.listen-address="]
    own, ports = gossip
    peers = [f"--cluster.peer=127.0.0.1:{port}" for port in ports if port != own]
    # Before it tells anything, a member waits for 30 intervals of gossip.
    return [f"--cluster.listen-address=127.0.0.1:{own}", f"--cluster.advertise-address=127.0.0.1:{own}",
            f"--cluster.peer-timeout={divide(PEER_TIMEOUT, factor)}",
            "--cluster.gossip-interval=50ms", "--cluster.pushpull-interval=1s", *peers]


def _ready(port):
    return web.serves(f"http://127.0.0.1:{port}/-/ready")


def configuration(webhook_url, token_file, factor, others=(), mail_port=None):
    """`others` are [(url, token file)]."""
    webhooks = [{"url": url, "send_resolved": True,
                 "http_config": {"authorization": {"type": "Bearer", "credentials_file": str(file)}}}
                for url, file in [(webhook_url, token_file), *others]]
    mails = []
    if mail_port:
        mails = [{"to": MAIL_TO, "from": "alertmanager@test.example", "require_tls": False,
                  "smarthost": f"127.0.0.1:{mail_port}", "send_resolved": True}]
    text = string.Template(compress(CONFIG.read_text(encoding="utf-8"), factor))
    return text.substitute(webhooks=json.dumps(webhooks), mails=json.dumps(mails))
