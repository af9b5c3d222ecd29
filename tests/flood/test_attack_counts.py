"""fraud-attack counts: what was due, what was sent, and what became of it."""

import json
import signal

from tests.flood.attack import AttackTest
from tests.stack import wait

SCRIPT = [200, 422, 503, "cut", "garbage", "hang"]
EACH = 10  # of SCRIPT in each of the runs below: 60 requests
PERCENTILES = {"p50", "p90", "p99", "p999", "max"}


class Counts(AttackTest):
    def scripted(self, *flags):
        server = self.served(lambda number: SCRIPT[number % len(SCRIPT)])
        report = self.ran("--timeout", "3s", *flags, phases="40:1500ms", target=server.target)
        self.assertEqual(len(server.requests), EACH * len(SCRIPT))
        (phase,) = report["phases"]
        expected = {"scheduled": 60, "offered": 60, "sent": 60, "answered": 30, "served": 10, "shed": 10,
                    "timed_out": 10, "failed": 20, "unfinished": 0, "not_sent": 0}
        self.assertEqual(report["totals"], expected)
        self.assertEqual({name: phase[name] for name in expected}, expected)
        self.assertEqual(phase["codes"], {"200": 10, "422": 10, "503": 10})
        self.assertLessEqual(phase["good"], 20)
        self.assertEqual((report["result"], report["problem"]), ("done", None))
        return report

    def test_each_request_is_counted_as_what_became_of_it(self):
        self.assertEqual(self.scripted()["connections"], "kept")

    def test_so_it_is_with_a_connection_for_each(self):
        self.assertEqual(self.scripted("--connections", "new")["connections"], "new")

    def test_the_report_has_every_key(self):
        report = self.ran(phases="20:500ms", target=self.served().target)
        self.assertEqual(set(report), {"result", "problem", "arrivals", "connections", "phases", "totals",
                                       "offered_rps_max", "generator_limited", "alert"})
        self.assertEqual(set(report["totals"]),
                         {"scheduled", "offered", "sent", "answered", "served", "shed", "timed_out",
                          "failed", "unfinished", "not_sent"})
        (phase,) = report["phases"]
        self.assertEqual(set(phase), set(report["totals"]) | {
            "target_rps", "seconds", "offered_rps", "not_sent_reason", "codes", "from_schedule_ms",
            "from_send_ms", "schedule_error_ms", "good", "generator_limited"})
        self.assertEqual(set(phase["not_sent_reason"]), {"connections", "late", "no_target"})
        for name in ("from_schedule_ms", "from_send_ms", "schedule_error_ms"):
            self.assertEqual(set(phase[name]), PERCENTILES)
            self.assertTrue(all(phase[name][key] is not None for key in PERCENTILES), phase[name])
        self.assertEqual(report["alert"], dict.fromkeys(
            ("prometheus_pending_at", "prometheus_firing_at", "alertmanager_at", "history_at", "told_at")))

    def test_a_percentile_without_answers_is_null(self):
        server = self.served(lambda number: "close")
        report = self.ran(phases="20:500ms", target=server.target, code=1)
        self.assertEqual((report["result"], report["totals"]["failed"]), ("failed", 10))
        self.assertIn("nothing was answered", report["problem"])
        self.assertEqual(report["phases"][0]["from_send_ms"], dict.fromkeys(PERCENTILES))

    def test_phases_follow_one_another_and_double(self):
        report = self.ran("--phase-duration", "500ms", phases="20,40", rate_max=100,
                          target=self.served().target)
        self.assertEqual([(phase["target_rps"], phase["scheduled"]) for phase in report["phases"]],
                         [(20, 10), (40, 20), (80, 40)])

    def test_what_is_sent(self):
        server = self.served()
        self.ran("--features", mix="normal=3,malformed=1", phases="100:1s", target=server.target)
        self.assertEqual({line for line, _ in server.requests}, {"POST /predict HTTP/1.1"})
        sound = [json.loads(body) for _, body in server.requests if body != b"{not json"]
        self.assertEqual(len(server.requests), 100)
        self.assertTrue(50 < len(sound) < 95, len(sound))  # three of four, by the fixed seed
        self.assertEqual(len({each["transaction_id"] for each in sound}), len(sound))
        self.assertEqual({each["features"]["terminal_id_risk_7day_window"] for each in sound}, {0.5})
        self.assertEqual({each["tx_amount"] for each in sound}, {42.5})


class Ends(AttackTest):
    def test_a_signal_ends_it_with_the_report(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                self.json.unlink(missing_ok=True)
                server = self.served()
                process = self.attack(phases="50:10m", target=server.target)
                self.until(lambda: len(server.requests) > 20, "some load", [process])
                process.signal(number)
                report = self.report(process, 128 + number)
                self.assertEqual(report["result"], "stopped")
                self.assertGreater(report["totals"]["answered"], 20)

    def test_targets_come_and_go(self):
        order = []
        old, new = (self.served(name=name, order=order) for name in ("old", "new"))
        targets = self.stack.path("targets", old.target + "\n")
        process = self.attack("--targets-file", targets, phases="100:10m")
        self.until(lambda: len(order) > 20, "load on the first", [process])
        self._list(targets, old, new)
        self.until(lambda: order[-20:].count("new") == 10, "both in turns", [process])
        self._list(targets, new)
        # In turns, so many of one in a row cannot be.
        self.until(lambda: order[-30:] == ["new"] * 30, "the first is left alone", [process])
        self.assertTrue(wait.stays(lambda: order[-30:] == ["new"] * 30, 0.5))
        self._list(targets)
        process.signal(signal.SIGTERM)
        self.assertEqual(self.report(process, 143)["totals"]["failed"], 0)

    def _list(self, targets, *servers):
        part = targets.with_suffix(".part")
        part.write_text("".join(server.target + "\n" for server in servers), encoding="ascii")
        part.rename(targets)
