"""The ledger itself: a line for each promise, with what breaks it. Pure, over what a run left behind."""

import collections
import dataclasses
import datetime

from tests.ledger import model
from tests.ledger.plan import REFUSAL

# Whether what a dead channel refused is told over the other one, with the reason in it.
FAIL_OVER = False
_DEAD = (401, 403, 550)


@dataclasses.dataclass(frozen=True)
class Line:
    """`checked` is how many things were looked at; each of `broken` names one and says why."""

    promise: str
    checked: int
    broken: list


def lines(webhooks, history, arrived, strange, targets):
    """`arrived` are the copies, `strange` those of no row, `targets` (channel, address) of each reader."""
    told = model.transitions(webhooks)
    found = [_told(target, told, history, arrived) for target in targets]
    found.append(_stored(webhooks, history))
    found.append(_episodes(webhooks, history))
    found.append(_settled(history))
    found.append(_refused(history, arrived))
    found.append(Line("delivered is delivered", _count(history, "delivered"), [
        f"{row.key}: delivered, but {row.target} has no copy" for row in history.rows
        if row.state == "delivered" and not row.copies]))
    found += _doubles(history)
    found.append(_order(arrived))
    found.append(_invented(webhooks, arrived, strange))
    found.append(Line("integrity_check", 1, history.integrity))
    return found


def _told(target, told, history, arrived):
    """Acknowledged minus arrived. Who refused it for good is shown as `failed`, see _refused."""
    channel, address = target
    has = {(copy.tag, copy.word) for copy in arrived if (copy.channel, copy.target) == target}
    states = {(row.tag, row.word): row.state for row in history.rows
              if (row.channel, row.target) == target}
    missing = [f"{tag} {word}: acknowledged, not arrived, its row is {states.get((tag, word), 'not there')}"
               for tag, word in sorted(told - has) if states.get((tag, word)) != "failed"]
    return Line(f"acknowledged - arrived, {channel} {address}", len(told), missing)


def _stored(webhooks, history):
    bodies = [webhook.body for webhook in webhooks if webhook.acknowledged]
    return Line("acknowledged webhooks are in the history", len(bodies), [
        f"not there: {body[:200]!r}" for body in bodies if body not in history.bodies])


def _episodes(webhooks, history):
    """One for each interval from a firing to its resolved that was acknowledged, and no other."""
    expected = {fingerprint: [_milliseconds(each.starts_at) for each in known]
                for fingerprint, known in model.intervals(webhooks).items()}
    stored = collections.defaultdict(list)
    for episode in history.episodes:
        stored[episode.fingerprint].append(episode.starts_at_ms)
    broken = [f"{fingerprint}: acknowledged {expected.get(fingerprint, [])}, stored "
              f"{stored.get(fingerprint, [])}" for fingerprint in sorted(expected.keys() | stored.keys())
              if expected.get(fingerprint, []) != stored.get(fingerprint, [])]
    broken += [f"{episode.fingerprint}: still open" for episode in history.episodes
               if episode.ended_at_ms is None]
    return Line("one episode per interval", sum(map(len, expected.values())), broken)


def _settled(history):
    return Line("every message is settled", len(history.rows), [
        f"{row.key} to {row.target}: {row.state}" for row in history.rows
        if row.state not in ("delivered", "failed")])


def _refused(history, arrived):
    """A message fails only where a server refused it for good, and its last words are in the history."""
    failed = [row for row in history.rows if row.state == "failed"]
    broken = [f"{row.key} to {row.target}: failed, but nobody refused it: {row.tries}" for row in failed
              if not _is_for_good(row)]
    if FAIL_OVER:
        broken += [f"{row.key}: refused by {row.target}, and the other channel was not told why"
                   for row in failed if _is_for_good(row) and row.tries[-1][1] in _DEAD
                   and not any(copy.tag == row.tag and copy.channel != row.channel
                               and _is_refusal(copy.text) for copy in arrived)]
    return Line("failed is refused, in the history", len(failed), broken)


def _is_for_good(row):
    return bool(row.tries) and row.tries[-1][0] == "permanent" and _is_refusal(row.tries[-1][2])


def _is_refusal(detail):
    return REFUSAL in detail or "refused on purpose" in detail


def _doubles(history):
    twice = [row for row in history.rows if len(row.copies) > 1]
    marked = [row for row in history.rows if any(copy.marked for copy in row.copies)]
    return [
        Line("a double only after an ambiguous try", len(twice), [
            f"{row.key} to {row.target}: {len(row.copies)} copies, {row.ambiguous()} ambiguous tries"
            for row in twice if len(row.copies) > row.ambiguous() + (row.state == "delivered")]),
        Line("a double says possible repeat", len(twice), [
            f"{row.key} to {row.target}: {len(row.copies)} copies, marked {[c.marked for c in row.copies]}"
            for row in twice if sum(not copy.marked for copy in row.copies) > 1]),
        Line("possible repeat only after an ambiguous try", len(marked), [
            f"{row.key} to {row.target}: marked, tries {row.tries}" for row in marked
            if not row.ambiguous()])]


def _order(arrived):
    """The first word of an end comes after the first word of its beginning, to each reader."""
    first = {}
    for at, copy in enumerate(arrived):
        first.setdefault((copy.channel, copy.target, copy.tag, copy.word), at)
    ends = {key: at for key, at in first.items() if key[3] == "RESOLVED"}
    return Line("no resolved before its firing", len(ends), [
        f"{key[2]} to {key[1]}" for key, at in ends.items() if at < first.get((*key[:3], "FIRING"), -1)])


def _invented(webhooks, arrived, strange):
    seen = model.seen(webhooks)
    broken = [f"{copy.tag} {copy.word} to {copy.target}: nobody posted it" for copy in arrived
              if copy.tag and (copy.tag, copy.word) not in seen]
    broken += [f"to {copy.target}, of no row: {copy.text[:100]!r}" for copy in strange]
    return Line("nothing invented", len(arrived), broken)


def _count(history, state):
    return sum(row.state == state for row in history.rows)


def _milliseconds(text):
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)
