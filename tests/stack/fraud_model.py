"""The model service under test as its users see it: flags, two ports, log, exit code."""

import re
import subprocess

from tests.stack import ROOT, model_program, placement, wait, web

SHIPPED = ROOT / "model-svc/models/default"
START_S = 30
_LISTENING = re.compile(r"http_listening\b.*\bport=(\d+)\b.*\badmin_port=(\d+)")


class FraudModel:
    """A running fraud-model with the shipped model, or another `folder`. With `cpu_limit` (cores) it is
    placed under that limit by what this machine offers; `placed` then says how. It listens when this
    returns, but with `patient` False, where the caller asks listening() until it does."""

    def __init__(self, stack, flags=(), folder=SHIPPED, name="fraud-model", cpu_limit=None, sudo=None,
                 patient=True):
        command = [model_program(), "--model-folder", folder, "--listen", "127.0.0.1:0",
                   "--admin-listen", "127.0.0.1:0", *flags]
        self.placed = None
        if cpu_limit:
            self.placed = placement.start(stack, name, command, cpu_limit, sudo)
            self.process = self.placed.process
        else:
            self.process = stack.start(name, command)
        self.port = self.admin_port = None  # until it listens
        if patient:
            wait.until(self.listening, START_S, "fraud-model listening", needs=[self.process])

    def listening(self):
        """Whether it has begun to; its ports are known from then on."""
        found = _LISTENING.search(self.process.text()) if self.port is None else None
        if found:
            self.port, self.admin_port = int(found.group(1)), int(found.group(2))
        return self.port is not None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin_url(self):
        return f"http://127.0.0.1:{self.admin_port}"

    def predict(self, transaction):
        return web.call(f"{self.url}/predict", body=transaction)

    def predict_batch(self, transactions):
        return web.call(f"{self.url}/predict/batch", body=transactions)

    def version(self):
        return web.call(f"{self.url}/model").json()["model_version"]

    def reload(self):
        return web.call(f"{self.admin_url}/-/reload", method="POST")

    def metrics(self):
        return web.Metrics(web.call(f"{self.admin_url}/metrics").body.decode())


def run(*flags, seconds=20):
    """Runs the program to its end, for settings with which it must not start."""
    return subprocess.run([str(word) for word in (model_program(), *flags)], timeout=seconds,
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def transaction(number=1, amount=42.5, **fields):
    """A transaction as /predict takes it."""
    return {"transaction_id": number, "tx_datetime": "2018-08-01 12:00:00", "customer_id": 5,
            "terminal_id": 7, "tx_amount": amount, **fields}
