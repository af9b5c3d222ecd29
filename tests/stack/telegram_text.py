"""A text and its entities as Telegram keeps them. Pure.

Entities count UTF-16 code units, Python counts characters. Like fix_formatted_text of tdlib/td:
control characters become blanks, "\\r" and a few invisible marks vanish, blanks at both ends are cut,
and the entities move along. Not modelled: the repair of right-to-left overrides.
"""

import re

from tests.stack.telegram_answers import bad_request, stricter

LENGTH_MAX = 4096  # UTF-16 units, after everything is parsed; tdlib itself counts characters
_BYTES_MAX = 1 << 15  # checked by the real server before anything is parsed
_INVISIBLE = {"\r", "\u0333", "\u033f", "\u030a", *map(chr, range(0x2028, 0x202F))}
# A text of nothing else is empty: blanks of all widths, joiners, marks of direction, tags.
_EMPTY = re.compile("[ \n\u00a0\u1680\u180e\u2000-\u200f\u202f\u205f\u2800\u3000\ufeff\ufffc"
                    "\U000e0000-\U000e007f]*")
_ALONE = {"code", "pre"}  # may neither hold nor cut into another entity


def units(text):
    """Its length in UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def check_size(text):
    """The bound on what is parsed at all."""
    if len(text.encode()) > _BYTES_MAX:
        raise bad_request("text is too long")


def accepted(text, entities):
    """(text, entities) as a reader gets them. Raises Refused."""
    check_together(entities)
    text, entities = _clean(text, entities)
    text, entities = _trim(text, entities)
    if units(text) > LENGTH_MAX:
        raise bad_request("message is too long")
    return text, entities


def check_together(entities):
    """Stricter than the real server, which splits, joins and drops entities that are in each other's way."""
    spans = sorted((e["offset"], -e["length"], e["type"]) for e in entities)
    for at, (offset, negative, kind) in enumerate(spans):
        for other, other_negative, other_kind in spans[at + 1:]:
            if other >= offset - negative:
                break
            if other - other_negative > offset - negative:
                raise stricter("two entities cross")
            if {kind, other_kind} & _ALONE:
                raise stricter("code holds another entity or is held by one")


def _shown(char):
    if char in _INVISIBLE:
        return ""
    return " " if char < " " and char != "\n" else char


def _clean(text, entities):
    places = []  # for each unit of `text` its place in the new text; None in the middle of a pair
    shown, at = [], 0
    for char in text:
        places += [at] if char <= "\uffff" else [at, None]
        shown.append(_shown(char))
        at += units(shown[-1])
    places.append(at)
    moved = [_moved(text, entity, places) for entity in entities]
    return "".join(shown), [entity for entity in moved if entity["length"]]


def _moved(text, entity, places):
    offset, length = entity["offset"], entity["length"]
    if offset < 0 or offset > 1000000:
        raise bad_request(f"receive an entity with incorrect offset {offset}")
    if length < 0 or length > 1000000:
        raise bad_request(f"receive an entity with incorrect length {length}")
    if length == 0 or offset + length >= len(places):
        # The real server drops the first and cuts the second at the end of the text.
        raise stricter("an entity that is empty or ends behind the text")
    if places[offset] is None:
        raise bad_request("entity begins in a middle of a UTF-16 symbol at byte offset "
                          f"{_byte_after(text, offset)}")
    if places[offset + length] is None:
        raise bad_request(f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 "
                          f"symbol at byte offset {_byte_after(text, offset + length)}")
    begin = places[offset]
    return {**entity, "offset": begin, "length": places[offset + length] - begin}


def _byte_after(text, unit):
    """The byte behind the character that `unit` cuts through."""
    at = count = 0
    while count <= unit:
        count += units(text[at])
        at += 1
    return len(text[:at].encode())


def _trim(text, entities):
    text = text.rstrip(" \n")
    if _EMPTY.fullmatch(text):
        raise bad_request("text must be non-empty")
    end = units(text)
    kept = [{**e, "length": min(e["length"], end - e["offset"])} for e in entities
            if e["offset"] < end]
    # Leading blanks within an entity stay, as in tdlib.
    blanks = len(text) - len(text.lstrip(" \n"))
    cut = min([blanks] + [e["offset"] for e in kept])
    return text[cut:], [{**e, "offset": e["offset"] - cut} for e in kept]
