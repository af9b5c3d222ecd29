"""SQLite alone, through Python's module: what the same rows cost without a sidecar.

    /usr/bin/python3 -m bench.bridge_bare HISTORY FILE SECONDS

The schema, with all indexes, is that of the sidecar's own file HISTORY; write-ahead log, synchronous=FULL.
As a program it commits the last webhooks of HISTORY, each with its episode and its transition, one at a
time and over and over, into FILE, and prints how many a second.
"""

import pathlib
import sqlite3
import subprocess
import sys
import time

from bench.measure import Cannot
from tests.stack import ROOT

KEPT = ("webhooks", "episodes", "transitions")
LAST = 500
_SLOW_SYNC = ROOT / "bench/peers/slow_sync/slow_sync.cc"


def slow_sync(stack, extra_ms):
    """The first words of a command whose syncs to disk take so much longer."""
    library = stack.directory / "slow_sync.so"
    done = subprocess.run(["c++", "-shared", "-fPIC", "-O1", f"-DSYNC_MS={extra_ms}", "-o", library,
                           _SLOW_SYNC], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Cannot(f"{_SLOW_SYNC.name} does not compile: {done.stderr.strip()[:200]}")
    return ["env", f"LD_PRELOAD={library}"]


def rows(history, query, *arguments):
    """What a history file holds, read as sqlite3 would."""
    database = sqlite3.connect(f"file:{history}?mode=ro", uri=True, timeout=10)
    try:
        return database.execute(query, arguments).fetchall()
    finally:
        database.close()


def last_ids(history):
    return {table: rows(history, f"SELECT coalesce(max(id), 0) FROM {table}")[0][0] for table in KEPT}


def kept(history, after):
    """What came after these ids, {table: [row]}."""
    return {table: rows(history, f"SELECT * FROM {table} WHERE id > ? ORDER BY id", after[table])
            for table in KEPT}


def check_schema(history):
    """Rows are put in by position: the first columns must be those that Bare means."""
    for table, begin in (("webhooks", ["id"]), ("episodes", ["id", "source", "fingerprint"]),
                         ("transitions", ["id", "episode_id"])):
        names = [row[1] for row in rows(history, f"PRAGMA table_info({table})")]
        if names[:len(begin)] != begin:
            raise Cannot(f"the table {table} begins with {names[:len(begin)]}")


class Bare:
    def __init__(self, history, path):
        check_schema(history)
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=FULL")
        for statement, in rows(history, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL "
                                        "AND name NOT LIKE 'sqlite_%' ORDER BY rowid"):
            self._file.execute(statement)

    def once(self, wanted):
        """Seconds of one transaction with these rows, {table: [row]}."""
        begun = time.perf_counter()
        self._file.execute("BEGIN IMMEDIATE")
        for table in KEPT:
            places = ",".join("?" * len(wanted[table][0]))
            self._file.executemany(f"INSERT INTO {table} VALUES ({places})", wanted[table])
        self._file.execute("COMMIT")
        return time.perf_counter() - begun

    def each(self, wanted, seconds):
        """Commits a second: one row of each table in each, over and over."""
        triples = list(zip(*(wanted[table] for table in KEPT)))
        begun, done = time.perf_counter(), 0
        while time.perf_counter() < begun + seconds:
            webhook, episode, transition = (list(row) for row in triples[done % len(triples)])
            done += 1
            webhook[0] = episode[0] = transition[0] = transition[1] = done  # ids, and the episode's
            episode[2] = f"{done:016x}"  # its fingerprint: no two that are open may share one
            self.once({"webhooks": [webhook], "episodes": [episode], "transitions": [transition]})
        return done / (time.perf_counter() - begun)

    def close(self):
        self._file.close()


def main():
    history, path, seconds = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    after = {table: max(0, last - LAST) for table, last in last_ids(history).items()}
    print(Bare(history, path).each(kept(history, after), seconds))


if __name__ == "__main__":
    main()
