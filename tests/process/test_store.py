"""The history file as its owner handles it: backups, damage, a mistyped name."""

import os
import re
import sqlite3
import unittest

from tests.process.fixture import SELF, StackTest, alert
from tests.stack import sidecar as program

PAGE = 4096


class Backup(StackTest):
    def backup(self, history, to):
        return program.run("backup", "--database", history, to)

    def episodes(self, path):
        database = sqlite3.connect(path)
        try:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            return database.execute("SELECT count(*) FROM episodes").fetchone()[0]
        finally:
            database.close()

    def test_a_running_sidecars_history_is_copied_and_can_be_gone_back_to(self):
        sidecar = self.sidecar()
        self.post(sidecar, *(alert(fingerprint=f"{n:04x}") for n in range(50)))
        copy = self.stack.directory / "monday.db"
        done = self.backup(sidecar.database, copy)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, f"{copy}: {copy.stat().st_size} bytes, 50 episodes\n")
        self.assertEqual(done.stderr, "")
        self.assertEqual(copy.stat().st_mode & 0o777, 0o600)
        self.assertEqual(sorted(path.name for path in copy.parent.glob("monday*")), ["monday.db"])
        self.post(sidecar, alert(fingerprint="ffff"))
        sidecar.process.kill()
        for end in ("-wal", "-shm"):
            os.unlink(f"{sidecar.database}{end}")
        os.replace(copy, sidecar.database)
        sidecar.start()
        self.assertEqual(len(sidecar.alerts(limit=100)), 50)

    def test_the_name_of_the_history_may_come_from_the_environment(self):
        sidecar = self.sidecar()
        self.post(sidecar, alert())
        os.environ["FRAUD_DATABASE"] = str(sidecar.database)
        self.addCleanup(os.environ.pop, "FRAUD_DATABASE")
        copy = self.stack.directory / "copy.db"
        done = program.run("backup", copy)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.episodes(copy), 1)

    def test_a_killed_sidecars_history_is_copied(self):
        sidecar = self.sidecar()
        self.post(sidecar, alert())
        sidecar.process.kill()
        copy = self.stack.directory / "copy.db"
        self.assertEqual(self.backup(sidecar.database, copy).returncode, 0)
        self.assertEqual(self.episodes(copy), 1)

    def test_a_wrong_call_is_one_sentence(self):
        sidecar = self.sidecar()
        there = self.stack.path("there.db", "precious")
        cases = {(sidecar.database, there): (1, "is there already"),
                 (self.stack.directory / "none.db", "x.db"): (1, "none.db: No such file"),
                 (sidecar.database, "/proc/none/x.db"): (1, "the directory /proc/none does not exist"),
                 (sidecar.database, ""): (2, "TO: is missing")}
        for (history, to), (code, words) in cases.items():
            with self.subTest(words):
                done = self.backup(history, to)
                self.assertEqual((done.returncode, done.stdout), (code, ""))
                self.assertRegex(done.stderr, f"^fraud-sidecar backup: .*{re.escape(words)}.*\n$")
        self.assertEqual(there.read_text(encoding="utf-8"), "precious")

    def test_help_tells_of_it(self):
        page = " ".join(program.run("--help").stdout.split())
        self.assertIn("fraud-sidecar backup --database", page)
        self.assertIn("ARGUMENTS\n       TO\n", program.run("backup", "--help").stdout)


class Writing(StackTest):
    def test_is_tried_without_an_alert(self):
        sidecar = self.sidecar()

        def tried():
            database = sqlite3.connect(f"file:{sidecar.database}?mode=ro", uri=True)
            try:
                return database.execute("SELECT value FROM meta WHERE name = 'written_at_ms'").fetchone()
            finally:
                database.close()
        self.until(tried, "the first try")
        self.assertEqual(sidecar.metrics().value("fraud_sidecar_history_writable"), 1)


class Damage(StackTest):
    def test_what_nobody_got_yet_is_sent_after_the_file_was_damaged(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        receiver.process.stop()
        self.post(sidecar, alert(fingerprint="0a"))
        self.post(sidecar, *(alert(fingerprint=f"{n:04x}", severity="warning", text="x" * 500)
                             for n in range(400)))
        sidecar.process.stop()
        self._damage(sidecar.database, b"0100")
        receiver.start()
        sidecar.start()
        self.assertEqual(len(self.mails(receiver, 1)), 1)
        log = sidecar.process.text()
        self.assertIn("history_corrupt", log)
        self.assertRegex(log, r"history_recovered .*rows=\"meta=[12] .*episodes=3\d\d\+\? ")
        metrics = sidecar.metrics()
        self.assertEqual(metrics.value("fraud_sidecar_history_set_aside"), 1)
        rows = metrics.value("fraud_sidecar_history_recovered_rows", table="episodes")
        self.assertIn(f"episodes={rows:.0f}+?", log)
        (aside,) = sidecar.database.parent.glob("history.db.corrupt-*[0-9]")
        self.assertGreater(aside.stat().st_size, 100 * PAGE)
        self.post(sidecar, alert("resolved", fingerprint="0a", ends_at="2026-01-02T03:14:05Z"))
        self.assertIn("RESOLVED", self.mails(receiver, 2)[1].subject)
        aside.unlink()
        self.assertEqual(sidecar.metrics().value("fraud_sidecar_history_set_aside"), 0)

    def _damage(self, path, text):
        """Overwrites the page of the first episode whose row has `text`'s fingerprint."""
        content = bytearray(path.read_bytes())
        at = content.index(text + b"FraudModelMaxedOut")
        begin = at // PAGE * PAGE
        content[begin:begin + PAGE] = b"\xa5" * PAGE
        path.write_bytes(content)

    def test_a_file_that_is_no_history_is_left_alone(self):
        for text in ("a letter", "x" * 10_000):
            letter = self.stack.path("letter", text)
            token = self.stack.path("token", "demo 0123456789abcdef0123\n")
            done = program.run(*SELF, "--listen", "127.0.0.1:0", "--database", letter,
                               "--webhook-token-file", token)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr,
                             r"^fraud-sidecar: --database: .*letter is not an SQLite database.*\n$")
            self.assertEqual(letter.read_text(encoding="utf-8"), text)
            self.assertEqual([path.name for path in letter.parent.glob("letter*")], ["letter"])


if __name__ == "__main__":
    unittest.main()
