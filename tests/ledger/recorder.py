"""Stands between Alertmanager and the sidecar and writes down each webhook and what became of it."""

import collections
import dataclasses
import http.client
import http.server
import json
import threading
import time

SECONDS = 30  # bound of one exchange with the sidecar


@dataclasses.dataclass(frozen=True)
class Webhook:
    """`status` is what the sidecar answered, None when it answered nothing. `since` and `until` are when,
    by a clock that never steps."""

    body: bytes
    alerts: list
    status: int | None
    since: float = 0
    until: float = 0
    era: int = 0  # how many quiet times there were before
    steps: int = 0  # how often the sidecar's wall clock had been stepped
    stepped: bool = False  # and is now

    @property
    def acknowledged(self):
        return self.status == 200


class Recorder:
    """Listens on loopback. A group's webhooks pass one after the other, so that the record of an alert
    is in the order in which the sidecar got it; groups pass side by side."""

    def __init__(self):
        self.sidecar_port = None
        self.era = self.steps = 0
        self.stepped = False
        self._webhooks = []
        self._lock = threading.Lock()
        self._groups = collections.defaultdict(threading.Lock)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Exchange)
        self._server.daemon_threads = True
        self._server.owner = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api/v1/webhook"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()

    def webhooks(self):
        with self._lock:
            return list(self._webhooks)

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def forward(self, body, authorization):
        """(status, body) of the sidecar's answer; OSError without one."""
        payload = json.loads(body)
        with self._lock:
            group = self._groups[payload["groupKey"]]
        with group:
            status, since = None, time.monotonic()
            try:
                status, answer = self._ask(body, authorization)
                return status, answer
            finally:
                with self._lock:
                    self._webhooks.append(Webhook(
                        body, payload["alerts"], status, since, time.monotonic(), self.era, self.steps,
                        self.stepped))

    def _ask(self, body, authorization):
        connection = http.client.HTTPConnection("127.0.0.1", self.sidecar_port, timeout=SECONDS)
        try:
            connection.request("POST", "/api/v1/webhook", body,
                               {"Authorization": authorization, "Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as broken:
            raise OSError(repr(broken)) from broken
        finally:
            connection.close()


class _Exchange(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            status, answer = self.server.owner.forward(body, self.headers["Authorization"])
        except OSError:
            status, answer = 502, b""
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        except OSError:
            self.close_connection = True  # Alertmanager was killed, or has given up

    def log_message(self, *_):
        """Nothing: what happened is in the record."""
