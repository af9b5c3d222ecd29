"""One run and its lines."""

from tests.ledger import account, evidence, report
from tests.ledger.run import CHATS, MAILBOX, Run
from tests.ledger.steps import STEPS
from tests.stack import wait

LONG = 200  # kills; a shorter run may miss what is rare
TARGETS = [("email", MAILBOX), *(("telegram", str(chat["id"])) for chat in CHATS)]


def _complete(kills):
    """Whether it is long enough to come to every step."""
    return kills >= 2 * len(STEPS)


def _lived(run, kills):
    """The run to its end. The lines that it adds itself."""
    broken = []
    try:
        for each in run.rounds(kills):
            print(f"{each} -> {run.death}", flush=True)
        run.finish()
    except (wait.NotInTime, wait.Ended) as error:
        broken = [str(error)]
    finally:
        run.close()
    return [account.Line("the run comes to its end", 1, broken),
            report.deaths(run.killed, kills, _complete(kills)), report.troubles(run.met, _complete(kills))]


def ledger(stack, seed, kills, settled_seconds=900):
    """All lines of one run."""
    run = Run(stack, seed, settled_seconds)
    own = _lived(run, kills)
    history = evidence.History(run.one.database)
    arrived = evidence.copies(run.mail, run.chat)
    strange = evidence.assign(history.rows, arrived)
    report.show_deaths(run.killed)
    report.show_kinds(history)
    return account.lines(run.recorder.webhooks(), history, arrived, strange, TARGETS) + own + [
        report.kinds(history, kills >= LONG),
        report.scripted(run.mail.events(), run.chat.events(), _complete(kills), kills >= LONG)]
