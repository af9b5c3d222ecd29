"""Just enough of C++ to look for things in it: blanks comments and literals, finds functions."""

import re
from typing import NamedTuple

_LITERAL = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\*.*?\*/ )
  | (?P<raw> (?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)" )
  | (?P<string> "(?:\\.|[^"\\\n])*" )
  | (?P<keep> [0-9](?:'?[\w.])* | [A-Za-z_]\w* )
  | (?P<char> '(?:\\.|[^'\\\n])+' )
    """,
    re.VERBOSE | re.DOTALL,
)
_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


class Function(NamedTuple):
    header: str
    first_line: int
    lines: int


def without_literals(text):
    """The text with comments, strings and characters as blanks; every line stays where it was."""

    def blank(match):
        if match.lastgroup == "keep":
            return match.group(0)
        return re.sub(r"[^\n]", " ", match.group(0))

    return _LITERAL.sub(blank, text)


def strings(text):
    """The plain string literals of a source, without their quotes; comments do not count."""
    return [m.group("string")[1:-1] for m in _LITERAL.finditer(text) if m.group("string")]


def functions(text):
    """Every outermost function body: braces are counted, what stands before one says what it is."""
    code = re.sub(r"^[ \t]*#.*(?:\\\n.*)*", "", without_literals(text), flags=re.MULTILINE)
    found, stack, header_from = [], [], 0
    for match in re.finditer(r"[{};]", code):
        token, at = match.group(0), match.start()
        if token == "{":
            header = code[header_from:at].strip()
            inside = any(kind != "scope" for kind, _, _ in stack)
            stack.append((_kind(header, inside), header, at - len(code[header_from:at].lstrip())))
        elif token == "}" and stack:
            kind, header, start = stack.pop()
            if kind == "function":
                lines = code.count("\n", start, at) + 1
                found.append(Function(" ".join(header.split()), code.count("\n", 0, start) + 1, lines))
        header_from = match.end()
    return found


def _kind(header, inside):
    if inside:
        return "block"
    if "(" in header:
        return "function"
    return "scope" if _SCOPE.search(header) else "block"
