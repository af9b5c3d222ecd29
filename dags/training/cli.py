"""The command line of the training library. Exit codes: 0 done, 2 bad input, in one sentence."""

import argparse
import json
import pathlib
import sys

from training import model_folder, sample, simulator, transactions
from training.progress import Progress
from training.train import train

DESCRIPTION = """\
Makes the transactions of the Fraud Detection Handbook, trains the fraud model on them and writes
the folder that fraud-model serves. Needs the packages of dags/requirements.txt."""


def parser():
    made = argparse.ArgumentParser(prog="python -m training", description=DESCRIPTION)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    simulate = commands.add_parser("simulate", help="write labelled transactions")
    simulate.add_argument("--out", required=True, metavar="FILE.npz")
    simulate.add_argument("--customers", type=_count, default=simulator.World.customers,
                          metavar="N", help="(default %(default)s, the handbook's)")
    simulate.add_argument("--days", type=_count, default=simulator.World.days, metavar="N",
                          help=f"from {simulator.World.first_day} on (default %(default)s)")
    _add_seed(simulate, "of another world; 0 is the handbook's (default)")
    fit = commands.add_parser("train", help="train on the handbook's weeks, write a model folder")
    fit.add_argument("--out", required=True, metavar="FOLDER",
                     help="a model folder that is there is replaced")
    _add_data(fit)
    _add_seed(fit, "of the training (default 0)")
    draw = commands.add_parser("sample", help="write rows of an attack for the load driver")
    draw.add_argument("--out", required=True, metavar="FILE.ndjson")
    draw.add_argument("--rows", type=_count, default=sample.ROWS, metavar="N",
                      help="(default %(default)s)")
    _add_data(draw)
    _add_seed(draw, "of the choice of rows (default 0)")
    prove = commands.add_parser("check", help="prove a model folder with XGBoost")
    prove.add_argument("folder", metavar="FOLDER")
    return made


def main(words=None):
    arguments = parser().parse_args(words)
    command = {"simulate": _simulate, "train": _train, "sample": _sample,
               "check": _check}[arguments.command]
    try:
        command(arguments, Progress(sys.stderr))
    except (ValueError, OSError) as problem:
        print(f"training: {problem}", file=sys.stderr)
        return 2
    return 0


def _simulate(arguments, progress):
    _writable(arguments.out)
    world = simulator.World(customers=arguments.customers, days=arguments.days, seed=arguments.seed)
    data = _simulated(world, progress)
    with progress.step("write"):
        transactions.save(data, arguments.out)
    print(f"{len(data)} transactions, {int(data.fraud.sum())} frauds")


def _train(arguments, progress):
    _writable(arguments.out)
    model_folder.refuse_stranger(pathlib.Path(arguments.out))
    data = _data(arguments, progress)
    with progress.step("train") as tell:
        trained = train(data, seed=arguments.seed, progress=tell)
    with progress.step("write"):
        version = model_folder.write(trained, arguments.out)
    print(f"{version} threshold {trained.threshold}")
    print(json.dumps(trained.training["test_metrics"], indent=2))


def _sample(arguments, progress):
    _writable(arguments.out)
    data = _data(arguments, progress)
    with progress.step("choose"):
        rows = sample.build(data, arguments.seed, arguments.rows)
    with progress.step("write"):
        sample.write(rows, arguments.out)
    print(f"{len(rows)} rows")


def _check(arguments, _progress):
    meta, error = model_folder.check(arguments.folder)
    print(f"{meta['model_version']} is good: the golden scores are right to {error:.1g}")


def _data(arguments, progress):
    """The handbook's world, or the one in the file."""
    if arguments.data is None:
        return _simulated(simulator.World(), progress)
    return transactions.load(arguments.data)


def _simulated(world, progress):
    with progress.step("simulate") as tell:
        return simulator.simulate(world, tell)


def _writable(out):
    """Found out before the work is done."""
    folder = pathlib.Path(out).absolute().parent
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}")


def _add_data(command):
    command.add_argument("--data", metavar="FILE.npz",
                         help="what simulate wrote (default: simulates)")


def _add_seed(command, meaning):
    command.add_argument("--seed", type=_seed, default=0, metavar="N", help=meaning)


def _count(text):
    return _between(text, 1, 1_000_000)


def _seed(text):
    return _between(text, 0, 4_000)


def _between(text, low, high):
    if not text.isdecimal() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}")
    return int(text)
