"""The argument `entities` of sendMessage (get_text_entity of tdlib/telegram-bot-api). Pure."""

import re

from tests.stack.telegram_answers import bad_request, stricter

COUNT_MAX = 100  # the formatting of all others is ignored
_PLAIN = {"bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote",
          "expandable_blockquote"}
_NEEDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id",
          "date_time": "unix_time"}
# The server finds these by itself and ignores them when they are given.
_FOUND = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number",
          "bank_card_number"}
_URL = re.compile(r"(?:https?://[^\s/]+|tg://\S)\S*")


def read(entities):
    """(the first hundred, how many more were given). Raises Refused."""
    if not isinstance(entities, list):
        # The real server sends the text without any formatting.
        raise stricter("entities is no array")
    known = [entity for entity in map(_entity, entities) if entity["type"] not in _FOUND]
    return known[:COUNT_MAX], max(len(known) - COUNT_MAX, 0)


def _refused(what):
    return bad_request(f"can't parse MessageEntity: {what}")


def _entity(value):
    if not isinstance(value, dict):
        raise _refused("expected an Object")
    entity = {**value, "offset": _number(value, "offset"), "length": _number(value, "length")}
    kind = _field(value, "type")
    if not isinstance(kind, str):
        raise _refused('Field "type" must be of type String')
    if not kind:
        raise _refused("Type is not specified")
    if kind not in _PLAIN and kind not in _NEEDS and kind not in _FOUND:
        raise _refused("Unsupported type specified")
    if kind in _NEEDS:
        _field(value, _NEEDS[kind])
    if kind == "text_link":
        _check_url(value["url"])
    return entity


def _check_url(url):
    if not isinstance(url, str):
        raise _refused('Field "url" must be of type String')
    if not _URL.fullmatch(url):
        # The real server drops the entity and shows the text without a link.
        raise stricter("the url of a text_link is none")


def _field(value, name):
    if name not in value:
        raise _refused(f'Can\'t find field "{name}"')
    return value[name]


def _number(value, name):
    """Digits in a string are a number, as they are to the real server."""
    field = _field(value, name)
    if isinstance(field, bool) or not isinstance(field, (int, float, str)):
        raise _refused(f'Field "{name}" must be a Number')
    if not re.fullmatch(r"-?[0-9]{1,10}", str(field)):
        raise _refused(f'Field "{name}" must be a valid Number')
    return int(field)
