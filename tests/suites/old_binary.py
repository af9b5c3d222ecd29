"""A release can be taken back: the program of before the newest step of the schema serves today's history.

    /usr/bin/python3 -m unittest -v tests.suites.old_binary

That program is found in git and built below build/old-binary.
"""

import os
import subprocess
import unittest
from unittest import mock

from tests.process.fixture import SELF, StackTest, alert, quick
from tests.stack import ROOT, sidecar_program, wait
from tests.stack.sidecar import Sidecar

SCHEMA = "sidecar/store/schema.cc"
STEP = 'R"sql('  # how each step begins


class Impossible(Exception):
    """There is nothing to build; the sentence says why."""


def git(*arguments):
    done = subprocess.run(["git", "-c", "safe.directory=*", *arguments], cwd=ROOT, check=False,
                          capture_output=True)
    return done.stdout if done.returncode == 0 else None


def steps_at(commit):
    """How many steps its schema has, 0 when it has none; None for a commit that is not here."""
    if git("cat-file", "-e", f"{commit}^{{commit}}") is None:
        return None
    return (git("show", f"{commit}:{SCHEMA}") or b"").decode().count(STEP)


def commit_before_newest_step():
    """The parent of the newest commit that has more steps than its parent."""
    commits = (git("log", "--format=%H", "--", SCHEMA) or b"").decode().split()
    for commit in commits:
        before = steps_at(f"{commit}^")
        if before is None:
            break
        if before and steps_at(commit) > before:
            return git("rev-parse", f"{commit}^").decode().strip()
    raise Impossible("there is no git history here (or too little of it) that tells the commit before "
                     f"the newest step in {SCHEMA}: its program cannot be built")


def build(commit):
    """The fraud-sidecar of that commit."""
    tree = ROOT / "build/old-binary" / commit[:12]
    program = tree / "build/release/fraud-sidecar"
    if not program.exists():
        tree.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-x", "-C", tree], input=git("archive", commit), check=True)
        subprocess.run(["cmake", "--preset", "release"], cwd=tree, check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["ninja", "-C", "build/release", "fraud-sidecar"], cwd=tree, check=True)
    return program


class AnySidecar(Sidecar):
    """A sidecar of any age: what it has no flag for is not given to it."""

    def start(self):
        page = subprocess.run([sidecar_program(), "--help"], check=True, capture_output=True,
                              text=True, timeout=20).stdout
        words, known = iter(self._command), []
        for word in words:
            if str(word).startswith("--") and f" {word} " not in page:
                next(words)
            else:
                known.append(word)
        self._command = known
        super().start()


class OldBinary(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.commit = commit_before_newest_step()
        print(f"the program of {cls.commit}", flush=True)
        cls.old_program = build(cls.commit)

    def setUp(self):
        super().setUp()
        self.mailbox = self.receiver()
        self.database = self.stack.folder("history") / "history.db"

    def start(self, name, program):
        flags = [*SELF, "--smtp-url", f"smtp://127.0.0.1:{self.mailbox.port}", "--smtp-tls", "none",
                 "--mail-from", "fraud@test.example", "--mail-to", "admin@test.example", *quick()]
        with mock.patch.dict(os.environ, {"FRAUD_SIDECAR": str(program)}):
            return AnySidecar(self.stack, flags, name=name, database=self.database)

    def start_old(self):
        try:
            return self.start("old", self.old_program)
        except wait.Ended as ended:
            self.fail(f"the program of {self.commit} does not open today's history: {ended}")

    def version(self, sidecar):
        return self.rows(sidecar, "PRAGMA user_version")[0][0]

    def test_yesterdays_program_serves_todays_history_and_todays_goes_on(self):
        today = self.start("today", sidecar_program())
        self.post(today, alert(fingerprint="a1"))
        self.mails(self.mailbox, 1)
        self.until(lambda: self.states(today) == ["delivered"], "the first mail settled")
        self.mailbox.process.stop()
        self.post(today, alert(fingerprint="b2"))
        version = self.version(today)
        today.process.stop()

        old = self.start_old()
        self.assertEqual(self.fingerprints(old), {"a1": "open", "b2": "open"})
        self.mailbox.start()
        self.mails(self.mailbox, 2)
        self.post(old, alert(fingerprint="c3"))
        self.post(old, alert("resolved", fingerprint="a1", ends_at="2026-01-02T03:14:05Z"))
        self.mails(self.mailbox, 4)
        self.assertEqual(old.alert(1)["state"], "ended")
        self.until(lambda: self.states(old) == ["delivered"] * 4, "what is sent is settled")
        self.assertEqual(self.version(old), version, "it leaves the schema as it is")
        old.process.kill()

        today = self.start("again", sidecar_program())
        self.post(today, alert(fingerprint="d4"))
        subjects = [mail.subject for mail in self.mails(self.mailbox, 5)]
        self.assertEqual(len(subjects), 5, "nothing is sent again")
        self.assertEqual(sum("RESOLVED" in subject for subject in subjects), 1)
        self.assertEqual(self.fingerprints(today),
                         {"a1": "ended", "b2": "open", "c3": "open", "d4": "open"})
        self.assertEqual(self.rows(today, "SELECT count(*) FROM webhooks"), [(5,)])
        self.assertEqual(self.rows(today, "PRAGMA quick_check"), [("ok",)])
        self.assertEqual(self.rows(today, "PRAGMA foreign_key_check"), [])

    def states(self, sidecar):
        return [state for state, in self.rows(sidecar, "SELECT state FROM outbox")]

    def fingerprints(self, sidecar):
        return {found["fingerprint"]: found["state"] for found in sidecar.alerts()}


def load_tests(loader, tests, _pattern):
    """One sentence instead of a stack trace when there is nothing to build."""
    try:
        commit_before_newest_step()
    except Impossible as why:
        raise SystemExit(f"old-binary: {why}") from None
    return tests


if __name__ == "__main__":
    unittest.main()
