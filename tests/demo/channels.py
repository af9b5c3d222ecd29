"""The ways to the administrator: a server of ours that keeps what arrives, or somebody else's."""

import dataclasses
import datetime
import re

from tests.stack import ADMIN_ALERT
from tests.stack.mailbox import Receiver
from tests.stack.telegram import PRIVATE, Telegram

MAIL_FROM = "fraud-sidecar@demo.example"
MAIL_TO = "administrator@demo.example"
_LATER_PART = re.compile(r"-p\d+$")  # of the key of a message that was too long for one


@dataclasses.dataclass
class Message:
    """About the administrator's alert. `text` as it was received, None in a mailbox that is not ours."""

    subject: str
    at: datetime.datetime
    text: str | None = None


class Channel:
    """`flags` make a sidecar use it. `counted` says what a message of messages() has come to: "received",
    by the server's own log, or "accepted" by somebody else's server, by the history."""

    def __init__(self, name, flags, where, server=None):
        self.name = name
        self.flags = flags
        self.where = where  # for a line on the screen
        self.server = server
        self.counted = "received" if server else "accepted"

    def messages(self, word, sidecar):
        """Those of the administrator's alert that say `word`, the oldest first."""
        if self.server:
            return [self._as_received(found) for found in self.server.about(word, ADMIN_ALERT)]
        found = [Message(sent["subject"], _moment(sent["attempts"][-1]["ended_at"]))
                 for sent in self._history(sidecar) if sent["state"] == "delivered"
                 and word in sent["subject"] and not _LATER_PART.search(sent["key"])]
        return sorted(found, key=lambda message: message.at)

    def refusal(self, sidecar):
        """Why the last try that failed did, by the history; "" when none did."""
        tries = [attempt for sent in self._history(sidecar) for attempt in sent["attempts"]
                 if attempt["ended_at"] and attempt["outcome"] != "delivered"]
        return max(tries, key=lambda attempt: attempt["ended_at"])["detail"] if tries else ""

    def _history(self, sidecar):
        return [sent for episode in sidecar.alerts(name=ADMIN_ALERT)
                for sent in sidecar.alert(episode["id"])["notifications"]
                if sent["channel"] == self.name]

    def processes(self):
        return [self.server.process] if self.server else []


class Email(Channel):
    def _as_received(self, mail):
        head = "".join(f"{name}: {mail.header(name)}\n"
                       for name in ("From", "To", "Subject", "Date", "Message-ID"))
        body = mail.part("plain").replace("\r\n", "\n").rstrip()
        return Message(mail.subject, mail.received_at, head + "\n" + body)


class TelegramChat(Channel):
    def _as_received(self, message):
        return Message(message.text.splitlines()[0], message.received_at, message.text)


def make(stack, arguments):
    """Both, with the stand-in servers that the arguments leave to us."""
    return [_email(stack, arguments), _telegram(stack, arguments)]


def _email(stack, arguments):
    if not arguments.smtp:
        receiver = Receiver(stack)
        return Email("email", ["--smtp-url", f"smtp://127.0.0.1:{receiver.port}", "--smtp-tls", "none",
                               "--mail-from", MAIL_FROM, "--mail-to", MAIL_TO],
                     f"SMTP receiver at 127.0.0.1:{receiver.port}", receiver)
    flags = ["--smtp-url", arguments.smtp, "--mail-to", arguments.mail_to,
             "--mail-from", arguments.mail_from or arguments.mail_to]
    for name in ("smtp_tls", "smtp_password_file", "smtp_ca_file"):
        if getattr(arguments, name):
            flags += ["--" + name.replace("_", "-"), getattr(arguments, name)]
    return Email("email", flags, f"to {arguments.mail_to}, by your server")


def _telegram(stack, arguments):
    if arguments.telegram_chat:
        return TelegramChat("telegram", ["--telegram-token-file", arguments.telegram_token_file,
                                         f"--telegram-chat={arguments.telegram_chat}"],
                            f"chat {arguments.telegram_chat}, by your bot")
    server = Telegram(stack, chats=(PRIVATE,))
    return TelegramChat("telegram", ["--telegram-api-url", server.url, "--telegram-token-file",
                                     server.token_file, f"--telegram-chat={PRIVATE['id']}"],
                        f"stand-in for the Bot API at {server.url}", server)


def _moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
