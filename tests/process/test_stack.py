"""The ground the process tests stand on: compressed durations, and that nothing is left behind."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest

from tests.stack import PYTHON, ROOT, RULES, servers, wait
from tests.stack.alertmanager import CONFIG as ALERTMANAGER
from tests.stack.alertmanager import configuration as alertmanager_configuration
from tests.stack.compression import compress, divide, milliseconds
from tests.stack.guard import started
from tests.stack.placement import sudo_prefix
from tests.stack.prometheus import CONFIG as PROMETHEUS

DURATION = re.compile(r"\b\d+(?:ms|s|m|h)\b")


class Compression(unittest.TestCase):
    def test_only_durations_and_windows_differ(self):
        for path in (RULES, PROMETHEUS, ALERTMANAGER):
            text = path.read_text(encoding="utf-8")
            made = compress(text, 20)
            with self.subTest(path.name):
                self.assertNotEqual(made, text)
                for line, short in zip(text.split("\n"), made.split("\n"), strict=True):
                    self._compare(line, short)

    def _compare(self, line, short):
        if line == short:  # a duration that stays would be a comment or a figure in a text
            bare = line.split("#")[0]
            self.assertNotRegex(bare, r"\[\d|^\s*-? *(keep_firing_)?for:|interval:")
            return
        self.assertEqual(DURATION.sub("T", line), DURATION.sub("T", short))
        pairs = zip(DURATION.findall(line), DURATION.findall(short), strict=True)
        for real, quick in pairs:
            if real != quick:
                self.assertEqual(milliseconds(real), 20 * milliseconds(quick), (line, short))

    def test_texts_stay(self):
        line = "  summary: for 5m, {{ query `x[1m]` }} above 80 % # for: 5m\n"
        self.assertEqual(compress(line, 20), line.replace("[1m]", "[3s]"))
        self.assertEqual(compress("for: 5m", 1), "for: 5m")
        self.assertEqual(compress("  for: 5m # x\n    keep_firing_for: 1h30m", 60),
                         "  for: 5s # x\n    keep_firing_for: 90s")
        self.assertEqual(compress("rate(a[5m:30s] offset 1m)", 20), "rate(a[15s:1500ms] offset 3s)")
        self.assertEqual(divide("1ms", 20), "1ms")

    def test_the_tools_accept_the_result(self):
        for factor in (1, 20, 60):
            with self.subTest(factor):
                self._check("promtool", ["check", "rules"], ".yaml",
                            compress(RULES.read_text(encoding="utf-8"), factor))
                self._check("amtool", ["check-config"], ".yml",
                            alertmanager_configuration("http://127.0.0.1:1/", "/dev/null", factor))

    def _check(self, tool, words, suffix, text):
        import tempfile
        with tempfile.NamedTemporaryFile("w", suffix=suffix, encoding="utf-8") as file:
            file.write(text)
            file.flush()
            done = subprocess.run([servers.program(tool), *words, file.name], capture_output=True,
                                  text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


OWNER = """
import sys
from tests.stack import placement
from tests.stack.process import Stack
with Stack("fraud-test") as stack:
    model = placement.start_model(stack, 0.2, placement.sudo_prefix())
    groups = model.group.directories() if model.group else []
    print(model.process.pid, stack.directory, *groups, flush=True)
    sys.stdin.read()
"""


class NothingIsLeft(unittest.TestCase):
    """Whatever ends the owner: no process, no control group, no file."""

    def check(self, end):
        owner = subprocess.Popen([PYTHON, "-c", OWNER], cwd=ROOT, text=True, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
        with owner:
            pid, *paths = owner.stdout.readline().split()
            self.assertIsNotNone(started(pid))
            self.assertTrue(all(map(os.path.exists, paths)))
            end(owner)
            owner.wait(20)
        wait.until(lambda: _gone(pid) and not any(map(os.path.exists, paths)), 20,
                   f"the end of {pid} and {paths}")

    def test_when_it_ends_well(self):
        self.check(lambda owner: owner.stdin.close())

    def test_when_it_is_killed(self):
        self.check(lambda owner: owner.send_signal(signal.SIGKILL))


def _gone(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except OSError:
        return True
    return state.split()[0] == "Z"  # in a container nobody may reap what was orphaned


class Sudo(unittest.TestCase):
    def test_root_needs_no_sudo(self):
        if os.geteuid() == 0:
            self.assertEqual(sudo_prefix(), [])
        else:
            self.assertIn(sudo_prefix(), (None, ["sudo", "-n"]))


if __name__ == "__main__":
    sys.exit(unittest.main())
