"""parse_mode HTML: what the real server refuses, with its words (parse_html of tdlib/td). Pure.

Enough to show what a label with "<" does to a message. Attributes are not checked one by one.
"""

import re

from tests.stack.telegram_answers import bad_request, stricter
from tests.stack.telegram_text import units

_KINDS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
          "ins": "underline", "s": "strikethrough", "strike": "strikethrough",
          "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler", "code": "code",
          "pre": "pre", "a": "text_link", "blockquote": "blockquote"}
_NAME = re.compile(r"</?([^\s>]*)")
_ATTRIBUTES = re.compile(r"""((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_END = re.compile(r"\s*>")
_HREF = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot)\b);?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


def _refused(text, at, what, tail=""):
    byte = len(text[:at].encode())
    return bad_request(f"can't parse entities: {what} at byte offset {byte}{tail}")


class _Reader:
    def __init__(self, text):
        self._text = text
        self._shown = []
        self._length = 0  # of what is shown, in UTF-16 units
        self._open = []  # (tag, url, offset)
        self._entities = []

    def read(self):
        at = 0
        while at < len(self._text):
            if self._text.startswith("</", at):
                at = self._close(at)
            elif self._text[at] == "<":
                at = self._begin(at)
            else:
                at = self._plain(at)
        if self._open:
            raise bad_request("can't parse entities: Can't find end tag corresponding to start tag "
                              f'"{self._open[-1][0]}"')
        return "".join(self._shown), self._entities

    def _plain(self, at):
        found = _REFERENCE.match(self._text, at)
        char = _character(found) if found else None
        self._shown.append(char or self._text[at])
        self._length += units(self._shown[-1])
        return found.end() if char else at + 1

    def _begin(self, at):
        named = _NAME.match(self._text, at)
        tag = named[1].lower()
        if named.end() == len(self._text):
            raise _refused(self._text, at, "Unclosed start tag")
        if tag in ("tg-emoji", "tg-time"):
            raise stricter(f"tag {tag} is not modelled")
        if tag not in _KINDS:
            raise _refused(self._text, at, f'Unsupported start tag "{tag}"')
        attributes = _ATTRIBUTES.match(self._text, named.end())
        if not attributes:
            quoted = re.search("""["']""", self._text[named.end():])
            raise _refused(self._text, at, "Unclosed start tag" + ("" if quoted else f' "{tag}"'))
        if tag == "span" and "tg-spoiler" not in attributes[1]:
            raise _refused(self._text, at, 'Tag "span" must have class "tg-spoiler"')
        href = _HREF.search(attributes[1])
        self._open.append((tag, (href[1] or href[2]) if href else None, self._length))
        return attributes.end()

    def _close(self, at):
        if not self._open:
            raise _refused(self._text, at, "Unexpected end tag")
        named = _NAME.match(self._text, at)
        end = _END.match(self._text, named.end())
        if not end:
            raise _refused(self._text, at, "Unclosed end tag")
        tag, url, offset = self._open.pop()
        found = named[1].lower()
        if found not in ("", tag):
            raise _refused(self._text, at, "Unmatched end tag",
                           f', expected "</{tag}>", found "</{found}>"')
        if self._length > offset:
            entity = {"type": _KINDS[tag], "offset": offset, "length": self._length - offset}
            self._entities.append({**entity, "url": url} if url else entity)
        return end.end()


def _character(found):
    """What a character reference stands for; None leaves it as it is written."""
    if found[3]:
        return _NAMED[found[3]]
    code = int(found[1], 16) if found[1] else int(found[2])
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else None


def parsed(text):
    """(text without tags, entities). Raises Refused."""
    return _Reader(text).read()
