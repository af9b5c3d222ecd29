"""A sidecar that tells a mailbox and a chat, is killed at a point of the path, and goes on."""

import contextlib
import sqlite3

from tests.process.fixture import ALERT, SELF, StackTest, alert, webhook
from tests.stack import wait
from tests.stack.telegram import PRIVATE, Telegram

SECONDS = 60  # bound of a wait; only a failure takes so long
RESOLVED = {"status": "resolved", "ends_at": "2026-01-02T03:14:05Z"}
# Who hangs does so until the kill. Tries within a second.
PATIENT = ["--telegram-timeout", "120s", "--smtp-timeout", "120s", "--smtp-accept-timeout", "120s",
           "--retry-first", "100ms", "--retry-longest", "300ms"]
ONCE, MARKED, TWICE = [False], [True], [False, True]  # by copy: whether it says "possible repeat"


class FloodTest(StackTest):
    def until(self, condition, what, needs=()):
        return wait.until(condition, SECONDS, what, needs)

    def both_channels(self, *flags, target=tuple(SELF)):
        """The servers of both channels in self.mail and self.chat, and a sidecar that tells both."""
        self.mail, self.chat = self.receiver(), Telegram(self.stack)
        return self.sidecar("--telegram-api-url", self.chat.url, "--telegram-token-file",
                            self.chat.token_file, f"--telegram-chat={PRIVATE['id']}", *flags,
                            target=target, receiver=self.mail, mail_waits=PATIENT)

    def copies(self, word, name=ALERT):
        """(marks of the mails, marks of the messages) that tell it, in the order of arrival."""
        mails, messages = self.mail.about(word, name), self.chat.about(word, name)
        self.assertLessEqual(len({mail.message_id for mail in mails}), 1)
        return (["possible repeat" in mail.part("plain") + mail.subject for mail in mails],
                ["possible repeat" in message.text for message in messages])


class KilledTest(FloodTest):
    """The whole test is: up to a point; killed(); expect what each channel holds."""

    def setUp(self):
        super().setUp()
        self.one = self.both_channels()

    def behave(self, mail="accept", chat="accept"):
        self.mail.behave(mail)
        self.chat.behave(chat)

    def fire(self, **how):
        self.post(self.one, alert(**how))

    def settled(self, number, name=ALERT):
        """All `number` messages of the newest episode of that name are delivered: no more will come."""
        def reached():
            episodes = self.one.alerts(name=name)
            sent = self.one.alert(episodes[0]["id"])["notifications"] if episodes else []
            return [each["state"] for each in sent] == ["delivered"] * number

        self.until(reached, f"{number} messages delivered", [self.one.process])

    def killed(self, name=ALERT):
        """SIGKILL, the servers are well again, the same database, and Alertmanager posts what it has."""
        self.one.process.kill()
        self.behave()
        self.one.start()
        self.fire(name=name)
        self.settled(2, name)

    def expect(self, mail, chat, name=ALERT):
        """The copies of the firing; then the end of the alert is told once by both."""
        self.assertEqual(self.copies("FIRING", name), (mail, chat))
        self.fire(name=name, **RESOLVED)
        self.settled(4, name)
        self.assertEqual(self.copies("RESOLVED", name), (ONCE, ONCE))
        self.assertEqual(self.copies("FIRING", name), (mail, chat))

    @contextlib.contextmanager
    def locked(self):
        """Nobody else can write to the history; a write waits two seconds for it and fails."""
        database = sqlite3.connect(self.one.database, isolation_level=None, timeout=20)
        # Closed while the sidecar holds the file: who closes it last would make the checkpoint.
        self.addCleanup(database.close)
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            database.execute("ROLLBACK")

    def episodes(self):
        return self.rows(self.one, "SELECT count(*) FROM episodes")[0][0]


__all__ = ["ALERT", "FloodTest", "KilledTest", "MARKED", "ONCE", "RESOLVED", "TWICE", "alert", "webhook"]
