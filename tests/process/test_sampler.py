"""Real CPU under a real limit."""

import re
import unittest
import uuid

from tests.process.fixture import StackTest
from tests.stack import placement

LIMIT = 0.2  # cores


class Sampler(StackTest):
    def model(self):
        model = placement.start_model(self.stack, LIMIT, placement.sudo_prefix())
        if not model.group:
            self.skipTest(f"no control group here: {model.means}")
        return model

    def value(self, sidecar, name, **labels):
        return sidecar.metrics().value(f"fraud_model_{name}", **labels)

    def test_a_burning_model_shows_its_limit_and_then_its_end(self):
        model = self.model()
        sidecar = self.sidecar(target=["--target-cgroup", model.group.path])
        self.assertEqual(self.value(sidecar, "target_found"), 1)
        self.assertAlmostEqual(self.value(sidecar, "cpu_limit_cores"), LIMIT)
        self.assertEqual(self.value(sidecar, "cpu_source_info",
                                    source=f"cgroup_{model.group.version}"), 1)
        model.burn()
        ratio = self.until(lambda: self._hot(sidecar), "a ratio above 0.8", [model.process])
        self.assertLess(ratio, 1.1)
        metrics = sidecar.metrics()
        self.assertGreater(metrics.value("fraud_model_cpu_throttled_periods_total"), 0)
        self.assertGreaterEqual(metrics.value("fraud_model_cpu_periods_total"),
                                metrics.value("fraud_model_cpu_throttled_periods_total"))
        self.assertGreater(metrics.value("fraud_model_cpu_usage_seconds_total"), 1)
        # Read every five seconds only.
        self.until(lambda: self.value(sidecar, "memory_working_set_bytes") > 8 << 20,
                   "the model's memory", [model.process])
        self._ends(model, sidecar)

    def _hot(self, sidecar):
        ratio = self.value(sidecar, "cpu_utilization_ratio")
        return ratio if ratio and ratio > 0.8 else None

    def _ends(self, model, sidecar):
        """The group goes: target_found says so, and no ratio is made up."""
        model.process.kill()
        model.group.remove()
        self.until(lambda: self.value(sidecar, "target_found") == 0, "target_found 0")
        self.assertIsNone(self.value(sidecar, "cpu_utilization_ratio"))
        self.assertIsNone(self.value(sidecar, "cpu_limit_cores"))

    def test_a_process_is_found_in_its_group_and_missed_when_it_ends(self):
        model = self.model()
        sidecar = self.sidecar(target=["--target-pid", model.process.pid])
        self.assertAlmostEqual(self.value(sidecar, "cpu_limit_cores"), LIMIT)
        model.process.kill()
        self.until(lambda: self.value(sidecar, "target_found") == 0, "target_found 0")

    def searched(self, *flags, **options):
        """A sidecar that looks for its model, and the model that it will find: by a word that no other
        command line on this machine has."""
        word = f"model-{uuid.uuid4().hex}"
        sidecar = self.sidecar(target=["--target-command", word, *flags], **options)
        return sidecar, [*placement.MODEL, word]

    def test_a_model_that_is_searched_for_may_come_late_and_come_again(self):
        sidecar, command = self.searched()
        self.assertEqual(self.value(sidecar, "target_found"), 0)
        self.assertIn("no other container runs a command like", sidecar.process.text())
        for _ in range(2):
            placed = placement.start(self.stack, "model", command, LIMIT, placement.sudo_prefix())
            if not placed.group:
                self.skipTest(f"no control group here: {placed.means}")
            self.until(lambda: self.value(sidecar, "target_found") == 1, "target_found 1",
                       [placed.process])
            self.assertAlmostEqual(self.value(sidecar, "cpu_limit_cores"), LIMIT)
            placed.process.kill()
            placed.group.remove()
            self.until(lambda: self.value(sidecar, "target_found") == 0, "target_found 0")

    def test_two_that_may_be_the_model_are_named(self):
        sidecar, command = self.searched()
        groups = []
        for _ in range(2):
            placed = placement.start(self.stack, "model", command, LIMIT, placement.sudo_prefix())
            if not placed.group:
                self.skipTest(f"no control group here: {placed.means}")
            groups.append(placed.group.path)
        told = self.until(lambda: re.search("more than one container may be the model: (.*);",
                                            sidecar.process.text()), "what is ambiguous")
        for path in groups:
            self.assertIn(path, told.group(1))
        self.until(lambda: self.value(sidecar, "target_found") == 0, "target_found 0")

    def test_strict_isolation_measures_by_proc_though_there_is_a_group(self):
        model = self.model()
        sidecar = self.sidecar(target=["--target-pid", model.process.pid, "--isolation", "strict",
                                       "--cpu-limit-cores", LIMIT])
        self.assertEqual(self.value(sidecar, "cpu_source_info", source="proc"), 1)
        self.assertIsNone(self.value(sidecar, "cpu_throttled_periods_total"))
        model.burn()
        self.until(lambda: self._hot(sidecar), "a ratio above 0.8", [model.process])

    def test_without_a_group_the_declared_limit_counts(self):
        process = self.stack.start("model", placement.MODEL, stdin=-1)
        model = placement.Model(placement.Placed(process, "declared", LIMIT, enforced=False), LIMIT)
        sidecar = self.sidecar(target=model.flags)
        self.assertEqual(self.value(sidecar, "cpu_source_info", source="proc"), 1)
        self.assertAlmostEqual(self.value(sidecar, "cpu_limit_cores"), LIMIT)
        self.assertIsNone(self.value(sidecar, "cpu_throttled_periods_total"))
        model.burn()
        self.until(lambda: self._hot(sidecar), "a ratio above 0.8", [process])


if __name__ == "__main__":
    unittest.main()
