"""The way to people, side by side with Alertmanager's own and with a public receiver: messages a second, what one
costs, what a kill loses.

The same alerts are given to each in one request: by the webhook to the sidecar, as Prometheus does to
Alertmanager, behind which the public receiver stands. Each makes one message of each, to the same kind of server; Telegram's keeps the pace of the
real one, a message a second in a chat, and refuses what comes faster. The rate is from the request to the
last arrival, the cost all CPU time of the process meanwhile; a message of ours is on disk before it is sent,
one of Alertmanager's never.

The kill: as soon as a quarter of the messages have arrived, SIGKILL; then the same is started again with what
it had written, and what arrives by and by is counted. Nobody posts the alerts again, as when they have ended
meanwhile; of alerts that still fire, Prometheus would tell Alertmanager again. The public receiver is killed
alone, and its Alertmanager, whose CPU time is not counted, tries again what was not answered; and once with it.
The sidecar's Alertmanager has its answers by then, and nothing left to do.
"""

import dataclasses
import time

from bench import bridge_alerter, bridge_body
from bench.bridge_alertmanager import Direct, by_mail, by_telegram
from bench.bridge_rules import Beside, Unmeasured, lost_and_doubled
from bench.bridge_sides import CHATS, Numbers, Us, chat_with, mail_to, mailbox
from bench.measure import Cannot, Cpu, Ratio
from tests.stack import wait, web
from tests.stack.process import Stack
from tests.stack.telegram import Telegram

IN_FLIGHT = 1  # of ours: the message on its way at the kill is sent again, and says so
ALERTMANAGER = "Alertmanager 0.25"


class Ours:
    def __init__(self, stack, flags):
        self._us = Us(stack, *flags)

    @property
    def process(self):
        return self._us.process

    def kill(self):
        self._us.process.kill()

    def start(self):
        self._us.start()

    def post(self, first, count):
        body = bridge_body.payload(first, count, "critical")
        answer = web.call(self._us.webhook_url, self._us.tokens["webhook"], body, seconds=60)
        if answer.status != 200:
            raise RuntimeError(f"the webhook was answered {answer.status}: {answer.body[:200]!r}")


class Theirs(Direct):
    def post(self, first, count):
        super().post(_names(first, count))


class Public(bridge_alerter.Alerter):
    def post(self, first, count):
        super().post(_names(first, count))


class PublicWhole(Public):
    """Its Alertmanager ends and starts with it."""

    def kill(self):
        self.front.kill()
        super().kill()

    def start(self):
        super().start()
        self.front.start()


def _names(first, count):
    return [bridge_body.name(number) for number in range(first, first + count)]


@dataclasses.dataclass
class Channel:
    """Where messages arrive. `make` gives a server of tests/stack, `ours` and `theirs` what sends there,
    `text` is [(when, text)] of what it took. `of_sizes` names how many messages are sent."""

    name: str
    peer: str
    of_sizes: str
    make: object
    ours: object
    theirs: object
    text: object


def _chat(telegram_server):
    return [(message.received_at.timestamp(), message.text) for message in telegram_server.messages()]


def _mails(receiver):
    return [(mail.received_at.timestamp(), mail.subject) for mail in receiver.mails()]


CHANNELS = (
    Channel("telegram", ALERTMANAGER, "chat_messages", lambda stack: Telegram(stack, CHATS),
            lambda stack, server: Ours(stack, chat_with(server)),
            lambda stack, server: Theirs(stack, by_telegram(server, CHATS[0])), _chat),
    Channel("mail", ALERTMANAGER, "mails", mailbox, lambda stack, server: Ours(stack, mail_to(server)),
            lambda stack, server: Theirs(stack, by_mail(server)), _mails),
)
RECEIVER = Channel(bridge_alerter.CRATE, f"{bridge_alerter.NAME}, {ALERTMANAGER} before it; TLS", "chat_messages",
                   bridge_alerter.telegram,
                   lambda stack, server: Ours(stack, chat_with(server, certificate=server.certificate)), Public, _chat)


def peers(runs, sizes):
    return [row for channel in CHANNELS for row in _rows(channel, runs, sizes)]


def receiver(runs, sizes):
    try:
        bridge_alerter.program()
    except (Cannot, OSError) as problem:
        return [Unmeasured("public receiver", str(problem), needed=False)]
    with bridge_alerter.alone():
        rows = _rows(RECEIVER, runs, sizes)
        both = [_one(RECEIVER, PublicWhole, sizes.chat_messages, sizes, rate=False) for _ in range(runs)]
    lost, = (row for row in rows if row.name.endswith("lost"))
    return [*rows, Beside(f"{RECEIVER.name}, both killed", "msgs", 0, lost.ours_runs,
                          [found["lost"] for found in both], "lost when the peer's Alertmanager is killed with it")]


def _rows(channel, runs, sizes):
    messages = getattr(sizes, channel.of_sizes)
    sides = {"ours": [], "theirs": []}
    for _ in range(runs):
        for side, figures in sides.items():
            figures.append(_one(channel, getattr(channel, side), messages, sizes))
    return peer_rows(channel, messages, sides["ours"], sides["theirs"])


def peer_rows(channel, messages, ours, theirs):
    """`ours` and `theirs`: what _one gives, of each run."""
    def column(key):
        return [found[key] for found in ours], [found[key] for found in theirs]

    name, peer = channel.name, f"peer: {channel.peer}"
    return [
        Ratio(f"{name}, rate", "/s", None, False, *column("rate"), f"{messages} messages; larger is better; {peer}"),
        Ratio(f"{name}, CPU", "ms", None, False, *column("cpu_ms"), f"of a message; {peer}"),
        Beside(f"{name}, kill, lost", "msgs", 0, *column("lost"), f"of {messages}, SIGKILL after a quarter; {peer}"),
        Beside(f"{name}, kill, twice", "msgs", IN_FLIGHT, *column("doubled"), "one may have been on its way"),
    ]


def _one(channel, side, messages, sizes, rate=True):
    with Stack("fraud-bench") as stack:
        server = channel.make(stack)
        sender, numbers = side(stack, server), Numbers()
        _told(channel, sender, server, numbers, 2, sizes)  # the first pays for what later ones find ready
        found = _told(channel, sender, server, numbers, messages, sizes) if rate else {}
        return {**found, **_killed(channel, sender, server, numbers, messages, sizes)}


def _told(channel, sender, server, numbers, count, sizes):
    """Messages a second and milliseconds of CPU for each, of those that came within the bound."""
    first, before, cpu = numbers.take(count), server.count("stored"), Cpu(sender.process.pid)
    begun = time.time()
    sender.post(first, count)
    _wait_for(sender, server, before + count, sizes.told_s, sizes.told_s)
    used = cpu.seconds()
    came = channel.text(server)[before:]
    if not came:
        raise Cannot(f"{sender.process.name}: no message by {channel.name} in {sizes.told_s:g} s")
    return {"rate": len(came) / (max(at for at, _ in came) - begun), "cpu_ms": 1000 * used / len(came)}


def _wait_for(sender, server, number, seconds, quiet_s):
    """Until so many are stored, or nothing came for `quiet_s`, or the time is over."""
    begun = last = time.monotonic()
    had = server.count("stored")
    while had < number and time.monotonic() < min(begun + seconds, last + quiet_s):
        sender.process.check()
        wait.stays(lambda: True, 0.02, every=0.02)
        have = server.count("stored")
        if have > had:
            had, last = have, time.monotonic()


def _killed(channel, sender, server, numbers, messages, sizes):
    first, before = numbers.take(messages), server.count("stored")
    sender.post(first, messages)
    wait.until(lambda: server.count("stored") >= before + messages // 4, sizes.told_s,
               "a quarter of the messages", needs=[sender.process], every=0.001)
    sender.kill()
    sender.start()
    _wait_for(sender, server, before + messages, sizes.told_s, sizes.quiet_s)
    wait.stays(lambda: True, sizes.quiet_s)  # one that comes twice comes after the others
    sent = {bridge_body.name(number) for number in range(first, first + messages)}
    arrived = [name for _, text in channel.text(server) for name in bridge_body.named(text) & sent]
    lost, doubled = lost_and_doubled(sent, arrived)
    return {"lost": lost, "doubled": doubled}
