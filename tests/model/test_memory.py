"""The memory of a crowd goes back to the kernel when the crowd has left: an autoscaler may look at it."""

import contextlib
import unittest

from bench.measure import memory
from tests.model.robustness import Wire, head
from tests.stack import wait
from tests.stack.fraud_model import FraudModel, transaction
from tests.stack.process import Stack

CROWD = 120  # too few for glibc to return by itself what they held
PART = head("Content-Length: 16000") + b"x" * 8_000
GROWN, MOST = 1.8, 1.2  # of what it had before
RETURNED_S = 30  # it is returned every 10 s


class ReturnsMemory(unittest.TestCase):
    def setUp(self):
        self.stack = self.enterContext(Stack("fraud-test"))
        self.model = FraudModel(self.stack, ["--max-connections", "1024"])

    def private(self):
        """KiB of its own, without pages of files."""
        return memory(self.model.process.pid, "Pss_Anon")

    def until(self, condition, what):
        wait.until(condition, RETURNED_S, what, needs=[self.model.process])

    def test_after_a_crowd_it_has_nearly_as_little_as_before(self):
        self.model.predict(transaction())
        before = self.private()
        with contextlib.ExitStack() as crowd:
            for _ in range(CROWD):
                crowd.enter_context(Wire(self.model.port)).send(PART)
            self.until(lambda: self.private() > GROWN * before, "the memory of their bodies")
        self.until(lambda: self.private() < MOST * before, f"less than {MOST} times {before} KiB")


if __name__ == "__main__":
    unittest.main()
