"""Raw requests to the stand-in, as a careless client would make them, and one stand-in per class."""

import http.client
import itertools
import json
import unittest
import urllib.parse

from tests.stack import wait, web
from tests.stack.process import Stack
from tests.stack.telegram import Telegram

PRIVATE, BLOCKED, PLAIN, GROUP, KICKED, OLD, NEW, FORUM, LOCKED = (
    11, 12, -21, -1001, -1002, -22, -1003, -1004, -1005)
CHATS = [
    {"id": PRIVATE, "type": "private"}, {"id": BLOCKED, "type": "private", "blocked": True},
    {"id": PLAIN, "type": "group"}, {"id": GROUP, "type": "supergroup", "username": "watchers"},
    {"id": KICKED, "type": "supergroup", "blocked": True},
    {"id": OLD, "type": "group", "migrated_to": NEW}, {"id": NEW, "type": "supergroup"},
    {"id": FORUM, "type": "supergroup", "topics": [7, 8], "closed": [8]},
    {"id": LOCKED, "type": "supergroup", "topics": [1, 7], "closed": [1]},
]
UNLIMITED = ["--chat-per-second", 0, "--group-per-minute", 0, "--all-per-second", 0]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class StandInTest(unittest.TestCase):
    """A stand-in without limits for all tests of a class; `limits` may be others."""

    limits = UNLIMITED

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack("telegram-test")
        cls.addClassCleanup(cls.stack.close)
        cls.telegram = Telegram(cls.stack, CHATS, cls.limits)

    def setUp(self):
        self.telegram.behave("accept")
        self.known = len(self.telegram.messages())

    def new_messages(self):
        """What was stored since the test began."""
        return self.telegram.messages()[self.known:]

    def request(self, method, path, body=None, kind=None, headers=(), seconds=5):
        """One request on a connection of its own. A connection without an answer is an OSError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.telegram.port, timeout=seconds)
        try:
            own = {"Content-Type": kind} if kind else {}
            connection.request(method, path, body, {**own, **dict(headers)})
            reply = connection.getresponse()
            return web.Answer(reply.status, reply.headers, reply.read())
        except http.client.HTTPException as broken:
            raise OSError(f"broken answer: {broken!r}") from broken
        finally:
            connection.close()

    def path(self, method="sendMessage", token=None):
        return f"/bot{token or self.telegram.token}/{method}"

    def post(self, body, kind=JSON, **options):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", self.path(), data, kind, **options)

    def send(self, chat=PRIVATE, text="FIRING fire", **more):
        return self.post({"chat_id": chat, "text": text, **more})

    def until_status(self, status, *chats):
        """Sends to one chat after the other until the answer is `status`."""
        chat = itertools.cycle(chats)
        wait.until(lambda: self.send(next(chat)).status == status, 20, f"answer {status}")

    def get(self, **parameters):
        return self.request("GET", f"{self.path()}?{urllib.parse.urlencode(parameters)}")

    def taken(self, reply):
        """The message that the stand-in kept for this reply."""
        self.assertEqual(reply.status, 200, reply.body)
        self.assertIs(reply.json()["ok"], True)
        kept = self.telegram.messages()[-1]
        self.assertEqual(reply.json()["result"]["message_id"], kept.message_id)
        return kept

    def refused(self, reply, code, description, **parameters):
        """As the real server says it, and nothing was stored."""
        expected = {"ok": False, "error_code": code, "description": description}
        if parameters:
            expected["parameters"] = parameters
        self.assertEqual((reply.status, reply.json()), (code, expected))
        self.assertEqual(self.new_messages(), [])
