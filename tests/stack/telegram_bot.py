"""One bot: what its methods do once a request is understood. Knows no HTTP."""

import dataclasses
import datetime
import re
import threading

from tests.stack import telegram_chats, telegram_rules, telegram_text
from tests.stack.telegram_answers import Refused, success, too_many
from tests.stack.telegram_pace import Pace

_FIRST_MESSAGE = 101  # of every chat: ids of two chats overlap, as those of two supergroups do
TOKEN = re.compile(r"[1-9][0-9]{0,15}:[A-Za-z0-9_-]{1,60}")


def read_token(path):
    token = path.read_text(encoding="ascii").strip()
    if not TOKEN.fullmatch(token):
        raise ValueError(f"{path} holds no bot token")
    return token


class Bot:
    """For several threads at once. `folder` is a folder.Folder."""

    def __init__(self, folder, identifier, limits):
        self._folder = folder
        self._user = {"id": identifier, "is_bot": True, "first_name": "Stand-in",
                      "username": "stand_in_bot"}
        self._pace = Pace(limits)
        self._lock = threading.Lock()
        self._messages = {}  # chat: the ids of its messages
        for record in folder.records():
            self._messages.setdefault(record["chat_id"], set()).add(record["message_id"])

    def call(self, method, arguments, request, now):
        """The answer to a method whose parameters are `arguments`. `request` goes into the record
        of a message as it is; `now` in seconds, steady. Raises Refused."""
        if method.lower() == "getme":
            return success(self._user)
        if method.lower() != "sendmessage":
            raise Refused(404, "Not Found: method not found")
        sending = telegram_rules.sending(arguments)
        with self._lock:
            return success(self._send(sending, request, now))

    def _send(self, sending, request, now):
        chats = telegram_chats.read(self._folder.path / "chats.json")
        chat, reply_to = telegram_chats.admit(chats, sending, self._known)
        text, entities = telegram_text.accepted(sending.text, sending.entities)
        turn = self._pace.ask(chat.id, chat.is_group, now)
        if turn.early:
            self._folder.event("early")
        if turn.retry_after:
            raise too_many(turn.retry_after)
        kept = dataclasses.replace(sending, chat_id=chat.id, text=text, entities=entities,
                                   reply_to_message_id=reply_to)
        return self._keep(chat, kept, request)

    def _known(self, chat_id, message_id):
        return message_id in self._messages.get(chat_id, ())

    def _keep(self, chat, sending, request):
        """Stores the message; the Message object for the answer."""
        known = self._messages.setdefault(chat.id, set())
        message_id = max(known, default=_FIRST_MESSAGE - 1) + 1
        at = datetime.datetime.now(datetime.timezone.utc)
        record = {"message_id": message_id, "received_at": at.isoformat(timespec="milliseconds"),
                  **dataclasses.asdict(sending), **request}
        del record["allow_sending_without_reply"]
        self._folder.store(record)
        known.add(message_id)
        self._folder.event("stored")
        return self._message(chat, sending, message_id, int(at.timestamp()))

    def _message(self, chat, sending, message_id, date):
        name = {"title": "Stand-in group"} if chat.is_group else {"first_name": "Somebody"}
        shown = {"id": chat.id, "type": chat.type, **name}
        message = {"message_id": message_id, "from": self._user, "chat": shown, "date": date,
                   "text": sending.text}
        if sending.entities:
            message["entities"] = sending.entities
        if sending.message_thread_id is not None:
            message.update(message_thread_id=sending.message_thread_id, is_topic_message=True)
        if sending.reply_to_message_id is not None:
            message["reply_to_message"] = {"message_id": sending.reply_to_message_id,
                                           "chat": shown, "date": date}
        return message
