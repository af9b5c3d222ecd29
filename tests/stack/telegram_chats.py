"""The chats a bot knows, and whether a message may go to one of them.

DIR/chats.json is an array of objects:

    id           negative for groups, as Telegram gives them
    type         private, group or supergroup
    username     of a public supergroup: a bot may write to "@username"
    topics       the ids of a forum's topics; without it the chat has none
    closed       those of them that are closed; 1 is "General", where messages without a topic go
    blocked      true: the user has blocked the bot, or the group has kicked it
    migrated_to  a group's id since it is a supergroup
"""

import dataclasses
import json

from tests.stack.telegram_answers import Refused, bad_request

GENERAL = 1


@dataclasses.dataclass(frozen=True)
class Chat:
    id: int
    type: str
    username: str | None = None
    topics: list | None = None
    closed: list = ()
    blocked: bool = False
    migrated_to: int | None = None

    @property
    def is_group(self):
        return self.type != "private"


def read(path):
    """Chats by id. Raises ValueError or TypeError when the file is wrong."""
    chats = [Chat(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    for chat in chats:
        if chat.type not in ("private", "group", "supergroup") or (chat.id > 0) == chat.is_group:
            raise ValueError(f"chat {chat.id}: {chat.type} is not possible")
        if chat.username and chat.type != "supergroup":
            raise ValueError(f"chat {chat.id}: a {chat.type} has no name for bots")
    return {chat.id: chat for chat in chats}


def admit(chats, sending, known):
    """(the chat, the message it replies to or None). known(chat_id, message_id): there is such a message.

    Raises Refused."""
    chat = _find(chats, sending.chat_id)
    _check_access(chat)
    _check_topic(chat, sending.message_thread_id)
    reply_to = sending.reply_to_message_id
    if reply_to is None or known(chat.id, reply_to):
        return chat, reply_to
    if not sending.allow_sending_without_reply:
        raise bad_request("message to be replied not found")
    return chat, None


def _find(chats, chat_id):
    for chat in chats.values():
        if chat_id == chat.id or (chat.username and str(chat_id).lower() == f"@{chat.username.lower()}"):
            return chat
    raise bad_request("chat not found")


def _check_access(chat):
    if chat.migrated_to is not None:
        raise Refused(400, "Bad Request: group chat was upgraded to a supergroup chat",
                      migrate_to_chat_id=chat.migrated_to)
    if chat.blocked:
        raise Refused(403, "Forbidden: bot was blocked by the user" if not chat.is_group
                      else f"Forbidden: bot was kicked from the {chat.type} chat")


def _check_topic(chat, topic):
    if topic is None:
        if chat.topics is not None and GENERAL in chat.closed:
            raise bad_request("TOPIC_CLOSED")
        return
    # General has no number to a bot. In a chat without topics the newest real server sends the message
    # as if no topic were given; older ones refuse, and nobody should rely on either.
    if topic == GENERAL or topic not in (chat.topics or []):
        raise bad_request("message thread not found")
    if topic in chat.closed:
        raise bad_request("TOPIC_CLOSED")
