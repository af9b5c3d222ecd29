"""The ledger itself: a line for each promise, with what breaks it. Pure, over what a run left behind."""

import collections
import dataclasses
import datetime

from tests.ledger import failover, model


@dataclasses.dataclass(frozen=True)
class Line:
    """`checked` is how many things were looked at; each of `broken` names one and says why."""

    promise: str
    checked: int
    broken: list


def lines(webhooks, history, arrived, strange, targets):
    """`arrived` are the copies, `strange` those of no row, `targets` (channel, address) of each reader."""
    stored = {(each.fingerprint, each.starts_at_ms) for each in history.episodes}
    episodes, wrong = model.episodes(
        webhooks, lambda one: (one.fingerprint, _milliseconds(one.starts_at)) in stored)
    # What people are told of an episode bears the tag of any of its intervals.
    names = {one.tag: each.tag for known in episodes.values() for each in known for one in each.intervals}
    news = _News(names, arrived, history.rows)
    told = {(each.tag, word) for known in episodes.values() for each in known
            for word in ("FIRING", "RESOLVED") if word == "FIRING" or each.intervals[-1].ended}
    found = [_told(target, told, news) for target in targets]
    found.append(_stored(webhooks, history))
    found.append(_episodes(episodes, wrong, history))
    found.append(_settled(history))
    found.append(Line("failed is refused, in the history", _count(history, "failed"), [
        f"{row.key} to {row.target}: failed, but nobody refused it: {row.tries}" for row in history.rows
        if row.state == "failed" and not failover.is_for_good(row)]))
    dead = failover.refusals(history)
    found.append(Line("a refusal is told over the other channel", len(dead),
                      failover.untold(dead, history, targets)))
    found.append(Line("delivered is delivered", _count(history, "delivered"), [
        f"{row.key}: delivered, but {row.target} has no copy" for row in history.rows
        if row.state == "delivered" and not row.copies]))
    found += _doubles(news)
    found.append(_order(news))
    found.append(_invented(webhooks, arrived, strange))
    found.append(Line("integrity_check", 1, history.integrity))
    return found


class _News:
    """By (channel, target, tag of the episode, word) the copies in the order of arrival, and the rows. A
    notice has its key in place of tag and word."""

    def __init__(self, names, arrived, rows):
        self.copies, self.rows = collections.defaultdict(list), collections.defaultdict(list)
        for copy in arrived:
            if not copy.notice:
                self.copies[copy.channel, copy.target, names.get(copy.tag, copy.tag), copy.word].append(copy)
        for row in rows:
            if row.notice:
                key = row.channel, row.target, row.key, ""
                self.copies[key] += row.copies
            else:
                key = row.channel, row.target, names.get(row.tag, row.tag), row.word
            self.rows[key].append(row)

    def states(self, key):
        return [row.state for row in self.rows.get(key, ())]


def _told(target, told, news):
    """Acknowledged minus arrived. Who refused it for good is shown as `failed`."""
    missing = [f"{tag} {word}: acknowledged, not arrived, its row is {news.states(key) or 'not there'}"
               for tag, word in sorted(told) for key in [(*target, tag, word)]
               if not news.copies.get(key) and news.states(key) != ["failed"]]
    return Line(f"acknowledged - arrived, {target[0]} {target[1]}", len(told), missing)


def _stored(webhooks, history):
    bodies = [webhook.body for webhook in webhooks if webhook.acknowledged]
    return Line("acknowledged webhooks are in the history", len(bodies), [
        f"not there: {body[:200]!r}" for body in bodies if body not in history.bodies])


def _episodes(episodes, wrong, history):
    """As the model has them, and no other; and nothing is still to be told."""
    expected = {fingerprint: [_milliseconds(each.intervals[0].starts_at) for each in known]
                for fingerprint, known in episodes.items()}
    stored = collections.defaultdict(list)
    for episode in history.episodes:
        stored[episode.fingerprint].append(episode.starts_at_ms)
    broken = [f"{fingerprint}: acknowledged {expected.get(fingerprint, [])}, stored "
              f"{stored.get(fingerprint, [])}" for fingerprint in sorted(expected.keys() | stored.keys())
              if expected.get(fingerprint, []) != stored.get(fingerprint, [])]
    broken += [f"{episode.fingerprint}: still open" for episode in history.episodes
               if episode.ended_at_ms is None]
    return Line("no episode split", sum(map(len, expected.values())), wrong + broken)


def _settled(history):
    return Line("every message is settled", len(history.rows), [
        f"{row.key} to {row.target}: {row.state}" for row in history.rows
        if row.state not in ("delivered", "failed")] + [f"still to be told: {one}" for one in history.untold])


def _doubles(news):
    twice = {key: copies for key, copies in news.copies.items() if len(copies) > 1}
    marked = {key: copies for key, copies in news.copies.items()
              if any(copy.marked and not copy.unrecorded for copy in copies)}
    return [
        Line("a double only after an ambiguous try", len(twice), [
            f"{' '.join(key)}: {len(copies)} copies, tries {[row.tries for row in news.rows[key]]}"
            for key, copies in twice.items() if sum(not copy.unrecorded for copy in copies)
            > sum(row.sent() for row in news.rows[key])]),
        Line("a double says possible repeat", len(twice), [
            f"{' '.join(key)}: {_said(copies)}" for key, copies in twice.items() if _is_unsaid(copies)]),
        Line("possible repeat only after an ambiguous try", len(marked), [
            f"{' '.join(key)}: marked, tries {[row.tries for row in news.rows[key]]}" for key in marked
            if not any(row.ambiguous() for row in news.rows[key])])]


def _is_unsaid(copies):
    """What could not be recorded says so, and a process that dies forgets it: only then may it come again
    without a mark."""
    return any(not copy.marked and not all(earlier.unrecorded for earlier in copies[:at])
               for at, copy in enumerate(copies))


def _said(copies):
    return ", ".join(("possible repeat" if copy.marked else "unmarked")
                     + (", not recorded" if copy.unrecorded else "") for copy in copies)


def _order(news):
    """The first word of an end comes after the first word of its beginning, to each reader."""
    ends = {key: copies for key, copies in news.copies.items() if key[3] == "RESOLVED"}
    broken = []
    for key, copies in ends.items():
        firing = news.copies.get((*key[:3], "FIRING"))
        if firing and copies[0].at < firing[0].at:
            broken.append(f"{key[2]} to {key[1]}: {_said(copies)}, then firing: {_said(firing)}")
    return Line("no resolved before its firing", len(ends), broken)


def _invented(webhooks, arrived, strange):
    seen = model.seen(webhooks)
    broken = [f"{copy.tag} {copy.word} to {copy.target}: nobody posted it" for copy in arrived
              if copy.tag and not copy.notice and (copy.tag, copy.word) not in seen]
    # Of a page out of memory there is no row when the process died, of a notice about one neither.
    broken += [f"to {copy.target}, of no row: {copy.text[:200]!r}" for copy in strange
               if not copy.unrecorded and not (copy.notice and failover.is_refusal(copy.text))]
    return Line("nothing invented", len(arrived), broken)


def _count(history, state):
    return sum(row.state == state for row in history.rows)


def _milliseconds(text):
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)
