"""What must be in the history, by what was acknowledged: as naive as can be. Pure."""

import collections
import dataclasses

_MARGIN_SECONDS = 8  # between an answer and what it was about, and for a slow machine


@dataclasses.dataclass
class Interval:
    """One alert from its firing to its resolved, as acknowledged by `began` and `ended`."""

    fingerprint: str
    tag: str  # the text of the harness that stands in every message about it
    starts_at: str
    began: object = None  # Webhook
    ended: object = None

    def transitions(self):
        return [(self.tag, "FIRING")] + ([(self.tag, "RESOLVED")] if self.ended else [])


def tag_of(alert):
    return alert["annotations"]["summary"]


def intervals(webhooks):
    """By fingerprint, in order, from what was answered with 200."""
    found = collections.defaultdict(list)
    for webhook in webhooks:
        for alert in webhook.alerts if webhook.acknowledged else ():
            known = found[alert["fingerprint"]]
            is_open = bool(known) and not known[-1].ended
            if alert["status"] == "firing" and not is_open:
                known.append(Interval(alert["fingerprint"], tag_of(alert), alert["startsAt"], webhook))
            elif alert["status"] == "resolved" and is_open:
                known[-1].ended = webhook
    return {fingerprint: known for fingerprint, known in found.items() if known}


def transitions(webhooks):
    """(tag, word) of all that was acknowledged, in no order."""
    return {each for known in intervals(webhooks).values() for one in known
            for each in one.transitions()}


def hold_seconds(earlier):
    """How long an end is kept back, to see whether it lasts, of an alert with so many others."""
    return min(60 * 2 ** (earlier - 1), 1800) if earlier else 0


def may_continue(known, at):
    """Whether interval `at` of an alert may be the same episode as the one before: that one's end was held
    back, and not yet told. Between the quiet times of a run everything that is held is told."""
    return at > 1 and known[at - 1].ended.era == known[at].began.era


def must_continue(webhooks, known, at):
    """Whether it must be: it is known to have fired again before the hold was over. That is not known of a
    clock that was stepped, nor of an end that went out of memory, which is told at once."""
    before, one = known[at - 1], known[at]
    if not may_continue(known, at) or known[0].began.steps != one.began.steps or known[0].began.stepped:
        return False
    if one.began.until - known[0].began.since > 3500:
        return False
    tries = [webhook for webhook in webhooks for alert in webhook.alerts
             if tag_of(alert) == before.tag and alert["status"] == "resolved"]
    if any(webhook.status == 503 for webhook in tries):
        return False
    held_at_least_until = min(webhook.since for webhook in tries) + hold_seconds(at - 1)
    return one.began.until < held_at_least_until - _MARGIN_SECONDS


@dataclasses.dataclass
class Episode:
    """What people are told of as one."""

    intervals: list

    @property
    def tag(self):
        return self.intervals[0].tag


def episodes(webhooks, is_stored):
    """(by fingerprint its episodes, why some of them are not as promised). `is_stored(interval)` says
    whether the history begins an episode with it, which decides where both would be right."""
    found, wrong = {}, []
    for fingerprint, known in intervals(webhooks).items():
        told = found[fingerprint] = []
        for at, one in enumerate(known):
            if not at or is_stored(one):
                if at and must_continue(webhooks, known, at):
                    wrong.append(f"{one.tag}: another episode, though the end before it was not told yet")
                told.append(Episode([one]))
                continue
            if not may_continue(known, at):
                wrong.append(f"{one.tag}: in the episode of {known[at - 1].tag}, whose end was told")
            told[-1].intervals.append(one)
    return found, wrong


def seen(webhooks):
    """(tag, word) of all that was ever posted, acknowledged or not."""
    words = {"firing": "FIRING", "resolved": "RESOLVED"}
    return {(tag_of(alert), words[alert["status"]]) for webhook in webhooks
            for alert in webhook.alerts}
