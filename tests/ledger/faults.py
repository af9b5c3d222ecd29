"""Whether the receivers carried out the faults that were scripted, by what they wrote of it. Pure.

At the end of each exchange under a fault a receiver writes what it did and how long that took ("under
BEHAVIOUR", tests/stack). That shows the fault, or says that the message was accepted as if there were none,
which no exchange may; or it shows nothing: a sender that was killed earlier, or one too quick for the chat.
"""

import collections
import re

from tests.stack.folder import parse

_END = re.compile(r"under (.*): (.*?) ?in ([0-9.]+) s(, then another)?")

# By behaviour: what is done under it, and for how many seconds at least.
MAIL = {"hang": ("", 0), "keep-and-hang": (".* kept", 0), "drop": ("", 0), "keep-and-drop": (".* kept", 0),
        "drip 0.2": (".* kept 250.*", 0.8), "drip 3": ("220( 250)*", 0.5), "hang sender": ("220( 250)+", 0),
        "hang content": (".* 354", 0), "refuse data 451": (".* 354 451.*", 0),
        "refuse recipient 450": (".* 450.*", 0), "refuse recipient 550": (".* 550.*", 0)}
CHAT = {"429 1": ("429", 0), "400 ledger refuses": ("400", 0), "403 ledger refuses": ("403", 0),
        "401": ("401", 0), "status 502": ("502", 0), "status 500": ("500", 0), "hang": ("", 0),
        "keep-and-hang": ("taken", 0), "drop": ("", 0), "keep-and-drop": ("taken", 0),
        "keep-and-502": ("taken 502", 0), "keep-and-cut": ("taken half", 0), "slow 0.5": ("taken 200", 0.5),
        "drip 0.5": ("taken", 0.5), "drip 4": ("taken", 0.5)}
_ACCEPTED = re.compile(r"taken 200|.* kept 250.*")


class Carried:
    """`met` counts, by the behaviour, the exchanges that show it; `ignored` says which were accepted."""

    def __init__(self, deck, shown, events):
        self._wanted = [" ".join(parse(fault)[0]) for fault in deck]
        self.met, self.ignored = collections.Counter(), []
        for end in filter(None, map(_END.fullmatch, events)):
            done, least = shown[end[1]]
            if re.fullmatch(done, end[2]) and float(end[3]) >= least:
                self.met[end[1]] += 1
            elif _ACCEPTED.fullmatch(end[2]) and not end[4]:
                self.ignored.append(f"{end[1]}, yet: {end[2]} in {end[3]} s")

    def never(self, some, every):
        if every:
            return [f"never: {each}" for each in self._wanted if not self.met[each]]
        return [f"never any of {', '.join(self._wanted)}"] if some and not self.met else []
