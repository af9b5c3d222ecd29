"""The receivers carry out each fault of the decks, and write it down: without a sidecar."""

import socket
import time
import unittest
import urllib.parse

from tests.ledger import faults, plan
from tests.stack import wait
from tests.stack.folder import parse
from tests.stack.mailbox import Receiver
from tests.stack.process import Stack
from tests.stack.telegram import Telegram

MAIL = ("EHLO ledger\r\nMAIL FROM:<fraud@test.example>\r\nRCPT TO:<admin@test.example>\r\nDATA\r\n"
        "Subject: FIRING\r\n\r\nFIRING\r\n.\r\nQUIT\r\n")


def send(port, text, seconds):
    """And reads until the receiver closes, at most so long."""
    until = time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            connection.sendall(text.encode())
            while time.monotonic() < until and connection.recv(4096):
                connection.settimeout(max(0.01, until - time.monotonic()))
        except OSError:
            pass


class Receivers(unittest.TestCase):
    def setUp(self):
        self.stack = self.enterContext(Stack("receivers"))

    def carried(self, owner, deck, shown, message):
        for number, fault in enumerate(deck):
            with self.subTest(fault):
                owner.behave(fault)
                name, before = f"under {' '.join(parse(fault)[0])}: ", len(owner.events())
                send(owner.port, message(number), 5 if fault == "drip 0.2" else 0.8)
                ends = wait.until(lambda name=name, before=before: [
                    event for event in owner.events()[before:] if event.startswith(name)], 10, "its end")
                found = faults.Carried([fault], shown, ends)
                self.assertEqual((found.never(True, True), found.ignored), ([], []), ends)

    def test_mail(self):
        self.carried(Receiver(self.stack), plan.MAIL_FAULTS, faults.MAIL, lambda _: MAIL)

    def test_chat(self):
        chats = [{"id": 4711 + number, "type": "private"} for number in range(len(plan.CHAT_FAULTS))]
        telegram = Telegram(self.stack, chats=chats)  # a chat each: none is paced

        def message(number):
            body = urllib.parse.urlencode({"chat_id": chats[number]["id"], "text": "FIRING"})
            return (f"POST /bot{telegram.token}/sendMessage HTTP/1.1\r\nHost: localhost\r\n"
                    "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n{body}")

        self.carried(telegram, plan.CHAT_FAULTS, faults.CHAT, message)


if __name__ == "__main__":
    unittest.main()
