"""The mean of a minute against the counter of this machine's own kernel, cgroup v1 or v2."""

import subprocess
import unittest

from tests.cgroup2 import means
from tests.stack import ROOT, placement, sidecar_program
from tests.stack.cgroup import CannotLimit, Group
from tests.stack.process import Stack

LIMIT = 0.2  # cores
KINDS = ["steady", "bursty", "throttled"]


class Here(unittest.TestCase):
    def setUp(self):
        self.sudo = placement.sudo_prefix()
        if self.sudo is None:
            self.skipTest("a control group needs root or sudo")
        self.stack = Stack("fraud-mean", self.sudo)
        self.addCleanup(self.stack.close)

    def load(self, kind):
        """A group of its own with that load in it."""
        group = Group(LIMIT, self.sudo)
        try:
            group.make(self.stack.guard)
        except CannotLimit as reason:
            self.skipTest(str(reason))
        leaves = [leaf for leaf in group.directories() if leaf.name == "model-0"]
        self.stack.start(kind, [*self.sudo, ROOT / "tests/cgroup2/load.sh", *leaves, kind])
        files = [leaf / ("cpuacct.usage" if group.version == "v1" else "cpu.stat") for leaf in leaves]
        return group.path, next(file for file in files if file.exists())

    def test_the_mean_of_a_minute(self):
        groups = [self.load(kind) for kind in KINDS]
        program = sidecar_program().parent / "tests/mean_error"
        done = subprocess.run(
            list(map(str, [program, means.SECONDS, *(part for group in groups for part in group)])),
            capture_output=True, text=True, timeout=2 * means.SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        print(done.stdout)
        means.check(self, done.stdout, [path for path, _ in groups])


if __name__ == "__main__":
    unittest.main()
