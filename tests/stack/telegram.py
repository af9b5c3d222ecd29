"""The owner's side of the Telegram stand-in: starts it, sets its behaviour, reads what it kept."""

import datetime
import json
import secrets

from tests.stack import whole
from tests.stack.folder import Folder, Owner

PRIVATE = {"id": 4711, "type": "private"}
GROUP = {"id": -1001234567890, "type": "supergroup", "topics": [7, 8], "closed": [8]}


class Message:
    """One accepted message; `record` is all that the stand-in knows of it."""

    def __init__(self, record):
        self.record = record
        self.message_id = record["message_id"]
        self.chat_id = record["chat_id"]
        self.topic = record["message_thread_id"]
        self.text = record["text"]
        self.entities = record["entities"]
        self.silent = record["disable_notification"]
        self.reply_to = record["reply_to_message_id"]
        self.received_at = datetime.datetime.fromisoformat(record["received_at"])

    def bold(self):
        """The pieces of the text that are bold."""
        encoded = self.text.encode("utf-16-le")
        return [encoded[2 * e["offset"]:2 * (e["offset"] + e["length"])].decode("utf-16-le")
                for e in self.entities if e["type"] == "bold"]

    def says(self, word, alert):
        """Whether it is the message that `alert` is FIRING or RESOLVED."""
        return word in self.text and alert in self.text


class Telegram(Owner):
    """A running stand-in. `chats` as telegram_chats.py has them, `limits` as flags ("--minute", 2),
    `certificate` is a certificate.Certificate, for TLS. `token_file` is for the client."""

    def __init__(self, stack, chats=(PRIVATE, GROUP), limits=(), certificate=None, name="telegram"):
        self.certificate = certificate
        self._bot = secrets.randbelow(9 * 10**9) + 10**9
        self._chats = stack.folder(name) / "chats.json"
        self.own_token_file = stack.path(f"{name}.bot")
        self.change_token()
        self.token_file = stack.path(f"{name}.token", self.token + "\n")
        self.set_chats(chats)
        own = ["--certificate", certificate.server] if certificate else []
        super().__init__(stack, name, "telegram_server", "--token-file", self.own_token_file, *limits, *own)

    @property
    def url(self):
        """For --telegram-api-url."""
        return f"{'https' if self.certificate else 'http'}://localhost:{self.port}"

    def change_token(self):
        """Another token from now on: the old one is 401, and token_file is left as it was."""
        self.token = f"{self._bot}:{secrets.token_urlsafe(26)}"
        whole.write(self.own_token_file, self.token + "\n", mode=0o600)

    def forget(self):
        """Every message is deleted, as its readers can do it."""
        self.process.stop()
        for path in (self.directory / "inbox").iterdir():
            path.unlink()
        self.start()

    def set_chats(self, chats):
        whole.write(self._chats, json.dumps(list(chats)))

    def messages(self, chat_id=None):
        """In the order of arrival."""
        found = map(Message, Folder(self.directory).records())
        return [message for message in found if chat_id in (None, message.chat_id)]

    def about(self, word, alert):
        return [message for message in self.messages() if message.says(word, alert)]
