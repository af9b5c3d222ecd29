"""fraud-attack does not wait for its victim, and hides neither the victim's stalls nor its own."""

import signal
import time

from tests.flood.attack import AttackTest
from tests.stack import wait

RATE = 100
LIMIT_LINE = "the generator, not the service, was the limit in phase 1"


class OpenLoop(AttackTest):
    def test_a_stall_stops_no_request_and_all_of_it_is_waited_for(self):
        server = self.served()
        process = self.attack("--timeout", "20s", phases=f"{RATE}:3s", target=server.target)
        self.until(lambda: len(server.requests) > 20, "some load", [process])
        server.gate.clear()
        before = len(server.requests)
        # Nobody is answered: a driver that waits for answers sends at most one more a connection it has.
        self.until(lambda: len(server.requests) >= before + RATE, "a second of load", [process])
        server.gate.set()
        report = self.report(process)
        self.assertEqual(report["totals"]["answered"], 3 * RATE)
        (phase,) = report["phases"]
        # The first that was held was due a second of requests before the last.
        self.assertGreaterEqual(phase["from_schedule_ms"]["max"], 900)
        self.assertLess(phase["good"], 2.2 * RATE)

    def stopped(self, seconds):
        """The report of a run in which the driver itself stood still so long."""
        server = self.served()
        process = self.attack(phases=f"{RATE}:4s", target=server.target)
        self.until(lambda: len(server.requests) > 20, "some load", [process])
        process.signal(signal.SIGSTOP)
        end = time.monotonic() + seconds
        wait.until(lambda: time.monotonic() >= end, seconds + 1, "the pause")
        process.signal(signal.SIGCONT)
        report = self.report(process)
        return report, report["phases"][0], process.text()

    def test_its_own_stall_counts_from_when_the_requests_were_due(self):
        report, phase, text = self.stopped(0.7)
        self.assertEqual(phase["answered"] + phase["not_sent"], 4 * RATE)
        for name in ("schedule_error_ms", "from_schedule_ms"):
            self.assertGreaterEqual(phase[name]["max"], 600, name)
        # From its send alone nobody would see that anything stood still.
        self.assertLess(phase["from_send_ms"]["p50"], phase["from_schedule_ms"]["max"] / 2)
        self.assertTrue(report["generator_limited"])
        self.assertIn(LIMIT_LINE, text)

    def test_what_is_over_a_second_late_is_not_sent_and_told(self):
        report, phase, text = self.stopped(2)
        self.assertGreaterEqual(phase["not_sent_reason"]["late"], 0.8 * RATE)
        self.assertEqual(phase["offered"] + phase["not_sent"], phase["scheduled"])
        self.assertTrue(report["generator_limited"])
        self.assertIn(LIMIT_LINE, text)

    def test_too_few_connections_are_told(self):
        server = self.served()
        process = self.attack("--connections-max", 5, "--timeout", "20s", phases=f"{RATE}:2s",
                              target=server.target)
        self.until(lambda: len(server.requests) > 20, "some load", [process])
        server.gate.clear()
        before = len(server.requests)
        self.until(lambda: len(server.requests) > before, "one that is held", [process])
        self.assertTrue(wait.stays(lambda: len(server.requests) <= before + 5, 0.5))
        server.gate.set()
        (phase,) = self.report(process)["phases"]
        self.assertGreater(phase["not_sent_reason"]["connections"], 0)
        self.assertEqual(phase["offered"] + phase["not_sent"], phase["scheduled"])
