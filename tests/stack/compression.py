"""Makes minutes pass faster: divides the durations of rules and of server configurations.

Works on the text, so that all else stays byte for byte. Divided are: the values of the keys below, and
the windows of PromQL ([1m], [1m:15s], offset 1m), in annotations' queries too.
"""

import re

_DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
_KEYS = ("for", "keep_firing_for", "interval", "scrape_interval", "scrape_timeout",
         "evaluation_interval", "group_wait", "group_interval", "repeat_interval", "resolve_timeout")
_PLACES = re.compile(
    rf"(?m)(?:(?<=^)|(?<=\n))(?P<key>[ -]*(?:{'|'.join(_KEYS)}):\s*)(?P<value>{_DURATION})(?=\s*(?:#|$))"
    rf"|(?P<open>\[)(?P<window>{_DURATION})(?P<colon>:?)(?P<step>{_DURATION})?(?P<close>\])"
    rf"|(?P<offset>\boffset )(?P<by>{_DURATION})")
_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
             "w": 604_800_000, "y": 31_536_000_000}


def milliseconds(text):
    parts = re.findall(r"(\d+)(ms|[smhdwy])", text)
    return sum(int(number) * _UNITS_MS[unit] for number, unit in parts)


def seconds(text):
    return milliseconds(text) / 1000


def divide(text, factor):
    """One duration, "5m" -> "15s", in whole milliseconds and at least one."""
    ms = max(1, round(milliseconds(text) / factor))
    return f"{ms // 1000}s" if ms % 1000 == 0 else f"{ms}ms"


def compress(text, factor):
    """A whole file. Factor 1 gives it back as it was."""
    if factor == 1:
        return text

    def replace(match):
        found = match.groupdict()
        if found["key"]:
            return found["key"] + divide(found["value"], factor)
        if found["offset"]:
            return found["offset"] + divide(found["by"], factor)
        step = divide(found["step"], factor) if found["step"] else ""
        return "[" + divide(found["window"], factor) + found["colon"] + step + "]"

    return _PLACES.sub(replace, text)
