"""Runs the ledger and prints it.

Exit code 0 when every promise was kept. A run whose programs cannot go on breaks one too.
"""

import argparse
import pathlib
import secrets
import sys
import time

from tests.ledger import mutants, report
from tests.ledger.ledger import ledger
from tests.stack.process import Stack


def one_run(seed, kills, keep):
    """Its lines."""
    with Stack("ledger") as stack:
        lines = ledger(stack, seed, kills)
        if keep or report.broken(lines):
            stack.keep_files()
            print(f"files: {stack.directory}")
    return lines


def parse():
    parser = argparse.ArgumentParser(prog="ledger", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, help="of the rounds; any other by default")
    parser.add_argument("--keep", action="store_true", help="logs and history stay, also when all is well")
    parser.add_argument("--mutants", action="store_true", help="shows that seeded defects are caught")
    parser.add_argument("--counts", type=pathlib.Path, help="gets a line: passed failed")
    parser.add_argument("--table", type=pathlib.Path, help="gets what is printed at the end")
    return parser.parse_args()


def main():
    arguments = parse()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(10**6)
    began = time.monotonic()
    if arguments.mutants:
        title, lines = "mutants", mutants.run(arguments.keep)
    else:
        title = f"seed {seed}, {arguments.kills} kills"
        print(title, flush=True)
        lines = one_run(seed, arguments.kills, arguments.keep)
    failed = len(report.broken(lines))
    table = "\n".join([*report.table(lines), f"{title}, {time.monotonic() - began:.0f} s: "
                       f"{'BROKEN' if failed else 'every promise kept'}"])
    print(table)
    if arguments.table:
        arguments.table.write_text(table + "\n", encoding="utf-8")
    if arguments.counts:
        with open(arguments.counts, "a", encoding="ascii") as counts:
            counts.write(f"{len(lines) - failed} {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
