"""What happens in each round: drawn from a seed, decided before the run begins. Pure."""

import dataclasses

from tests.ledger import steps

WELL = "accept"
REFUSAL = "ledger refuses"  # in every refusal for good, so that the history shows whose it was
# Of tests/stack/telegram_server.py. Who is refused for good is told nothing any more, so few are.
CHAT_FAULTS = ("429 1 3 times", f"400 {REFUSAL} 1 times", f"403 {REFUSAL} 1 times", "401 2 times",
               "status 502", "status 500 2 times", "hang", "keep-and-hang", "drop", "keep-and-drop",
               "keep-and-502", "keep-and-cut", "slow 0.5", "drip 0.5", "drip 4")
# Of tests/stack/smtp_receiver.py.
MAIL_FAULTS = ("hang", "keep-and-hang", "drop", "keep-and-drop", "drip 0.2", "drip 3",
               "hang sender", "hang content", "refuse data 451", "refuse recipient 450",
               "refuse recipient 550")
STORAGE = ("full", "read-only", "busy")
TROUBLES = (*STORAGE, "clock ahead", "clock behind")
RESTART, POWER_CUT = "restart of Alertmanager", "power cut"


@dataclasses.dataclass(frozen=True)
class Round:
    """`step` to die at, for the so-manieth time; `early`, also while it starts; without a step, SIGKILL
    after `seconds`, reckoned, with `met`, from when the `trouble` (one of TROUBLES, or None) did its
    harm, and, when it `passes`, from when something was stored again. `fires` and `ends` are how many
    alerts change."""

    number: int
    step: str | None
    occurrence: int
    early: bool
    seconds: float
    mail: str
    chat: str
    trouble: str | None
    met: bool
    passes: bool  # the trouble is over before the end, and what was refused comes again
    power_cut: bool
    restart_alertmanager: bool
    asks: bool  # the sidecar asks Alertmanager what fires
    fires: int
    ends: int

    def __str__(self):
        since = "the start" if self.early else "the posts"
        where = (f"at {self.step} #{self.occurrence} from {since}" if self.step
                 else f"after {self.seconds:.1f} s")
        trouble = f"{self.trouble}{', met' if self.met else ''}{', passes' if self.passes else ''}"
        told = [f"mail: {self.mail}" if self.mail != WELL else "",
                f"chat: {self.chat}" if self.chat != WELL else "",
                trouble if self.trouble else "",
                "power cut" if self.power_cut else "", "asks" if self.asks else "",
                "Alertmanager too" if self.restart_alertmanager else ""]
        return ", ".join([f"{self.number:4d}: {where}", *filter(None, told)])


class Deck:
    """Gives each of its cards once before any comes again."""

    def __init__(self, random, cards):
        self._random = random
        self._cards = list(cards)
        self._left = []
        self._missed = []

    def draw(self):
        if not self._left:
            others = [card for card in self._cards if card not in self._missed]
            self._left = self._random.sample(others, len(others)) + self._missed
            self._missed = []
        return self._left.pop()

    def miss(self, card):
        """It was of no use: it is among the first when all come again."""
        self._missed.append(card)


class Plan:
    """Two rounds of three die at a step, each step in its turn; the others at any moment, each trouble
    in its turn."""

    def __init__(self, random):
        self._random = random
        self._steps = Deck(random, steps.STEPS)
        self._mail = Deck(random, MAIL_FAULTS)
        self._chat = Deck(random, CHAT_FAULTS)
        # Every trouble, killed in the middle of it and after it has done its harm; and twice none.
        self._moments = Deck(random, [(trouble, met) for trouble in (None, *TROUBLES)
                                      for met in (False, True)])

    def round(self, number):
        return self._any_moment(number) if number % 3 == 0 else self._at_step(number)

    def missed(self, each):
        """The round did not come to its step, or its trouble did no harm: it comes again soon."""
        if each.step:
            self._steps.miss(each.step)
        else:
            self._moments.miss((each.trouble, True))

    def _faults(self):
        """(of the mail server, of the chat's): none, one or both."""
        ill = self._random.choice(("none", "mail", "chat", "both"))
        return (self._mail.draw() if ill in ("mail", "both") else WELL,
                self._chat.draw() if ill in ("chat", "both") else WELL)

    def _at_step(self, number):
        """A step is reached only when its server is well, and settling when one of the two is."""
        step = self._steps.draw()
        mail, chat = self._faults()
        if step in steps.MAIL:
            mail = WELL
        if step in steps.TELEGRAM or (step in steps.SETTLE and mail != WELL):
            chat = WELL
        often, early = self._random.choice((1, 1, 2)), self._random.random() < 0.3
        if step == "telegram-connect":
            often, early = 1, True  # the connection is kept: there is seldom a second
        return Round(number, step, often, early, 0, mail, chat, None, False, False,
                     self._random.random() < 0.5, self._random.random() < 0.05, self._random.random() < 0.5,
                     *self._changes())

    def _any_moment(self, number):
        trouble, met = self._moments.draw()
        mail, chat = self._faults()
        # Only the sidecar may have the files open while a power cut hangs over them.
        power_cut = trouble != "busy" and self._random.random() < 0.5
        restart = self._random.random() < 0.2 or number % 15 == 0  # so none is without any for long
        # By a clock that is ahead, Alertmanager has been up for so long that what it lacks is over.
        asks = self._random.random() < 0.5 and trouble != "clock ahead"
        passes = met and trouble in STORAGE and self._random.random() < 0.5
        return Round(number, None, 1, False, self._random.uniform(0, 2), mail, chat, trouble, met,
                     passes, power_cut, restart, asks, *self._changes())

    def _changes(self):
        return self._random.choice((1, 1, 2)), self._random.choice((0, 1, 1, 2))
