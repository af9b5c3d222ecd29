"""What the parts of bench/run bridge start: the sidecar, its receivers, the load."""

import dataclasses
import json
import os
import threading

from bench.bridge_load import CLOSED, Plan
from bench.bridge_rules import Posted
from bench.measure import Cannot, memory
from tests.stack import PYTHON, wait
from tests.stack.mailbox import Receiver
from tests.stack.sidecar import Sidecar
from tests.stack.telegram import Telegram

CHATS = tuple({"id": 5000 + number, "type": "private"} for number in range(24))
# Telegram's pace is not what is measured: the stand-in takes whatever comes.
UNPACED = ("--chat-per-second", 0, "--group-per-minute", 0, "--all-per-second", 0)


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is measured. `runs` of bench/run multiplies all of it."""

    window_s: float = 4  # webhooks: of each side
    connections: int = 64
    payload_alerts: int = 1000
    hang_rate: float = 40  # webhooks a second, each with a critical alert
    hang_windows: int = 3  # of each side
    hang_window_s: float = 5
    storm_alerts: int = 10_000
    storm_s: float = 10
    storm_payload: int = 50
    pages: int = 240
    mails: int = 200
    chat_messages: int = 24  # at one a second
    told_s: float = 120  # bound for what must arrive
    quiet_s: float = 15  # without another message all has come that will: Alertmanager pauses less between two tries
    settle_s: float = 15  # idle: before it is looked at
    strict_idle: bool = True  # no other sidecar may run, which would share its pages with ours


FULL = Sizes()
# Shows that everything works; says nothing about how fast.
QUICK = Sizes(window_s=0.5, connections=16, payload_alerts=100, hang_rate=20, hang_windows=1,
              hang_window_s=1, storm_alerts=400, storm_s=1, storm_payload=20, pages=24, mails=12,
              chat_messages=6, told_s=30, quiet_s=4, settle_s=1, strict_idle=False)


class Us(Sidecar):
    """A sidecar that measures the bench itself, which costs least. Nobody is told unless `flags` say so."""

    def __init__(self, stack, *flags, name="sidecar", prefix=()):
        self.stack = stack
        self.token_file = stack.path(f"{name}.webhook.token")
        super().__init__(stack, ["--target-pid", os.getpid(), "--cpu-source", "proc",
                                 "--cpu-limit-cores", "1", *flags], name=name, prefix=prefix)


def mail_to(receiver):
    return ["--mail-to", "admin@example.org", "--mail-from", "fraud@example.org", "--smtp-url",
            f"smtp://127.0.0.1:{receiver.port}", "--smtp-tls", "none"]


def chat_with(telegram, chats=CHATS[:1], certificate=None):
    ca = ["--telegram-ca-file", certificate.ca] if certificate else []
    return ["--telegram-api-url", telegram.url, "--telegram-token-file", telegram.token_file, *ca,
            *(f"--telegram-chat={chat['id']}" for chat in chats)]


def mailbox(stack, name="smtp"):
    return Receiver(stack, name=name)


def telegram(stack, name="telegram", certificate=None):
    return Telegram(stack, CHATS, UNPACED, certificate, name)


class Numbers:
    """Numbers of alerts that nobody had before."""

    def __init__(self):
        self._next = 1

    def take(self, count):
        first = self._next
        self._next += count
        return first


def closed_loop(us, numbers, connections, seconds):
    """Posted: new alerts that nobody is told of, one a webhook, as fast as they are answered."""
    many = 1_000_000
    return _posted(us, Plan(connections, seconds, CLOSED, many, numbers.take(many), 1, "warning"))


def open_loop(us, numbers, connections, rate, payloads, alerts, severity):
    """Posted, and the number of the first alert."""
    first = numbers.take(payloads * alerts)
    plan = Plan(connections, payloads / rate, rate, payloads, first, alerts, severity)
    return _posted(us, plan), first


def _posted(us, plan):
    load = us.stack.start("load", [PYTHON, "-m", "bench.bridge_load", us.port, us.token_file,
                                   json.dumps(dataclasses.asdict(plan))])
    wait.until(lambda: not load.running(), plan.seconds + 60, "the end of the load", needs=[us.process])
    lines = load.text().splitlines()
    if load.wait(1) != 0 or not lines:
        raise Cannot(f"the load ended badly: {(lines or ['it said nothing'])[-1]}")
    return Posted.of(json.loads(lines[-1]))


class Watched:
    """The most memory of a process while inside, in KiB: proportional, and the anonymous part of it."""

    EVERY_S = 0.05

    def __init__(self, process):
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.most_pss = self.most_anonymous = self.samples = 0

    def _watch(self):
        while self._process.running():
            try:
                self.most_pss = max(self.most_pss, memory(self._process.pid, "Pss"))
                self.most_anonymous = max(self.most_anonymous, memory(self._process.pid, "Pss_Anon"))
            except OSError:
                return  # ended just now
            self.samples += 1
            if self._over.wait(self.EVERY_S):
                return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
