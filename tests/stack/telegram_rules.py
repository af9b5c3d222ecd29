"""What a request says, and what of it can be refused without knowing any chat. Pure.

The order of the checks is the real server's: text, entities, reply_parameters, chat_id. Where it
takes a wrong value for none (a body that is no JSON, a topic that is no number), the stand-in refuses.
"""

import dataclasses
import json
import re
import urllib.parse

from tests.stack import telegram_entities, telegram_html, telegram_text
from tests.stack.telegram_answers import bad_request, stricter

JSON, FORM, QUERY = "application/json", "application/x-www-form-urlencoded", "query"
_MODELLED = {"chat_id", "message_thread_id", "text", "parse_mode", "entities",
             "link_preview_options", "disable_notification", "protect_content",
             "reply_parameters", "disable_web_page_preview"}
_INTEGER = re.compile(r"-?[0-9]{1,19}")


@dataclasses.dataclass(frozen=True)
class Sending:
    """A sendMessage that is right in itself. None: not said."""

    chat_id: int | str  # a string is "@username"
    message_thread_id: int | None
    text: str
    entities: list
    entities_ignored: int
    parse_mode: str | None
    disable_notification: bool
    protect_content: bool
    link_preview_options: dict | None
    reply_to_message_id: int | None
    allow_sending_without_reply: bool


def encoding(content_type):
    """JSON or FORM, None for a body that the real server does not look into."""
    lower = (content_type or "").lower()
    if "multipart/form-data" in lower:
        raise stricter("multipart/form-data is not modelled")
    return next((known for known in (FORM, JSON) if known in lower), None)


def arguments(query, body, kind):
    """Name to value: strings from a query or a form, JSON values from JSON. `body` in bytes."""
    pairs = _pairs(query)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    if kind == FORM:
        pairs += _pairs(text)
    elif kind == JSON and text:
        pairs += _object(text)
    named = dict(pairs)
    if len(named) < len(pairs):
        raise stricter("a parameter is given twice")
    return named


def _pairs(text):
    try:
        return urllib.parse.parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


def _json(text, **options):
    try:
        return json.loads(text, parse_constant=_no_constant, **options)
    except (ValueError, RecursionError):
        return None


def _object(text):
    pairs = _json(text, object_pairs_hook=_Object)
    if not isinstance(pairs, _Object):
        # The real server reads the parameters before the mistake and drops the rest.
        raise stricter("the body is no JSON object")
    return [(name, _plain(value)) for name, value in pairs]


class _Object(list):
    """The members of a JSON object in order, so that one given twice is seen."""


def _plain(value):
    if isinstance(value, _Object):
        members = {name: _plain(member) for name, member in value}
        if len(members) < len(value):
            raise stricter("a field is given twice")
        return members
    return [_plain(member) for member in value] if isinstance(value, list) else value


def sending(given):
    """The arguments of a sendMessage. Raises Refused."""
    for name in given.keys() - _MODELLED:
        raise stricter(f"parameter {name} is not modelled")
    text, entities, ignored = _text(given)
    reply_to, without_reply = _reply(_structure(given, "reply_parameters"))
    return Sending(chat_id=_chat_id(given.get("chat_id", "")),
                   message_thread_id=_positive(given, "message_thread_id"), text=text,
                   entities=entities, entities_ignored=ignored,
                   parse_mode=given.get("parse_mode") or None,
                   disable_notification=_flag(given, "disable_notification"),
                   protect_content=_flag(given, "protect_content"),
                   link_preview_options=_preview(_structure(given, "link_preview_options"))
                   or _old_preview(given),
                   reply_to_message_id=reply_to, allow_sending_without_reply=without_reply)


def _text(given):
    """(text, entities, how many entities are ignored), parsed, not yet cleaned."""
    text = given.get("text", "")
    if not isinstance(text, str):
        raise stricter("text is no string")
    if not text:
        raise bad_request("message text is empty")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise bad_request("strings must be encoded in UTF-8")
    telegram_text.check_size(text)
    mode = given.get("parse_mode", "")
    if mode:
        return *_parsed(text, mode, given), 0
    if "entities" not in given:
        return text, [], 0
    return text, *telegram_entities.read(_structure(given, "entities"))


def _parsed(text, mode, given):
    known = mode.lower() if isinstance(mode, str) else ""
    if known in ("markdown", "markdownv2"):
        raise stricter(f"parse_mode {mode} is not modelled")
    if known != "html":
        raise bad_request("unsupported parse_mode")
    if "entities" in given:
        raise stricter("entities beside parse_mode")  # the real server forgets the entities
    return telegram_html.parsed(text)


def _structure(given, name):
    """A JSON value, also as a string that holds one; None when it is not given."""
    value = given.get(name)
    if not isinstance(value, str):
        return value
    parsed = _json(value)
    if parsed is None and name != "entities":
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
    return parsed


def _preview(options):
    """Checked as far as our messages need it: no preview at all, or the default."""
    if options is None:
        return None
    if not isinstance(options, dict):
        raise bad_request("object expected as link preview options")
    for name in options.keys() - {"is_disabled"}:
        raise stricter(f"link preview option {name} is not modelled")
    if not isinstance(options.get("is_disabled", False), bool):
        raise bad_request("field \"is_disabled\" must be of type Boolean")
    return options


def _old_preview(given):
    """The name that link_preview_options.is_disabled had, which most senders still use."""
    return {"is_disabled": True} if _flag(given, "disable_web_page_preview") else None


def _reply(parameters):
    """(the message to reply to, whether it may be gone)"""
    if parameters is None:
        return None, False
    if not isinstance(parameters, dict):
        raise bad_request("object expected as reply parameters")
    for name in parameters.keys() - {"message_id", "allow_sending_without_reply"}:
        raise stricter(f"reply parameter {name} is not modelled")
    if "message_id" not in parameters:
        raise bad_request("can't find field \"message_id\"")
    return _positive(parameters, "message_id"), _flag(parameters, "allow_sending_without_reply")


def _chat_id(value):
    if value == "":
        raise bad_request("chat_id is empty")
    if isinstance(value, str) and value.startswith("@"):
        return value
    if isinstance(value, bool) or not _INTEGER.fullmatch(str(value)):
        raise bad_request("chat not found")
    return int(value)


def _positive(given, name):
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not re.fullmatch(r"[1-9][0-9]{0,9}", str(value)):
        raise stricter(f"{name} is no positive integer")
    return int(value)


def _flag(given, name):
    value = given.get(name, False)
    words = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise stricter(f"{name} is neither true nor false")
    return words[str(value).lower()]
