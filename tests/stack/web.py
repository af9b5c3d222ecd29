"""Small HTTP calls on loopback, and the Prometheus text format."""

import http.client
import json
import re
import urllib.error
import urllib.request

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


def call(url, token=None, body=None, method=None, seconds=10):
    """One request. `body` is sent as it is when bytes, else as JSON. Every status is an Answer; a
    server that does not answer is an OSError."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    if data is not None:
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with _OPENER.open(request, timeout=seconds) as reply:
            return Answer(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.headers, refused.read())
    except http.client.HTTPException as broken:
        raise OSError(f"broken answer from {url}: {broken!r}") from broken


def serves(url):
    """Whether a GET is answered with 200."""
    try:
        return call(url, seconds=2).status == 200
    except OSError:
        return False


class Metrics:
    """One scrape. What is not there is None, never 0."""

    def __init__(self, text):
        self._samples = []
        for line in text.splitlines():
            match = _LINE.match(line)
            if match:
                name, labels, value = match.groups()
                self._samples.append((name, dict(_LABEL.findall(labels or "")), float(value)))

    def value(self, name, **labels):
        """The first sample of `name` that has these labels."""
        for sample, own, value in self._samples:
            if sample == name and labels.items() <= own.items():
                return value
        return None

    def total(self, name, **labels):
        """The sum of all samples of `name` that have these labels."""
        values = [value for sample, own, value in self._samples
                  if sample == name and labels.items() <= own.items()]
        return sum(values) if values else None

    def names(self):
        return {name for name, _, _ in self._samples}
