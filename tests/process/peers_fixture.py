"""Two sidecars that share one history, as the process tests start them."""

import secrets

from tests.process.fixture import SELF, StackTest, quick, webhook
from tests.stack import web
from tests.stack.process import free_port
from tests.stack.sidecar import Sidecar

HOLD = "2s"  # where the second has to send
PATIENT = "20s"  # where it shall not, however slow the machine is
MARK = "possible repeat"


def mail_flags(port, waits=()):
    """A mail server on loopback; `waits` as fixture.quick's, which is what it is without."""
    return ["--smtp-url", f"smtp://127.0.0.1:{port}", "--smtp-tls", "none", "--mail-from",
            "fraud@test.example", "--mail-to", "admin@test.example", *(waits or quick())]


def marked(mail):
    return MARK in (mail.part("plain") + mail.subject).lower()


class PeersTest(StackTest):
    """Verbs for a pair: `ports` are the places of fraud-0 and fraud-1."""

    def setUp(self):
        super().setUp()
        self.ports = [free_port(), free_port()]
        self.peer_token = secrets.token_urlsafe(24)
        self.peer_token_file = self.stack.path("peer.token", self.peer_token + "\n")

    def side(self, place, *flags, hold=HOLD, token_file=None, position=None, hosts=("127.0.0.1",) * 2):
        """fraud-0 or fraud-1. `flags` are how it tells people; `position` is its place unless it is wrong."""
        peers = [word for host, port in zip(hosts, self.ports)
                 for word in ("--peer", f"http://{host}:{port}")]
        return Sidecar(self.stack, [*SELF, "--name", f"fraud-{place}", *peers, "--position",
                                    place if position is None else position, "--peer-token-file",
                                    token_file or self.peer_token_file, "--hold", hold, *flags],
                       name=f"fraud-{place}", port=self.ports[place])

    def pair(self, receiver, hold=HOLD):
        flags = mail_flags(receiver.port)
        return self.side(0, *flags, hold=hold), self.side(1, *flags, hold=hold)

    def post_all(self, sidecars, *alerts):
        for sidecar in sidecars:
            answer = sidecar.post_webhook(webhook(*alerts))
            self.assertEqual(answer.status, 200, answer.body)

    def outbox(self, sidecar):
        """(kind, state) of every message, oldest first."""
        return self.rows(sidecar, "SELECT kind, state FROM outbox JOIN transitions"
                                  " ON transitions.id = transition_id ORDER BY outbox.id")

    def all_delivered(self, sidecar, number):
        """Waits until that many messages are settled, each delivered by somebody."""
        self.until(lambda: [state for _, state in self.outbox(sidecar)] == ["delivered"] * number,
                   f"{number} messages settled")

    def attempts(self, sidecar):
        """(outcome, detail, possible_repeat) of every try."""
        return self.rows(sidecar, "SELECT outcome, detail, possible_repeat FROM attempts ORDER BY id")

    def ask(self, sidecar, path, token=None):
        return web.call(sidecar.url + path, token or sidecar.tokens["query"])
