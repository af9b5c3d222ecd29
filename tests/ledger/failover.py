"""Who must be told that a message could not go its own way. Pure."""

from tests.ledger.plan import REFUSAL

_DEAD = (401, 403, 550)


def refusals(history):
    """(row, try) of each message that its server refused for good, and of each try that found its way
    dead. A notice makes no other notice."""
    return [(row, each) for row in history.rows if not row.notice for each in row.tries
            if each.code in _DEAD or (each is row.tries[-1] and row.state == "failed" and is_for_good(row))]


def is_for_good(row):
    return bool(row.tries) and row.tries[-1].outcome == "permanent" and is_refusal(row.tries[-1].detail)


def is_refusal(words):
    """Those of our servers' faults."""
    return REFUSAL in words or "refused on purpose" in words or "Unauthorized" in words


def untold(dead, history, targets):
    """What the readers of the other channels do not know. They are told once, of a way that is dead with
    the server's words, until that target has accepted something again."""
    made = {}  # at which try notices about it were made, by how their keys begin
    for row, refused in dead:
        made.setdefault(f"notice-{row.key}", refused.number)
        made[f"notice-{row.key}-t{refused.of_row}"] = refused.number
    broken = []
    for row, refused in dead:
        for channel, target in targets:
            if channel == row.channel:
                continue
            notices = [each for each in history.rows if each.notice and row.target in each.text
                       and (each.channel, each.target) == (channel, target)]
            own = [each for each in notices if each.key.startswith(f"notice-{row.key}-")]
            before = _still_true(row, refused, notices, made, history)
            words = refused.detail if refused.code in _DEAD else ""
            if not (any(_came(each, refused.detail) for each in own) or any(_came(each, words) for each in before)):
                broken.append(f"{row.key}: refused by {row.target} with {refused.code} {refused.detail!r}, "
                              f"and {target} was not told why: {[each.key for each in notices]}")
    return broken


def _came(notice, words):
    """With the words, "": those of any refusal. Or it was refused itself."""
    if notice.state == "failed" and is_for_good(notice):
        return True
    return any(words in copy.text and is_refusal(copy.text) for copy in notice.copies)


def _still_true(row, refused, notices, made, history):
    """Notices of before, since whose first try the target has accepted nothing."""
    accepted = [one.number for each in history.rows for one in each.tries if one.outcome == "delivered"
                and (each.channel, each.target) == (row.channel, row.target)]
    for notice in notices:
        at = made.get(notice.key.rpartition("-")[0])
        tried = notice.tries[0].number if notice.tries else refused.number
        if at is not None and at < refused.number and not any(tried < one < refused.number for one in accepted):
            yield notice
