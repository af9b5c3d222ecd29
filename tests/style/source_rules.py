"""Rules on one source file: pure functions of (path, text) that return a list of complaints."""

import ast
import re
from typing import NamedTuple

from cpp_text import INCLUDE, functions, without_literals

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 70
MAX_MAIN_LINES = 60

# design.md 1: who may include whom. A room may always include itself.
ARROWS = {
    "base": set(),
    "notifier": {"base"},
    "sidecar": {"notifier", "base"},
    "model-svc": {"base"},
    "tests": {"base", "notifier", "sidecar", "model-svc", "bench"},
    "bench": {"base", "notifier", "sidecar", "model-svc", "tests"},
}


class Ban(NamedTuple):
    pattern: str
    allowed: str  # a regular expression of the paths that may
    why: str


BANS = [
    Ban(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b", r"$^", "wait on a condition"),
    Ban(r"(?<![\w:.>])sleep\s*\(", r"$^", "wait on a condition"),
    Ban(r"[.>]\s*detach\s*\(", r"$^", "every thread is joined"),
    Ban(r"\bsystem_clock\s*::\s*now\b", r"base/clock\.cc", "take `now` as an argument"),
    Ban(r"\bstd\s*::\s*s?rand\b|(?<![\w:.>])s?rand\s*\(", r"$^", "take randomness as an argument"),
    Ban(r"\b(secure_)?getenv\b", r"base/settings\.cc|tests/ledger/shim/control\.cc", "a setting of base/settings.h"),
    Ban(r"\b(strcpy|strcat|v?sprintf|gets)\s*\(", r"$^", "no bound"),
    Ban(r"(?<![\w.>])system\s*\(|\bpopen\s*\(", r"$^", "no shell"),
]


class Library(NamedTuple):
    header: str  # a regular expression of what stands between the angle brackets
    home: str  # of the paths that may include it


# One .cc per outside library. Tests may use a library to look from outside.
LIBRARIES = [
    Library(r"httplib\.h", r"base/http_server(_\w+)?\.cc|base/http_server_\w+\.h"),
    Library(r"curl/.*", r"base/curl_client\.cc|base/curl_easy\.(cc|h)"),
    Library(r"sqlite3\.h", r"sidecar/store/database\.(cc|h)"),
    Library(r"CLI/.*", r"base/settings\.cc"),
    Library(r"spdlog/.*", r"base/log\.cc"),
    Library(r"prometheus/.*", r"base/metrics\.cc"),
    Library(r"microhttpd\.h", r"model-svc/http_front(_\w+)?\.(cc|h)"),
    Library(r"simdjson\.h", r"model-svc/predict/request(_\w+)?\.(cc|h)"),
    Library(r"openssl/.*", r"model-svc/sha256\.cc"),
    Library(r"nlohmann/.*", r".*\.cc"),
]


def is_cpp(path):
    return path.endswith((".cc", ".h"))


def is_script(path, text):
    return path.endswith((".py", ".sh")) or text.startswith("#!")


def _line(text, at):
    return text.count("\n", 0, at) + 1


def includes(path, text, exists):
    """Arrows between rooms, and paths from the repository root. `exists` tells whether a path is."""
    room, complaints = path.split("/")[0], []
    for match in INCLUDE.finditer(text):
        bracket, target = match.groups()
        where = f"{path}:{_line(text, match.start())}"
        target_room = target.split("/")[0]
        if target_room in ARROWS:
            if target_room != room and target_room not in ARROWS.get(room, set()):
                complaints.append(f"{where}: {room} may not include {target_room} ({target})")
            elif not exists(target):
                complaints.append(f"{where}: {target} does not exist")
        elif bracket == '"':
            complaints.append(f'{where}: "{target}" does not start at the repository root')
    return complaints


def libraries(path, text):
    complaints = []
    for match in INCLUDE.finditer(text):
        target = match.group(2)
        for library in LIBRARIES:
            in_test = path.startswith(("tests/", "bench/")) and not library.header.startswith("nloh")
            if re.fullmatch(library.header, target) and not in_test:
                if not re.fullmatch(library.home, path):
                    line = _line(text, match.start())
                    complaints.append(f"{path}:{line}: <{target}> belongs in {library.home}")
    return complaints


def banned_calls(path, text):
    code, complaints = without_literals(text), []
    for ban in BANS:
        if re.fullmatch(ban.allowed, path):
            continue
        for match in re.finditer(ban.pattern, code):
            call = match.group(0).strip()
            complaints.append(f"{path}:{_line(code, match.start())}: {call}: {ban.why}")
    return complaints


def sizes(path, text):
    """Lines of the file and of each function in it."""
    complaints, lines = [], text.count("\n")
    if lines > MAX_FILE_LINES:
        complaints.append(f"{path}: {lines} lines, at most {MAX_FILE_LINES}")
    for name, first, length in _functions(path, text):
        limit = MAX_MAIN_LINES if name == "main" else MAX_FUNCTION_LINES
        if length > limit:
            complaints.append(f"{path}:{first}: {name} has {length} lines, at most {limit}")
    return complaints


def _functions(path, text):
    if is_cpp(path):
        for f in functions(text):
            name = re.search(r"([\w:~]+)\s*\(", f.header)
            yield (name.group(1) if name else f.header), f.first_line, f.lines
    elif path.endswith(".py") or re.match(r"#!.*python", text):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.name, node.lineno, node.end_lineno - node.lineno + 1
    else:
        for match in re.finditer(r"^(\w+)\(\) [{(]\n(.*?\n)[})]", text, re.MULTILINE | re.DOTALL):
            yield match.group(1), _line(text, match.start()), match.group(2).count("\n") + 2
