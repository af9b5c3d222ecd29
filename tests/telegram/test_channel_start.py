"""Settings of the channel with which it must not start: one sentence that names the flag."""

import os

from tests.process.fixture import StackTest
from tests.stack import sidecar

TOKEN = "1234567890:" + "x" * 35


class Start(StackTest):
    def refuses(self, code, *words, **changed):
        """Runs it with good settings, some of them changed or (None) left out."""
        settings = {"listen": "127.0.0.1:0", "database": self.stack.path("history.db"),
                    "webhook-token-file": self.stack.path("token", "demo 0123456789abcdef0123\n"),
                    "target-pid": os.getpid(), "telegram-chat": "4711",
                    "telegram-token-file": self.stack.path("bot", TOKEN + "\n")}
        settings.update({name.replace("_", "-"): value for name, value in changed.items()})
        done = sidecar.run(*(f"--{name}={value}" for name, value in settings.items() if value is not None))
        lines = (done.stdout + done.stderr).splitlines()
        self.assertEqual((done.returncode, len(lines)), (code, 1), lines)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertNotIn(TOKEN, lines[0])

    def test_a_chat_without_a_token(self):
        self.refuses(2, "--telegram-token-file", telegram_token_file=None)

    def test_a_token_without_a_chat(self):
        self.refuses(2, "--telegram-chat", telegram_chat=None)

    def test_wrong_values(self):
        for flag, values in {"telegram-chat": ["", "0", "somebody", "4711/", "4711/0", "-100/x", "@ab"],
                             "telegram-api-url": ["", "api.telegram.org", "ftp://telegram", "http://user:word@h", "http://h/?x"],
                             "telegram-proxy": ["socks4://h:1", "http://user:word@h:1", "h:1", "http://h"],
                             "telegram-timeout": ["soon", "1ms", "1h"]}.items():
            for value in values:
                with self.subTest(flag=flag, value=value):
                    self.refuses(2, f"--{flag}", **{flag: value})

    def test_a_token_file_that_cannot_be_read(self):
        missing = self.stack.directory / "nowhere"
        self.refuses(1, "--telegram-token-file", str(missing), telegram_token_file=missing)
        self.refuses(1, "--telegram-token-file", telegram_token_file=self.stack.path("empty", ""))

    def test_files_that_hold_something_else(self):
        other = self.stack.path("other", "something else\n")
        self.refuses(1, "--telegram-token-file", "no bot token", telegram_token_file=other)
        self.refuses(1, "--telegram-ca-file", "no certificate", telegram_ca_file=other)
        self.refuses(1, "--telegram-ca-file", telegram_ca_file=self.stack.directory / "nowhere")
