"""Servers within the test: one that does with each request what the test says, and answers of JSON."""

import http.server
import itertools
import json
import socketserver
import threading

SECONDS = 30  # how long a peer may be silent, and a gate be shut
_REASONS = {200: "OK", 422: "Unprocessable Entity", 503: "Service Unavailable"}


class _Connection(socketserver.StreamRequestHandler):
    timeout = SECONDS
    disable_nagle_algorithm = True

    def handle(self):
        try:
            while self._exchange(self.server.owner):
                pass
        except OSError:
            pass  # a driver that gives up has told what it thinks

    def _exchange(self, owner):
        """One request; whether another may follow."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(8192)
            if not line:
                return False
            head += line
        fields = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:-1])
        body = self.rfile.read(int(fields[b"content-length"]))
        what = owner.take(head.splitlines()[0].decode(), body)
        owner.gate.wait(SECONDS)
        if what == "hang":
            self.rfile.read(1)  # until the driver has given up
        elif what == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
        elif what == "garbage":
            self.wfile.write(b"mumble\r\n\r\n")
        elif what != "close":
            self.wfile.write(f"HTTP/1.1 {what} {_REASONS[what]}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        return isinstance(what, int)


class Scripted:
    """Listens on loopback until close(). `script(number)` says what is done with the request of that
    number, from 0: a status, "close" (no answer), "cut" (a part of one), "garbage" or "hang". While `gate` is shut, requests
    are taken and not answered. `order`, shared by several servers, gets `name` for each request."""

    def __init__(self, script=lambda number: 200, name="", order=None):
        self.gate = threading.Event()
        self.gate.set()
        self.order = order if order is not None else []
        self.requests = []  # (first line, body)
        self._script = script
        self._name = name
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._server = _serve(socketserver.ThreadingTCPServer, _Connection)
        self._server.owner = self
        self.target = f"127.0.0.1:{self._server.server_address[1]}"

    def take(self, line, body):
        with self._lock:
            self.requests.append((line, body))
            self.order.append(self._name)
            return self._script(next(self._numbers))

    def close(self):
        self.gate.set()
        _end(self._server)


class Answers:
    """Answers GET with JSON: `found` maps a path without its query to a value. What is not there, or is
    asked without the bearer `token`, is refused."""

    def __init__(self, token=None):
        self.found = {}
        self.token = token
        self._server = _serve(http.server.ThreadingHTTPServer, _Asked)
        self._server.owner = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self):
        _end(self._server)


class _Asked(http.server.BaseHTTPRequestHandler):
    timeout = SECONDS

    def do_GET(self):
        owner = self.server.owner
        value = owner.found.get(self.path.partition("?")[0])
        status = 200 if value is not None else 404
        if owner.token and self.headers.get("Authorization") != f"Bearer {owner.token}":
            status, value = 401, None
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: the test says what it saw."""


def _serve(kind, handler):
    kind.daemon_threads = True
    kind.request_queue_size = 128
    server = kind(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


def _end(server):
    server.shutdown()
    server.server_close()
