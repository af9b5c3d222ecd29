"""Posts webhooks over kept connections and tells when each was answered.

    /usr/bin/python3 -m bench.bridge_load PORT TOKEN_FILE PLAN

PLAN is JSON, as Plan below. On standard output, at the end, one line of JSON, as Report.post() reads it. One
thread: whether it was the limit, its own CPU share tells. As Alertmanager, it sends again what was not
answered with 200; unlike it, it does so at once, and at most TRIES times.
"""

import collections
import dataclasses
import json
import pathlib
import selectors
import socket
import sys
import time

from bench import bridge_body

TRIES = 20
PATIENCE_S = 30  # for answers, once nothing more is sent
CLOSED = 0


@dataclasses.dataclass
class Plan:
    """`rate` payloads a second whatever the answers (an open loop), or CLOSED: each connection posts the
    next when it was answered. Ends after `seconds`, or when `payloads` are posted, and never before
    everything posted was answered. `first` numbers the first alert, `alerts` are in a payload."""

    connections: int
    seconds: float
    rate: float
    payloads: int
    first: int
    alerts: int
    severity: str


class Post:
    """One payload: when it was due, how often it was sent, and when its 200 came (seconds, wall time)."""

    def __init__(self, first, due):
        self.first = first
        self.due = due
        self.tries = 0
        self.answered = None


class Line:
    """One connection, with at most one post on its way."""

    def __init__(self, port, head):
        self._port = port
        self._head = head
        self._socket = None
        self._got = b""
        self.post = None

    def send(self, post, body, selector):
        self.post = post
        post.tries += 1
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(self._socket, selectors.EVENT_READ, self)
        try:
            self._socket.sendall(self._head % len(body) + body)
        except OSError:
            pass  # closed meanwhile: the selector says so next

    def read(self, selector):
        """The status of the answer, 0 when the connection ended without one, None: not yet all there."""
        try:
            block = self._socket.recv(65536)
        except OSError:
            block = b""
        self._got += block
        status = answered(self._got)
        if status is None and block:
            return None
        if not block or b"connection: close" in self._got.partition(b"\r\n\r\n")[0].lower():
            selector.unregister(self._socket)
            self.close()
        self._got = b""
        return status or 0

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def answered(text):
    """The status of an HTTP answer that is all there, else None."""
    head, end, body = text.partition(b"\r\n\r\n")
    if not end:
        return None
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and len(body) < int(value):
            return None
    return int(head[9:12])


class Load:
    def __init__(self, port, token, plan):
        self._plan = plan
        head = ("POST /api/v1/webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                f"Authorization: Bearer {token}\r\nContent-Length: %d\r\n\r\n").encode()
        self._selector = selectors.DefaultSelector()
        self._lines = [Line(port, head) for _ in range(plan.connections)]
        self._idle = collections.deque(self._lines)
        self._busy = set()
        self._again = collections.deque()
        self._posted = 0
        self.posts = []
        self.refused = collections.Counter()

    def run(self):
        begun = time.time()
        give_up = begun + self._plan.seconds + PATIENCE_S
        while not self._done(time.time() - begun) and time.time() < give_up:
            self._send(begun)
            for key, _ in self._selector.select(self._pause(begun)):
                self._read(key.data)
        self._selector.close()
        for line in self._lines:
            line.close()

    def _done(self, elapsed):
        return self._ended(elapsed) and not self._busy and not self._again

    def _ended(self, elapsed):
        return self._posted >= self._plan.payloads or (
            self._plan.rate == CLOSED and elapsed >= self._plan.seconds)

    def _due(self, begun):
        """When the next new payload is due; None: never."""
        if self._ended(time.time() - begun):
            return None
        return time.time() if self._plan.rate == CLOSED else begun + self._posted / self._plan.rate

    def _pause(self, begun):
        due = self._due(begun)
        if due is None or not self._idle:
            return 0.5
        return min(0.5, max(0.0, due - time.time()))

    def _send(self, begun):
        while self._idle:
            if self._again:
                post = self._again.popleft()
            else:
                due = self._due(begun)
                if due is None or due > time.time():
                    return
                post = Post(self._plan.first + self._posted * self._plan.alerts, due)
                self._posted += 1
                self.posts.append(post)
            line = self._idle.popleft()
            self._busy.add(line)
            line.send(post, bridge_body.payload(post.first, self._plan.alerts, self._plan.severity),
                      self._selector)

    def _read(self, line):
        if line.post is None:  # closed by the server while nothing was on its way
            line.read(self._selector)
            return
        status = line.read(self._selector)
        if status is None:
            return
        post, line.post = line.post, None
        self._busy.discard(line)
        self._idle.append(line)
        if status == 200:
            post.answered = time.time()
            return
        self.refused[status] += 1
        if post.tries < TRIES:
            self._again.append(post)


def main():
    plan = Plan(**json.loads(sys.argv[3]))
    token = pathlib.Path(sys.argv[2]).read_text(encoding="ascii").split()[-1]
    load = Load(int(sys.argv[1]), token, plan)
    begun, cpu = time.monotonic(), time.process_time()
    load.run()
    took = time.monotonic() - begun
    print(json.dumps({"cpu_share": (time.process_time() - cpu) / took, "refused": load.refused,
                      "posts": [[post.first, post.due, post.answered] for post in load.posts]}))


if __name__ == "__main__":
    main()
