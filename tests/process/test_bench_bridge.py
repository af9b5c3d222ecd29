"""What bench/run bridge concludes from what it counts, and that its small form measures what it says."""

import dataclasses
import http.server
import importlib.machinery
import importlib.util
import json
import math
import threading
import unittest
from unittest import mock

from bench import bridge, bridge_body, bridge_idle, bridge_page, bridge_peers, bridge_store, bridge_storm
from bench.bridge_load import CLOSED, Load, Plan, answered
from bench.bridge_rules import (Answer, Beside, Posted, Unmeasured, Worst, lost_and_doubled, overtaken,
                                percentile)
from bench.bridge_sides import CHATS, FULL, QUICK, Numbers, Us, chat_with, telegram
from bench.measure import Cannot, Least, Ratio
from tests.stack import ROOT
from tests.stack.process import Stack

TINY = dataclasses.replace(QUICK, window_s=0.3, connections=4, payload_alerts=20, hang_window_s=0.5,
                           storm_alerts=200, storm_s=0.5)


def bench_run():
    """bench/run as a module."""
    loader = importlib.machinery.SourceFileLoader("bench_run", str(ROOT / "bench/run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
    loader.exec_module(module)
    return module


class Counting(unittest.TestCase):
    def test_percentile_is_a_value_that_was_seen(self):
        self.assertEqual(percentile(0.99, range(1, 101)), 99)
        self.assertEqual(percentile(0.99, [3, 1, 2]), 3)
        self.assertEqual(percentile(0.5, [4, 1, 2, 3]), 2)

    def test_the_rate_counts_what_was_taken_until_the_last_answer(self):
        posted = Posted([Answer(1, 10.0, 10.5), Answer(2, 10.0, 12.0), Answer(3, 10.0, None)], {}, 0.1)
        self.assertEqual(posted.rate(), 1.0)
        self.assertEqual(posted.p99_ms(), math.inf)
        self.assertEqual(Posted([Answer(1, 10.0, None)], {}, 0.1).rate(), 0.0)

    def test_only_messages_between_the_answer_and_the_critical_one_have_overtaken_it(self):
        arrivals = [(1, None), (2, "a"), (3, None), (4, None), (5, "b"), (6, None)]
        self.assertEqual(overtaken({"a": 0.5}, arrivals), 1)
        self.assertEqual(overtaken({"a": 0.5, "b": 2.5}, arrivals), 2)
        self.assertEqual(overtaken({"b": 4.5}, arrivals), 0)
        self.assertEqual(overtaken({"never": 0}, arrivals), 4)

    def test_lost_and_doubled(self):
        self.assertEqual(lost_and_doubled("abcd", "abba"), (2, 2))
        self.assertEqual(lost_and_doubled(iter("ab"), "ba"), (0, 0))


class Rows(unittest.TestCase):
    """--check is red when one limit is broken."""

    def code(self, *rows):
        module = bench_run()
        with mock.patch.dict(module.LONG, {"bridge": lambda options: iter(rows)}), \
                mock.patch("sys.argv", ["run", "bridge", "--check"]), mock.patch("builtins.print"):
            return module.main()

    def test_the_worst_run_counts(self):
        self.assertEqual(self.code(Worst("PSS", "MiB", 32, [20, 32, 21])), 0)
        self.assertEqual(self.code(Worst("PSS", "MiB", 32, [20, 32.1, 21])), 1)
        self.assertEqual(self.code(Worst("told", "s", None, [99])), 0)

    def test_what_the_peer_loses_is_only_told(self):
        self.assertEqual(self.code(Beside("lost", "msgs", 0, [0, 0], [7, 150])), 0)
        self.assertEqual(self.code(Beside("lost", "msgs", 0, [0, 1], [7, 150])), 1)
        row = Beside("lost", "msgs", 0, [0], [7])
        self.assertEqual((row.ours, row.peer), ("0 msgs", "7 msgs"))
        self.assertEqual(row.as_json()["runs"], [{"ours": 0, "peer": 7}])

    def test_what_could_not_be_measured_is_red_unless_it_is_extra(self):
        good = Worst("PSS", "MiB", 32, [20])
        self.assertEqual(self.code(good, Unmeasured("page", "there is no curl", needed=True)), 1)
        self.assertEqual(self.code(good, Unmeasured("bot", "does not build here", needed=False)), 0)
        self.assertEqual(self.code(), 1)

    def test_webhooks_are_judged_where_a_sync_costs_something(self):
        for sync_ms, commits, met in ((4, 190, False), (0, 280, False), (0, 4500, True)):
            with self.subTest(sync_ms=sync_ms, commits=commits):
                row = bridge_store.webhooks_row(sync_ms, [7.9 * commits], [commits], "")
                self.assertEqual(row.met(), met)
        self.assertTrue(bridge_store.webhooks_row(4, [1520], [190], "").met())

    def test_idle_is_against_two_peers(self):
        def met(**changed):
            sides = {"ours": [(1.0, 100, 10)], "netdata": [(2.0, 101, 99)], "monit": [(9.0, 9, 11)], **changed}
            return [row.met() for row in bridge_idle.idle_rows(sides)]

        self.assertEqual(met(), [True] * 5)
        self.assertEqual(met(ours=[(1.6, 101, 3073)]), [False, False, True, False, True])

    def test_a_kill_may_double_what_was_on_its_way_and_lose_nothing(self):
        def met(**changed):
            figures = {"rate": 40.0, "cpu_ms": 2.0, "lost": 0, "doubled": 1, **changed}
            return [row.met() for row in bridge_peers.peer_rows(bridge_peers.CHANNELS[1], 9, [figures], [figures])]

        self.assertEqual(met(), [True] * 4)
        self.assertEqual(met(lost=1, doubled=2), [True, True, False, False])

    def test_a_public_receiver_that_is_not_to_be_had_is_told_of(self):
        for lacks, root, cargo in (("root", False, "/bin/cargo"), ("cargo", True, None)):
            with self.subTest(lacks=lacks), mock.patch("bench.bridge_alerter.as_root", return_value=root), \
                    mock.patch("shutil.which", return_value=cargo), \
                    mock.patch("tests.stack.debian.cache", return_value=ROOT / "nothing-here"):
                row, = bridge_peers.receiver(1, QUICK)
                self.assertIn(lacks, row.why)
                self.assertEqual(self.code(row), 0)

    def test_a_part_that_cannot_be_measured_does_not_end_the_others(self):
        part = mock.Mock(side_effect=Cannot("there is no curl"))
        row, = bridge.attempt("page", part, 1, QUICK, None)
        self.assertEqual((row.name, row.why, row.met()), ("page", "there is no curl", False))


class Waiting(unittest.TestCase):
    def test_a_page_may_take_many_times_what_telegram_permits(self):
        alerts = FULL.pages // len(CHATS)
        self.assertGreater(bridge_page.bound_s(alerts), 10 * max(alerts, FULL.pages / 30))
        self.assertLess(bridge_page.bound_s(alerts), 600)
        self.assertLess(bridge_page.bound_s(1), bridge_page.bound_s(alerts))


class Body(unittest.TestCase):
    def test_each_alert_is_a_new_one(self):
        alerts = json.loads(bridge_body.payload(7, 3, "warning"))["alerts"]
        self.assertEqual([a["fingerprint"] for a in alerts], [bridge_body.fingerprint(n) for n in (7, 8, 9)])
        self.assertEqual([a["labels"]["alertname"] for a in alerts], [bridge_body.name(n) for n in (7, 8, 9)])
        self.assertEqual({a["labels"]["severity"] for a in alerts}, {"warning"})

    def test_a_storm_is_mixed(self):
        alerts = json.loads(bridge_body.payload(1, 400, "mixed"))["alerts"]
        counts = {s: sum(1 for a in alerts if a["labels"]["severity"] == s)
                  for s in ("critical", "warning", "info")}
        self.assertEqual(counts["critical"], 2)
        self.assertGreater(min(counts["warning"], counts["info"]), 190)

    def test_a_message_is_known_by_the_names_in_it(self):
        text = f"[FIRING] {bridge_body.name(12)}: it fires, as {bridge_body.name(3)} does"
        self.assertEqual(bridge_body.named(text), {bridge_body.name(12), bridge_body.name(3)})


class Server(http.server.ThreadingHTTPServer):
    """Answers as `codes` says, in turn, then 200; closes each connection when `closing`."""

    def __init__(self, codes=(), closing=False):
        self.codes = list(codes)
        self.bodies = []
        self.lock = threading.Lock()
        own = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with own.lock:
                    own.bodies.append(json.loads(body)["alerts"][0]["fingerprint"])
                    code = own.codes.pop(0) if own.codes else 200
                if code == 0:
                    self.close_connection = True  # no answer
                    return
                self.send_response(code)
                self.send_header("Content-Length", "2")
                if closing:
                    self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def load(self, connections, rate, payloads):
        thread = threading.Thread(target=self.serve_forever)
        thread.start()
        made = Load(self.server_address[1], "token", Plan(connections, 5, rate, payloads, 1, 1, "warning"))
        made.run()
        self.shutdown()
        thread.join()
        self.server_close()
        return made


class Loading(unittest.TestCase):
    """Whatever the server does, each payload is told with its own fate, and none is given up early."""

    def test_an_answer_is_there_when_its_body_is(self):
        head = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"
        self.assertIsNone(answered(head))
        self.assertIsNone(answered(head + b"\r\n{"))
        self.assertEqual(answered(head + b"\r\n{}"), 200)

    def test_all_are_posted_once_over_kept_and_over_closed_connections(self):
        for closing in (False, True):
            for rate in (CLOSED, 500):
                with self.subTest(closing=closing, rate=rate):
                    server = Server(closing=closing)
                    made = server.load(3, rate, 40)
                    self.assertEqual(sorted(server.bodies), [bridge_body.fingerprint(n) for n in range(1, 41)])
                    self.assertTrue(all(post.answered >= post.due for post in made.posts))
                    self.assertEqual(made.refused, {})

    def test_what_was_refused_or_lost_is_posted_again_and_counted(self):
        server = Server(codes=[503, 0, 503])
        made = server.load(2, CLOSED, 10)
        self.assertEqual(set(server.bodies), {bridge_body.fingerprint(n) for n in range(1, 11)})
        self.assertEqual(made.refused, {503: 2, 0: 1})
        self.assertTrue(all(post.answered for post in made.posts))


class Small(unittest.TestCase):
    """The parts that need nothing but our own programs, small, against the real sidecar."""

    def names(self, rows):
        for row in rows:
            self.assertTrue(row.ours_runs and all(math.isfinite(run) for run in row.ours_runs), row)
        return {row.name: row for row in rows}

    def test_storing(self):
        rows = self.names(bridge_store.webhooks(1, TINY) + bridge_store.payload(1, TINY))
        self.assertEqual(list(rows), ["webhooks, this disk", "webhooks, sync +4 ms", "20 alerts"])
        slow = rows["webhooks, sync +4 ms"]
        self.assertIsInstance(slow, Least)
        # A commit has at least one sync, and each takes 4 ms more.
        self.assertLess(slow.peer_runs[0], 250)
        self.assertGreater(slow.peer_runs[0], 0)
        self.assertGreater(rows["20 alerts"].ours_runs[0], 0)

    def test_targets_that_hang(self):
        row, = self.names(bridge_storm.hanging(1, TINY)).values()
        self.assertIsInstance(row, Ratio)
        self.assertEqual((row.bound, len(row.ours_runs), len(row.peer_runs)), (2, 1, 1))

    def test_a_storm(self):
        rows = self.names(bridge_storm.storm(1, TINY))
        self.assertEqual([(row.name, row.bound) for row in rows.values()], [
            ("storm, lost", 0), ("storm, p99", 1000), ("storm, PSS", 32), ("storm, overtaken", 1),
            ("storm, untold", 0), ("storm, unsummed", 0)])
        self.assertEqual(rows["storm, lost"].ours_runs, [0])
        self.assertEqual(rows["storm, untold"].ours_runs, [0])
        self.assertEqual(rows["storm, unsummed"].ours_runs, [0])
        self.assertGreater(rows["storm, PSS"].ours_runs[0], 1)

    def test_a_page_ends_when_an_answer_was_lost(self):
        with Stack("fraud-bench") as stack:
            chats = telegram(stack)
            us = Us(stack, *chat_with(chats, CHATS))
            chats.behave("keep-and-drop 1 times")
            self.assertGreater(bridge_page.told(us, chats, Numbers(), 1), 0)
            self.assertEqual(chats.count("stored"), len(CHATS) + 1)  # one came twice


if __name__ == "__main__":
    unittest.main()
