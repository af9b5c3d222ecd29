"""Settings with which it must not start: one sentence, and an exit code that says whose fault it is."""

import os
import socket
import unittest

from tests.process.fixture import StackTest
from tests.stack import sidecar

CANNOT, WRONG = 1, 2  # this machine does not allow it; the settings themselves are wrong


class Start(StackTest):
    def refuses(self, *words, code=CANNOT, **changed):
        """Runs it with good settings, some of them changed; its output must be one line with `words`."""
        token = self.stack.path("token", "demo 0123456789abcdef0123\n")
        settings = {"listen": "127.0.0.1:0", "database": self.stack.path("history.db"),
                    "webhook-token-file": token, "target-pid": os.getpid()}
        settings.update({name.replace("_", "-"): value for name, value in changed.items()})
        flags = [word for name, value in settings.items() if value is not None
                 for word in (f"--{name}", value)]
        done = sidecar.run(*flags)
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line]
        self.assertEqual(done.returncode, code, lines)
        self.assertEqual(len(lines), 1, lines)
        for word in words:
            self.assertIn(word, lines[0])

    def test_missing_token_file(self):
        self.refuses("webhook-token-file", webhook_token_file=None, code=WRONG)
        missing = self.stack.directory / "nowhere"
        self.refuses(str(missing), webhook_token_file=missing)

    def test_unusable_token_file(self):
        self.refuses("token", webhook_token_file=self.stack.path("short", "demo abc\n"))

    def test_unwritable_database(self):
        self.refuses("database", database="/proc/none/history.db")
        self.refuses("database", database=self.stack.folder("folder"))
        self.refuses("database", database=":memory:", code=WRONG)

    def test_a_database_in_a_directory_that_does_not_exist(self):
        missing = self.stack.directory / "nowhere"
        self.refuses(f"--database: the directory {missing} does not exist", database=missing / "history.db")

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_database_in_a_folder_of_somebody_else(self):
        self.refuses("database", database="/usr/history.db")

    def test_unknown_process(self):
        self.refuses("4194304", target_pid="4194304")  # above the highest pid there can be

    def test_unknown_cgroup(self):
        self.refuses("/fraud-no-such-group", target_pid=None, target_cgroup="/fraud-no-such-group")

    def test_port_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.refuses(str(port), listen=f"127.0.0.1:{port}")

    def test_wrong_values_name_the_flag(self):
        self.refuses("--listen", listen="nonsense", code=WRONG)
        self.refuses("--sample-interval", sample_interval="soon", code=WRONG)
        self.refuses("--replicas-max", replicas_max="-1", code=WRONG)
        self.refuses("--remind-every", remind_every="5s", code=WRONG)
        self.refuses("--no-such-flag", no_such_flag="x", code=WRONG)


class Backup(StackTest):
    def ends(self, code, *words):
        done = sidecar.run("backup", *words)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (code, int(code > 0)), done.stderr)
        return done.stderr

    def test_exit_codes_are_those_of_the_program_itself(self):
        missing = self.stack.directory / "nowhere"
        history = self.sidecar().database
        copy = self.stack.path("copy.db")
        self.ends(WRONG)
        self.ends(WRONG, copy, "one-more")
        self.ends(WRONG, "--no-such-flag", "x", copy)
        self.ends(CANNOT, "--database", missing / "history.db", copy)
        self.assertIn(f"the directory {missing} does not exist",
                      self.ends(CANNOT, "--database", history, missing / "copy.db"))
        self.ends(0, "--database", history, copy)
        self.ends(CANNOT, "--database", history, copy)  # it is there already
        self.ends(0, "--help")
