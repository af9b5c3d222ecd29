"""What the process tests of the channel share: a stand-in, a sidecar that tells it, and its messages."""

import os

from tests.process.fixture import StackTest
from tests.stack.telegram import PRIVATE, Telegram

# Tries within a second, and the test itself as the target.
QUICK = ["--retry-first", "100ms", "--retry-longest", "300ms", "--target-pid", os.getpid(),
         "--cpu-source", "proc", "--cpu-limit-cores", "1"]


class TelegramTest(StackTest):
    def telegram(self, *chats, **options):
        """A stand-in with these chats, or with its own two."""
        return Telegram(self.stack, *([chats] if chats else []), **options)

    def teller(self, telegram, *flags, chats=(PRIVATE["id"],), timeout="2s", url=None, **options):
        """A sidecar that tells `chats` ("ID" or "ID/TOPIC") by `telegram`, at `url` if it is another."""
        where = [f"--telegram-chat={chat}" for chat in chats]
        return self.sidecar("--telegram-api-url", url or telegram.url, "--telegram-token-file",
                            telegram.token_file, "--telegram-timeout", timeout, *where, *flags,
                            target=tuple(QUICK), **options)

    def messages(self, telegram, number):
        """The messages, once there are so many."""
        self.until(lambda: len(telegram.messages()) >= number, f"message number {number}")
        return telegram.messages()

    def attempts(self, sidecar, number):
        """The tries of the history's only notification, once there are so many."""
        def reached():
            found = sidecar.alert(sidecar.alerts()[0]["id"])["notifications"]
            self.assertEqual(len(found), 1)
            return found[0]["attempts"] if len(found[0]["attempts"]) >= number else None

        return self.until(reached, f"try number {number}")

    def without_secret(self, telegram, sidecar):
        """The token is in no log and in no answer of the history."""
        self.assertNotIn(telegram.token, sidecar.process.text())
        for episode in sidecar.alerts():
            self.assertNotIn(telegram.token, str(sidecar.alert(episode["id"])))
