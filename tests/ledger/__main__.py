"""Runs the ledger and prints it.

Exit code 0 when every promise was kept. A run whose programs cannot go on breaks one too.
"""

import argparse
import secrets
import sys
import time

from tests.ledger import account, evidence, report
from tests.ledger.run import CHATS, MAILBOX, Run
from tests.ledger.steps import STEPS
from tests.stack import wait
from tests.stack.process import Stack

TARGETS = [("email", MAILBOX), *(("telegram", str(chat["id"])) for chat in CHATS)]


def lived(run, kills):
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
            report.deaths(run.killed, kills, complete=kills >= 2 * len(STEPS))]


def ledger(stack, seed, kills, sync_lies=False):
    """All lines of one run."""
    run = Run(stack, seed, sync_lies)
    own = lived(run, kills)
    history = evidence.History(run.one.database)
    arrived = evidence.copies(run.mail, run.chat)
    strange = evidence.assign(history.rows, arrived)
    report.show_deaths(run.killed)
    return account.lines(run.recorder.webhooks(), history, arrived, strange, TARGETS) + own


def main():
    parser = argparse.ArgumentParser(prog="ledger", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, help="of the rounds; any other by default")
    parser.add_argument("--keep", action="store_true", help="logs and history stay, also when all is well")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(10**6)
    began = time.monotonic()
    print(f"seed {seed}, {arguments.kills} kills", flush=True)
    with Stack("ledger") as stack:
        kept = report.show(ledger(stack, seed, arguments.kills))
        if arguments.keep or not kept:
            stack.keep_files()
            print(f"files: {stack.directory}")
    print(f"{'every promise kept' if kept else 'BROKEN'}, {time.monotonic() - began:.0f} s, seed {seed}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
