"""What must be in the history, by what was acknowledged: as naive as can be. Pure."""

import collections
import dataclasses


@dataclasses.dataclass
class Interval:
    """One alert from its firing to its resolved, as acknowledged."""

    fingerprint: str
    tag: str  # the text of the harness that stands in every message about it
    starts_at: str
    ended: bool = False

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
                known.append(Interval(alert["fingerprint"], tag_of(alert), alert["startsAt"]))
            elif alert["status"] == "resolved" and is_open:
                known[-1].ended = True
    return {fingerprint: known for fingerprint, known in found.items() if known}


def transitions(webhooks):
    """(tag, word) of all that was acknowledged, in no order."""
    return {each for known in intervals(webhooks).values() for one in known
            for each in one.transitions()}


def seen(webhooks):
    """(tag, word) of all that was ever posted, acknowledged or not."""
    words = {"firing": "FIRING", "resolved": "RESOLVED"}
    return {(tag_of(alert), words[alert["status"]]) for webhook in webhooks
            for alert in webhook.alerts}
