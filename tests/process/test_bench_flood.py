"""What bench/run flood concludes from what its tools count. Of programs it starts only its own helpers."""

import asyncio
import json
import signal
import subprocess
import unittest

from bench import flood, flood_prober, flood_rules
from bench.flood_sides import Flooded, Found, Probed
from bench.flood_rules import Phase
from bench.measure import Cannot, Least
from tests.stack import PYTHON, ROOT


def phase(rate, goodput=None, offered=None, limited=False, seconds=1.0):
    return Phase(rate, seconds, rate if offered is None else offered,
                 rate if goodput is None else goodput, 0.1, limited)


class Report(unittest.TestCase):
    def report(self, **other):
        return {"result": "done", "problem": None, "phases": [{
            "target_rps": 300, "seconds": 2.0, "offered_rps": 299.5, "good": 500,
            "schedule_error_ms": {"p99": None}, "generator_limited": False}], **other}

    def test_goodput_is_by_the_second(self):
        self.assertEqual(flood_rules.phases(self.report()),
                         [Phase(300, 2.0, 299.5, 250.0, None, False)])

    def test_run_that_did_not_end_by_itself_is_no_measurement(self):
        for result in ("failed", "stopped"):
            with self.subTest(result), self.assertRaises(Cannot):
                flood_rules.phases(self.report(result=result))


class Capacity(unittest.TestCase):
    def test_climb_goes_on_while_goodput_grows(self):
        self.assertFalse(flood_rules.climb_ends([phase(100), phase(140), phase(200, 185)]))

    def test_climb_ends_beyond_the_knee_and_where_the_generator_ends(self):
        for last in (phase(200, 125), phase(200, limited=True), phase(200, 180, offered=190)):
            with self.subTest(last):
                self.assertTrue(flood_rules.climb_ends([phase(100), phase(140), last]))

    def test_best_has_the_most_goodput_whatever_its_rate(self):
        self.assertEqual(flood_rules.best([phase(100), phase(200, 170), phase(400, 60)]).goodput, 170)

    def test_next_try_is_below_what_the_generator_could(self):
        for missed in (phase(100_000, offered=30_000), phase(28_000, limited=True)):
            with self.subTest(missed):
                self.assertLess(flood_rules.lower(missed), missed.offered_rps)


class Disturbed(unittest.TestCase):
    def test_from_the_first_bad_phase_to_the_last(self):
        seen = [phase(300, good, seconds=0.5) for good in (300, 300, 10, 300, 200, 290, 300)]
        self.assertEqual(flood_rules.disturbed_s(seen, 0.95), 1.5)

    def test_never_back_is_all_that_was_seen(self):
        seen = [phase(300), *[phase(300, 0)] * 9]
        self.assertEqual(flood_rules.disturbed_s(seen, 0.95), 9)

    def test_undisturbed(self):
        self.assertEqual(flood_rules.disturbed_s([phase(300)] * 3, 0.95), 0)


class Shares(unittest.TestCase):
    """Larger is better."""

    def test_median_of_the_runs_own_shares_or_the_worst(self):
        for every, met in ((False, True), (True, False)):
            row = Least("goodput", "k/s", 0.85, False, [9, 8, 2], [10, 9, 9], every=every)
            with self.subTest(every):
                self.assertEqual(row.met(), met)
                self.assertEqual(row.as_json()["met"], met)
                self.assertEqual(row.as_json()["goal"], ">= 0.85")


class FloodRows(unittest.TestCase):
    def rows(self, times, goodput, answered=80, judged=True):
        probed = Probed(phase(1000, goodput), {"asked": 80, "answered": answered}, 0.9, [])
        side = Found(1000.0, False, [Flooded(times, probed)])
        return flood.flood_rows([side], flood.SETTINGS["shared"], judged)

    def test_too_little_goodput_is_missed(self):
        for goodput, met in ((850, True), (849, False)):
            self.assertEqual(self.rows(1.3, goodput)[0].met(), met)

    def test_what_is_no_flood_is_not_judged_as_one(self):
        row = self.rows(0.9, 900)[0]
        self.assertEqual(row.goal, "-")
        self.assertIn("0.9x", row.name)

    def test_one_probe_without_answer_is_missed_in_any_case(self):
        for times in (0.9, 1.3):
            self.assertFalse(self.rows(times, 1000, answered=79, judged=False)[1].met())

    def test_multiples_that_no_run_reached_have_no_row(self):
        self.assertEqual(len(self.rows(1.3, 900)), 2)


class Prober(unittest.TestCase):
    def probe(self, answer, bound_s=0.5):
        async def serve(reader, writer):
            writer.write(answer)
            if not answer:
                await reader.read()  # until the prober has given up
            writer.close()

        async def run():
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            async with server:
                port = server.sockets[0].getsockname()[1]
                return await flood_prober.probe("127.0.0.1", port, "/health", bound_s)

        return asyncio.run(run())

    def test_only_200_in_time_is_an_answer(self):
        self.assertIsNotNone(self.probe(b"HTTP/1.1 200 OK\r\n\r\n"))
        self.assertIsNone(self.probe(b"HTTP/1.1 503 Busy\r\n\r\n"))
        self.assertIsNone(self.probe(b"", bound_s=0.1))


class SlowClients(unittest.TestCase):
    def start(self, *words):
        return subprocess.Popen([PYTHON, "-m", "bench.flood_slow", *map(str, words)], cwd=ROOT,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_other_machines_are_refused(self):
        with self.start(80, 1, "192.0.2.1", "once") as client:
            self.assertIn("loopback", client.communicate(timeout=20)[1])
            self.assertNotEqual(client.returncode, 0)

    def test_they_connect_and_count(self):
        async def run():
            seen = asyncio.Queue()

            async def serve(reader, writer):
                await seen.put((await reader.readline(), writer.get_extra_info("peername")[0]))
                await reader.read()
                writer.close()

            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            async with server:
                client = self.start(server.sockets[0].getsockname()[1], 2, "127.0.1.1,127.0.1.2",
                                    "once")
                try:
                    lines = [await asyncio.wait_for(seen.get(), 20) for _ in range(2)]
                finally:
                    client.send_signal(signal.SIGTERM)
                    said = await asyncio.to_thread(client.communicate, timeout=20)
            return sorted(lines), json.loads(said[0].splitlines()[-1])

        lines, counted = asyncio.run(run())
        self.assertEqual(lines, [(b"POST /predict HTTP/1.1\r\n", "127.0.1.1"),
                                 (b"POST /predict HTTP/1.1\r\n", "127.0.1.2")])
        self.assertEqual(counted, {"connected": 2, "closed": 0, "open_most": 2})


if __name__ == "__main__":
    unittest.main()
