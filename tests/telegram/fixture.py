"""What the process tests of the channel share: a stand-in, a sidecar that tells it, and its messages.

After each test the bot's token is looked for wherever it must not be: see Secrets."""

import json
import pathlib

from tests.process.fixture import SELF, StackTest
from tests.stack import web
from tests.stack.telegram import PRIVATE, Telegram

# Tries within a second, and the test itself as the target.
QUICK = ["--retry-first", "100ms", "--retry-longest", "300ms", *SELF]
RESOLVED = {"status": "resolved", "ends_at": "2026-01-02T03:14:05Z"}
_TELLING = 10  # so many characters of a secret are no accident


class Secrets:
    """Tokens, and the files that may hold them."""

    def __init__(self):
        self._pieces = set()
        self._files = set()

    def add(self, telegram):
        """The token it has now; call again when it has another."""
        secret = telegram.token.partition(":")[2].encode()
        self._pieces |= {secret[:_TELLING], secret[-_TELLING:]}
        self._files |= {telegram.token_file, telegram.own_token_file}

    def told(self, data):
        return any(piece in data for piece in self._pieces)

    def leaks(self, directory):
        """(files below `directory` that hold one and may not, those that may and were seen to)"""
        found = {path for path in directory.rglob("*")
                 if path.is_file() and self.told(path.read_bytes())}
        return found - self._files, found & self._files


class TelegramTest(StackTest):
    def setUp(self):
        super().setUp()
        self._secrets = Secrets()
        self._tellers = []

    def tearDown(self):
        if not self._tellers:
            return
        leaks, seen = self._secrets.leaks(self.stack.directory)
        self.assertEqual(leaks, set())
        self.assertTrue(seen, "the search finds not even the token's own file")
        for sidecar in self._tellers:
            if sidecar.process.running():
                self._asked_everything(sidecar)

    def _asked_everything(self, sidecar):
        """The token is in no answer and in nothing that other users of the machine can see."""
        answers = [web.call(f"{sidecar.url}/metrics").body]
        for episode in sidecar.alerts():
            answers.append(json.dumps([episode, sidecar.alert(episode["id"])]).encode())
        process = pathlib.Path(f"/proc/{sidecar.process.pid}")
        for data in (*answers, *((process / name).read_bytes() for name in ("cmdline", "environ"))):
            self.assertTrue(data)
            self.assertFalse(self._secrets.told(data), "the token was told")

    def telegram(self, *chats, **options):
        """A stand-in with these chats, or with its own two."""
        made = Telegram(self.stack, *([chats] if chats else []), **options)
        self._secrets.add(made)
        return made

    def change_token(self, telegram):
        """The server takes another one from now on; token_file is left as it was."""
        telegram.change_token()
        self._secrets.add(telegram)

    def teller(self, telegram, *flags, chats=(PRIVATE["id"],), timeout="2s", url=None, **options):
        """A sidecar that tells `chats` ("ID" or "ID/TOPIC") by `telegram`, at `url` if it is another."""
        where = [f"--telegram-chat={chat}" for chat in chats]
        made = self.sidecar("--telegram-api-url", url or telegram.url, "--telegram-token-file",
                            telegram.token_file, "--telegram-timeout", timeout, "--log-level", "debug",
                            *where, *flags, target=tuple(options.pop("target", QUICK)), **options)
        self._tellers.append(made)
        return made

    def messages(self, telegram, number):
        """The messages, once there are so many."""
        self.until(lambda: len(telegram.messages()) >= number, f"message number {number}")
        return telegram.messages()

    def notifications(self, sidecar, channel="telegram"):
        """Those of the newest episode by that channel, in the order in which they were made."""
        found = sidecar.alert(sidecar.alerts()[0]["id"])["notifications"]
        return sorted((sent for sent in found if sent["channel"] == channel), key=lambda sent: sent["id"])

    def settled(self, sidecar, state, number=1):
        """The newest episode's messages, once there are `number`, all of them in `state`."""
        def reached():
            found = self.notifications(sidecar)
            return found if [sent["state"] for sent in found] == [state] * number else None

        return self.until(reached, f"{number} messages in state {state}")

    def attempts(self, sidecar, number):
        """The tries of the newest episode's only message, once there are so many."""
        def reached():
            (found,) = self.notifications(sidecar)
            return found["attempts"] if len(found["attempts"]) >= number else None

        return self.until(reached, f"try number {number}")


def possible_repeat(message):
    return "possible repeat" in message.text
