"""Webhooks while every target hangs, and a storm of alerts.

Hanging: two sidecars get the same webhooks at the same rate, each with a critical alert, in windows in
turn. The targets of the one answer, those of the other take connections and never say anything. The 99th
percentile is from when a webhook was due to its 200.

Storm: payloads of mixed severities, posted at a rate that does not wait for answers. Warnings are told
too, so that there is something a critical one must not wait for: the mailbox tells in which order they
came, and each warning came singly or is one of a summary's number. Memory is looked at from the first
payload until all of them are told.
"""

import re
import time

from bench import bridge_body
from bench.bridge_bare import rows
from bench.bridge_rules import Worst, lost_and_doubled, overtaken
from bench.bridge_sides import Numbers, Us, Watched, chat_with, mail_to, mailbox, open_loop, telegram
from bench.measure import Cannot, Ratio
from tests.stack import wait
from tests.stack.mailbox import Mail
from tests.stack.process import Stack

SLOWER = 2
PSS_MIB = 32
P99_MS = 1_000  # 10x below the 10 s after which Alertmanager gives up
CONNECTIONS = 4
SUMMARY = re.compile(r"\[STORM\] (\d+) firing")
IN_FLIGHT = 1  # the message that was on its way when the critical one was stored


class Told:
    """A sidecar with a mailbox and a chat of its own."""

    def __init__(self, stack, name):
        self.targets = [mailbox(stack, f"{name}-smtp"), telegram(stack, f"{name}-telegram")]
        self.us = Us(stack, *mail_to(self.targets[0]), *chat_with(self.targets[1]), name=name)
        self._numbers = Numbers()

    def p99_ms(self, sizes):
        posted, _ = open_loop(self.us, self._numbers, CONNECTIONS, sizes.hang_rate,
                              max(1, round(sizes.hang_rate * sizes.hang_window_s)), 1, "critical")
        return posted.p99_ms()

    def hang(self, sizes):
        for target in self.targets:
            target.behave("hang")
        self.p99_ms(sizes)
        for target in self.targets:
            wait.until(lambda target=target: target.count("connected"), sizes.told_s, "a try that hangs",
                       needs=[self.us.process])


def hanging(runs, sizes):
    hung, calm = [], []
    with Stack("fraud-bench") as stack:
        quiet, stuck = Told(stack, "calm"), Told(stack, "hanging")
        stuck.hang(sizes)
        quiet.p99_ms(sizes)  # as the other
        for _ in range(runs * sizes.hang_windows):
            calm.append(quiet.p99_ms(sizes))
            hung.append(stuck.p99_ms(sizes))
        delivered = [target.count("stored") for target in stuck.targets]
    if any(delivered):
        raise Cannot(f"targets that hang have accepted {delivered} messages")
    return [Ratio("p99, targets hang", "ms", SLOWER, False, hung, calm,
                  f"a critical alert {sizes.hang_rate:g} times a second; peer: the same, targets answer")]


def storm(runs, sizes):
    figures = [_one_storm(sizes) for _ in range(runs)]
    alerts, seconds = sizes.storm_alerts, sizes.storm_s

    def row(name, key, unit, bound, note):
        return Worst(name, unit, bound, [found[key] for found in figures], note)

    return [
        row("storm, lost", "lost", "alerts", 0, f"of {alerts} posted within {seconds:g} s, not in the history"),
        row("storm, p99", "p99_ms", "ms", P99_MS, "of a webhook, from when it was due to its 200"),
        row("storm, PSS", "pss_mib", "MiB", PSS_MIB, "the most at any time; "
            f"{max(found['anonymous_mib'] for found in figures):.3g} MiB of it anonymous, the rest pages of files"),
        row("storm, overtaken", "overtaken", "msgs", IN_FLIGHT,
            "messages before a critical one that was stored already; one may have been on its way"),
        row("storm, untold", "untold", "msgs", 0, f"critical alerts without a mail within {sizes.told_s:g} s"),
        row("storm, unsummed", "unsummed", "alerts", 0, "by how many the warnings that came singly and those that "
            "the summaries count miss the warnings that were posted"),
    ]


def _one_storm(sizes):
    payloads = sizes.storm_alerts // sizes.storm_payload
    with Stack("fraud-bench") as stack:
        receiver = mailbox(stack)
        us = Us(stack, *mail_to(receiver), "--notify-severities", "critical,warning")
        with Watched(us.process) as watched:
            posted, first = open_loop(us, Numbers(), CONNECTIONS, payloads / sizes.storm_s, payloads,
                                      sizes.storm_payload, "mixed")
            all_alerts = range(first, first + sizes.storm_alerts)
            named = {of: {bridge_body.name(n) for n in all_alerts if bridge_body.severity(n) == of}
                     for of in ("critical", "warning")}
            criticals = named["critical"]
            inbox = Inbox(receiver, **named)
            _all_told(us, inbox, sizes.told_s)
        if not watched.samples:
            raise Cannot("nobody looked at the memory during the storm")
        have = {found for found, in rows(us.database, "SELECT DISTINCT fingerprint FROM episodes")}
    accepted = {name: answer.at for answer in posted.answers if answer.at is not None
                for name in map(bridge_body.name, range(answer.first, answer.first + sizes.storm_payload))
                if name in criticals}
    return {"lost": lost_and_doubled(map(bridge_body.fingerprint, all_alerts), have)[0],
            "p99_ms": posted.p99_ms(), "pss_mib": watched.most_pss / 1024,
            "anonymous_mib": watched.most_anonymous / 1024, "overtaken": overtaken(accepted, inbox.arrivals),
            "untold": len(inbox.missing()), "unsummed": abs(inbox.unsummed())}


def _all_told(us, inbox, seconds):
    """Waits until each is told of, or the seconds are over: then some are untold."""
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        us.process.check()
        inbox.look()
        if not inbox.missing() and inbox.unsummed() <= 0:
            return
        wait.stays(lambda: True, 0.5, every=0.5)


class Inbox:
    """What the mailbox got: `arrivals` are (when, the critical alert it is about, else None)."""

    def __init__(self, receiver, critical, warning):
        self._folder = receiver.directory / "inbox"
        self._criticals = critical
        self._warnings = warning
        self._summed = 0
        self._seen = set()
        self.arrivals = []

    def look(self):
        for path in sorted(set(self._folder.glob("*.eml")) - self._seen):
            self._seen.add(path)
            mail = Mail(path)
            names = bridge_body.named(mail.subject)
            if summary := SUMMARY.search(mail.subject):
                self._summed += int(summary[1])
            self._summed += len(names & self._warnings)
            found = names & self._criticals
            self.arrivals.append((mail.received_at.timestamp(), next(iter(found), None)))

    def missing(self):
        return self._criticals - {of for _, of in self.arrivals}

    def unsummed(self):
        """The warnings that are in no mail yet; below 0: some are in two."""
        return len(self._warnings) - self._summed
