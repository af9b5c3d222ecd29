"""How fast a bot may send, as core.telegram.org/bots/faq says it. Pure: time is an argument.

One message per second in a chat with short bursts, 20 per minute in a group, 30 per second in all.
The real limits are not published, and how long a burst may be is our choice. Only messages that would
be taken are counted, as in the real server. Who was told to wait is refused until that time is over,
and then the windows are looked at again: a flood that goes on is refused on and on.
"""

import collections
import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Limits:
    """0 is no limit."""

    chat_per_second: float = 1
    chat_burst: int = 3  # so many at once in a chat that was quiet
    group_per_minute: int = 20
    minute: float = 60  # in seconds: a test may have a shorter one
    all_per_second: int = 30


@dataclasses.dataclass(frozen=True)
class Turn:
    """retry_after in whole seconds, 0: go on. early: the sender had been told to wait until later."""

    retry_after: int
    early: bool = False


class _Window:
    """At most `limit` within any `seconds`."""

    def __init__(self, limit, seconds):
        self._limit = limit
        self._seconds = seconds
        self._times = collections.deque()

    def wait(self, now):
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if not self._limit or len(self._times) < self._limit:
            return 0
        return self._times[0] + self._seconds - now

    def take(self, now):
        if self._limit:
            self._times.append(now)


class _Bucket:
    """`burst` at once, then `rate` per second."""

    def __init__(self, rate, burst):
        self._rate = rate
        self._burst = max(burst, 1)
        self._left = self._burst
        self._at = None

    def wait(self, now):
        if not self._rate:
            return 0
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        return 0 if self._left >= 1 else (1 - self._left) / self._rate

    def take(self, _now):
        self._left -= 1


class Pace:
    """`chat` is any key; `now` in seconds of a clock that never goes back."""

    def __init__(self, limits):
        self._limits = limits
        self._all = _Window(limits.all_per_second, 1)
        self._chats = {}
        self._groups = {}
        self._until = {}  # by chat, and by None for the bot

    def ask(self, chat, in_group, now):
        """Whether a message may pass now; one that may is counted."""
        until = max(self._until.get(chat, now), self._until.get(None, now))
        if now < until:
            return Turn(math.ceil(until - now), early=True)
        gates = [(None, self._all), (chat, self._chats.setdefault(
            chat, _Bucket(self._limits.chat_per_second, self._limits.chat_burst)))]
        if in_group:
            gates.append((chat, self._groups.setdefault(
                chat, _Window(self._limits.group_per_minute, self._limits.minute))))
        waits = [(gate.wait(now), key) for key, gate in gates]
        longest, key = max(waits, key=lambda entry: entry[0])
        if longest > 0:
            retry_after = math.ceil(longest)
            self._until[key] = now + retry_after
            return Turn(retry_after)
        for _, gate in gates:
            gate.take(now)
        return Turn(0)
