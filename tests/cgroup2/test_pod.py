"""What the sidecar said in the virtual machine of init.sh, against what its kernel said."""

import re
import unittest

from tests.cgroup2 import machine, means, packages
from tests.stack import ROOT, sidecar_program, web
from tests.stack.process import Stack

HERE = ROOT / "tests/cgroup2"
SECONDS = 240  # bound of the machine's life; it takes about 80
# (metric, key in cpu.stat, units of the key in one of the metric's)
COUNTERS = [("cpu_usage_seconds_total", "usage_usec", 1e6), ("cpu_periods_total", "nr_periods", 1),
            ("cpu_throttled_periods_total", "nr_throttled", 1),
            ("cpu_throttled_seconds_total", "throttled_usec", 1e6),
            ("cpu_pressure_waiting_seconds_total", "total", 1e6)]


class Pod(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = packages.unpack()
        archive = machine.initramfs({
            "init": HERE / "init.sh", "bin/load.sh": HERE / "load.sh",
            "bin/model-loop": HERE / "model-loop.sh", "bin/real-unshare": "/usr/bin/unshare", "bin/real-setpriv": "/usr/bin/setpriv",
            "bin/fraud-sidecar": sidecar_program(),
            "bin/mean_error": sidecar_program().parent / "tests/mean_error"}, place)
        with Stack("fraud-cgroup2") as stack:
            cls.text = machine.run(stack, archive, place, SECONDS)
        cls.said = machine.sections(cls.text)
        if "failed" in cls.said or not cls.said:  # said once, not by every test
            raise AssertionError(cls.text[-3000:])

    def metrics(self, section):
        self.assertIn(section, self.said, self.text[-3000:])
        return web.Metrics(self.said[section])

    def value(self, section, name, **labels):
        return self.metrics(section).value(f"fraud_model_{name}", **labels)

    def kernel(self, section, key):
        found = re.search(rf"^(?:some .*)?\b{key}[ =](\d+)", self.said[section], re.MULTILINE)
        return int(found.group(1)) if found else None

    def test_the_walk_came_to_its_end(self):
        self.assertNotIn("failed", self.said, self.said.get("failed"))
        self.assertIn("means", self.said, self.text[-3000:])

    def test_a_model_that_comes_late_is_found_by_its_command(self):
        self.assertEqual(self.value("early.metrics", "target_found"), 0)
        self.assertIsNone(self.value("early.metrics", "cpu_utilization_ratio"))
        self.assertIn('no other container runs a command like', self.said["pod.log"])
        self.assertEqual(self.value("throttled.metrics", "cpu_source_info", source="cgroup_v2"), 1)

    def test_what_it_exports_lies_between_what_the_kernel_counted(self):
        for step in ("throttled", "restarted"):
            for metric, key, unit in COUNTERS:
                with self.subTest(step=step, metric=metric):
                    exported = self.value(f"{step}.metrics", metric) * unit
                    self.assertGreaterEqual(exported + 0.5, self.kernel(f"{step}.before", key))
                    self.assertLessEqual(exported - 0.5, self.kernel(f"{step}.after", key))

    def test_a_throttled_loop_uses_its_limit(self):
        self.assertAlmostEqual(self.value("throttled.metrics", "cpu_limit_cores"), 0.2)
        self.assertGreater(self.value("throttled.metrics", "cpu_utilization_ratio"), 0.8)
        self.assertLess(self.value("throttled.metrics", "cpu_utilization_ratio"), 1.1)
        self.assertGreater(self.value("throttled.metrics", "cpu_throttled_periods_total"), 0)
        self.assertGreater(self.value("throttled.metrics", "memory_working_set_bytes"), 0)

    def test_a_resize_in_place_shows_and_no_limit_is_no_zero(self):
        self.assertEqual(self.value("resized.metrics", "cpu_limit_cores"), 0.5)
        self.assertIsNone(self.value("unlimited.metrics", "cpu_limit_cores"))
        self.assertIsNone(self.value("unlimited.metrics", "cpu_utilization_ratio"))
        self.assertEqual(self.value("unlimited.metrics", "target_found"), 1)

    def test_a_limit_of_the_pod_is_seen_from_outside_only(self):
        self.assertEqual(self.value("ancestor.host", "cpu_limit_cores"), 0.1)
        self.assertIsNone(self.value("ancestor.second.metrics", "cpu_limit_cores"))

    def test_a_limit_of_the_pod_is_pressure_without_throttling(self):
        def grown(name):
            return (self.value("ancestor.second.metrics", name) -
                    self.value("ancestor.first.metrics", name))
        self.assertEqual(grown("cpu_throttled_periods_total"), 0)
        self.assertGreater(grown("cpu_pressure_waiting_seconds_total"), 1)

    def test_a_refused_or_unwanted_look_falls_back_to_proc(self):
        for section in ("refused.metrics", "strict.metrics"):
            self.assertEqual(self.value(section, "target_found"), 1)
            self.assertEqual(self.value(section, "cpu_source_info", source="proc"), 1)
            self.assertEqual(self.value(section, "cpu_limit_cores"), 0.2)
            self.assertGreater(self.value(section, "cpu_usage_seconds_total"), 0)
            self.assertIsNone(self.value(section, "cpu_throttled_periods_total"))
        self.assertIn("cpu_from_proc_alone", self.said["strict.log"])

    def test_a_container_that_comes_again_is_another_target(self):
        self.assertIsNone(self.value("gone.metrics", "cpu_usage_seconds_total"))
        for section in ("again.metrics", "again.host"):
            ratio = self.value(section, "cpu_utilization_ratio")
            self.assertTrue(ratio is None or 0 <= ratio < 1.1, ratio)
            self.assertLess(self.value(section, "cpu_usage_seconds_total"),
                            self.value("throttled.metrics", "cpu_usage_seconds_total"))

    def test_the_mean_of_a_minute(self):
        means.check(self, self.said["means"], ["/load/steady", "/load/bursty", "/load/throttled"])


if __name__ == "__main__":
    unittest.main()
