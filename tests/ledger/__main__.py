"""Runs the ledger and prints it. See the package's text."""

import argparse
import secrets
import sys

from tests.ledger.run import Run
from tests.stack import wait
from tests.stack.process import Stack


def main():
    parser = argparse.ArgumentParser(prog="ledger", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(10**6)
    print(f"seed {seed}", flush=True)
    with Stack("ledger") as stack:
        stack.keep_files()
        print(stack.directory)
        run = Run(stack, seed)
        for each in run.rounds(arguments.kills):
            print(each, run.killed, flush=True)
        run.finish()
        run.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
