"""alerter, a public receiver of Alertmanager's webhooks for Telegram, behind Debian's Alertmanager.

Built once from its crate, of one version and with the versions that it names itself, into the cache. It sends
a message while Alertmanager waits for the answer, stores nothing, and leaves it to Alertmanager to try again.

It listens on every address, and tells Telegram at its own address only. So it runs in a network of its own,
whose only way out is a proxy that leads to the stand-in, which has a certificate of that name.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile

from bench.bridge_alertmanager import Direct
from bench.bridge_sides import CHATS
from bench.measure import Cannot
from tests.stack import debian, wait, web
from tests.stack.certificate import Certificate
from tests.stack.network import OwnNetwork
from tests.stack.process import as_root, start_on_port
from tests.stack.proxy import RunningProxy
from tests.stack.telegram import Telegram

CRATE, VERSION = "alerter", "0.3.2"
NAME = f"{CRATE} {VERSION}"
BUILD_S = 2400  # one core is enough
_API = "api.telegram.org"
# Its own one says the same, in bold and with more lines that stay empty here.
_TEMPLATE = """{{#each alerts}}<b>{{labels.alertname}}</b>
{{annotations.summary}}
{{annotations.description}}
{{/each}}"""
_WEBHOOK = """  webhook_configs:
  - {{url: "http://127.0.0.1:{port}/tg", send_resolved: false}}
"""


def program():
    """The program; the first time it takes minutes. Cannot, where it is not to be had."""
    if not as_root():
        raise Cannot(f"{NAME} listens on every address, and only root has a network to put it in")
    place = debian.cache() / f"{CRATE}-{VERSION}"
    if not (place / "bin" / CRATE).exists():
        _build(place)
    return place / "bin" / CRATE


def _build(place):
    if not shutil.which("cargo"):
        raise Cannot(f"{NAME} is built by cargo, and there is none")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{CRATE}-", dir=place.parent) as work:
        command = ["cargo", "install", "--quiet", CRATE, "--version", f"={VERSION}", "--locked", "--root", f"{work}/made"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BUILD_S,
                                  env={**os.environ, "CARGO_TARGET_DIR": f"{work}/target"})
        except subprocess.TimeoutExpired:
            raise Cannot(f"{NAME} was not built in {BUILD_S} s") from None
        if done.returncode:
            last = ([line for line in done.stderr.splitlines() if line.startswith("error")] or ["no message"])[-1]
            raise Cannot(f"{NAME} does not build: {last}")
        shutil.rmtree(place, ignore_errors=True)
        shutil.move(f"{work}/made", place)


@contextlib.contextmanager
def alone():
    """Inside, nothing that is started can reach anything outside, nor the other way round."""
    network = OwnNetwork()
    try:
        yield
    finally:
        network.close()


def telegram(stack):
    """A stand-in that is Telegram for whoever trusts its authority."""
    certificate = Certificate(stack, valid_for=f"DNS:localhost,DNS:{_API},IP:127.0.0.1")
    return Telegram(stack, CHATS, certificate=certificate)


class Alerter:
    """A running one and `front`, its Alertmanager, which takes the alerts and outlives it."""

    def __init__(self, stack, server):
        template = stack.path("alerter.hbs", _TEMPLATE)
        proxy = RunningProxy(stack, "http", {_API: f"127.0.0.1:{server.port}"})

        def start(port):
            return stack.start(CRATE, [
                "env", f"HTTPS_PROXY=http://127.0.0.1:{proxy.port}", f"SSL_CERT_FILE={server.certificate.ca}",
                f"ALERTER_TG_BOT_TOKEN={server.token}", f"ALERTER_TG_CHAT_ID={CHATS[0]['id']}",
                program(), "--tg", f"--port={port}", f"--tg-template-path={template}",
                f"--matrix-template-path={template}"], cwd=stack.directory)

        self._start = start
        self.process, self.port = start_on_port(start, _ready)
        self.front = Direct(stack, _WEBHOOK.format(port=self.port))

    def post(self, names):
        self.front.post(names)

    def kill(self):
        self.process.kill()

    def start(self):
        """Again, after its end, on its port."""
        self.process = self._start(self.port)
        wait.until(lambda: _ready(self.port), 30, f"{CRATE} serving again", needs=[self.process])


def _ready(port):
    try:
        return web.call(f"http://127.0.0.1:{port}/").status == 404
    except OSError:
        return False
