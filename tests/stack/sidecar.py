"""The program under test as its users see it: flags, HTTP, log, exit code."""

import re
import secrets
import subprocess

from tests.stack import sidecar_program, wait, web

_LISTENING = re.compile(r"http_listening\b.*\bport=(\d+)")


class Sidecar:
    """A running fraud-sidecar. `flags` are the target's and any more; port 0 is any free one."""

    def __init__(self, stack, flags, name="sidecar", port=0, prefix=(), database=None):
        self._stack = stack
        self._name = name
        self.tokens = {scope: secrets.token_urlsafe(24) for scope in ("webhook", "query", "write")}
        self.database = database or stack.folder(name) / "history.db"
        self._command = [*prefix, sidecar_program(), "--database", self.database]
        for scope, token in self.tokens.items():
            path = stack.path(f"{name}.{scope}.token", f"demo {token}\n")
            self._command += [f"--{scope}-token-file", path]
        self._command += flags
        self.process = None
        self.port = port
        self.start()

    def start(self):
        """Starts it, or starts it again with the same settings on the port it had."""
        self.process = self._stack.start(
            self._name, [*self._command, "--listen", f"127.0.0.1:{self.port}"])
        found = wait.until(lambda: _LISTENING.search(self.process.text()), 30,
                           "fraud-sidecar listening", needs=[self.process])
        self.port = int(found.group(1))

    def give(self, *flags):
        """More flags, from the next start on."""
        self._command += flags

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def webhook_url(self):
        return f"{self.url}/api/v1/webhook"

    def post_webhook(self, body, token=None):
        return web.call(self.webhook_url, token or self.tokens["webhook"], body)

    def post(self, path, scope):
        """A POST without a body, with the token of `scope`."""
        return web.call(self.url + path, self.tokens[scope], method="POST", seconds=20)

    def metrics(self):
        return web.Metrics(web.call(f"{self.url}/metrics").body.decode())

    def alerts(self, **query):
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return self._query(f"/api/v1/alerts?{asked}")["alerts"]

    def alert(self, episode_id):
        return self._query(f"/api/v1/alerts/{episode_id}")

    def _query(self, path):
        answer = web.call(self.url + path, self.tokens["query"])
        if answer.status != 200:
            raise RuntimeError(f"fraud-sidecar answered {answer.status} to {path}: {answer.body!r}")
        return answer.json()


def run(*flags, seconds=20):
    """Runs the program to its end, for settings with which it must not start."""
    return subprocess.run([str(word) for word in (sidecar_program(), *flags)], timeout=seconds,
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
