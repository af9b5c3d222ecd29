"""What happens in each round: drawn from a seed, decided before the run begins. Pure."""

import dataclasses

from tests.ledger import steps

WELL = "accept"
REFUSAL = "ledger refuses"  # in every refusal for good, so that the history shows whose it was
# Of tests/stack/telegram_server.py. Who is refused for good is told nothing any more, so few are.
CHAT_FAULTS = ("429 1 3 times", f"400 {REFUSAL} 1 times", f"403 {REFUSAL} 1 times", "status 502",
               "status 500 2 times", "hang", "keep-and-hang", "drop", "keep-and-drop",
               "keep-and-502", "keep-and-cut", "slow 0.5", "drip 0.5", "drip 4")
# Of tests/stack/smtp_receiver.py.
MAIL_FAULTS = ("hang", "keep-and-hang", "drop", "keep-and-drop", "drip 0.2", "drip 3",
               "hang sender", "hang content", "refuse data 451", "refuse recipient 450",
               "refuse recipient 550")
TROUBLES = ("full", "read-only", "busy", "clock ahead", "clock behind")


@dataclasses.dataclass(frozen=True)
class Round:
    """`step` to die at, for the so-manieth time; `early`, also while it starts; without a step, SIGKILL
    after `seconds`. `trouble` is one of TROUBLES or None, `fires` and `ends` how many alerts change."""

    number: int
    step: str | None
    occurrence: int
    early: bool
    seconds: float
    mail: str
    chat: str
    trouble: str | None
    power_cut: bool
    restart_alertmanager: bool
    fires: int
    ends: int

    def __str__(self):
        since = "the start" if self.early else "the posts"
        where = (f"at {self.step} #{self.occurrence} from {since}" if self.step
                 else f"after {self.seconds:.1f} s")
        told = [f"mail: {self.mail}" if self.mail != WELL else "",
                f"chat: {self.chat}" if self.chat != WELL else "",
                self.trouble or "", "power cut" if self.power_cut else "",
                "Alertmanager too" if self.restart_alertmanager else ""]
        return ", ".join([f"{self.number:4d}: {where}", *filter(None, told)])


def rounds(random, kills, missed):
    """Two rounds of three die at a step, each step in its turn; the others at any moment. In `missed`
    the caller puts a step that was not come to: it is the next one."""
    turn = []
    for number in range(1, kills + 1):
        if number % 3 == 0:
            yield _any_moment(random, number)
            continue
        if missed:
            turn.append(missed.pop())
        if not turn:
            turn = random.sample(steps.STEPS, len(steps.STEPS))
        yield _at_step(random, number, turn.pop())


def _faults(random):
    """(of the mail server, of the chat's): none, one or both."""
    ill = random.choice(("none", "mail", "chat", "both"))
    return (random.choice(MAIL_FAULTS) if ill in ("mail", "both") else WELL,
            random.choice(CHAT_FAULTS) if ill in ("chat", "both") else WELL)


def _at_step(random, number, step):
    """A step is reached only when its server is well, and settling when one of the two is."""
    mail, chat = _faults(random)
    if step in steps.MAIL:
        mail = WELL
    if step in steps.TELEGRAM or (step in steps.SETTLE and mail != WELL):
        chat = WELL
    return Round(number, step, random.choice((1, 1, 2)), random.random() < 0.3, 0, mail, chat, None,
                 random.random() < 0.5, random.random() < 0.05, *_changes(random))


def _any_moment(random, number):
    mail, chat = _faults(random)
    trouble = random.choice((None, *TROUBLES))
    # Only the sidecar may have the files open while a power cut hangs over them.
    power_cut = trouble != "busy" and random.random() < 0.5
    return Round(number, None, 1, False, random.uniform(0, 3), mail, chat, trouble, power_cut,
                 random.random() < 0.2, *_changes(random))


def _changes(random):
    return random.choice((1, 1, 2)), random.choice((0, 1, 1, 2))
