"""The table at the end."""

from tests.ledger import faults, steps
from tests.ledger.account import Line
from tests.ledger.plan import CHAT_FAULTS, MAIL_FAULTS, POWER_CUT, RESTART, TROUBLES

_SHOWN = 5  # of what breaks a promise


def deaths(killed, kills, complete):
    """Of how many rounds the death is known, and, in a run that is long enough, at every step once."""
    missing = [step for step in steps.STEPS if not killed.get(step)] if complete else []
    lived = [] if sum(killed.values()) == kills else [f"{sum(killed.values())} of {kills} rounds"]
    return Line("killed at every step", kills, [f"never at {step}" for step in missing] + lived)


def troubles(met, complete):
    """That each trouble did harm in some round, Alertmanager was restarted and the power cut, in a run that
    is long enough."""
    wanted = (*TROUBLES, RESTART, POWER_CUT) if complete else ()
    never = [trouble for trouble in wanted if not met.get(trouble)]
    return Line("every trouble met", sum(met.values()), [f"never: {trouble}" for trouble in never])


def scripted(mail_events, chat_events, complete, long):
    """That no receiver went on as if nothing had been scripted; that each carried out some fault, in a run
    that is long enough, and every one in a `long` run: in a shorter one some are not drawn, or their sender
    is killed before it meets them."""
    found = faults.Carried(MAIL_FAULTS, faults.MAIL, mail_events), faults.Carried(
        CHAT_FAULTS, faults.CHAT, chat_events)
    return Line("every scripted fault met", sum(sum(each.met.values()) for each in found), [
        reason for each in found for reason in each.ignored + each.never(complete, long)])


def _kinds(history):
    return {"opened by asking": sum(episode.late for episode in history.episodes),
            "fired again while its end was held": sum(episode.flaps for episode in history.episodes),
            "sent before it was recorded": sum(row.before_recorded for row in history.rows),
            "told over the other channel": sum(row.notice for row in history.rows)}


def kinds(history, long):
    """That the run came to all that is out of the usual way, in one that is long."""
    met = _kinds(history)
    return Line("every kind of news met", sum(met.values()),
                [f"never: {kind}" for kind, count in met.items() if long and not count])


def table(lines):
    """In words, a line for each promise and for what breaks it."""
    width = max(len(line.promise) for line in lines)
    for line in lines:
        word = "ok" if not line.broken else f"BROKEN {len(line.broken)}"
        yield f"{line.promise:<{width}}  {line.checked:6d}  {word}"
        yield from (f"    {reason}" for reason in line.broken[:_SHOWN])
        if len(line.broken) > _SHOWN:
            yield f"    and {len(line.broken) - _SHOWN} more"


def broken(lines):
    return [line for line in lines if line.broken]


def show_kinds(history):
    print("beside the usual way: " + ", ".join(f"{kind} {count}" for kind, count in _kinds(history).items()))


def show_deaths(killed):
    moments = killed.get("", 0)
    print(f"kills: {moments} at any moment, " +
          ", ".join(f"{step} {killed[step]}" for step in steps.STEPS if killed.get(step)))
