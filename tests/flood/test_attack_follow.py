"""fraud-attack follows the alert that its load is to raise, until the administrator has been told."""

import datetime

from tests.flood.attack import AttackTest, refused
from tests.stack import ADMIN_ALERT
from tests.flood.scripted import Answers

TOKEN = "0123456789abcdef0123"
OLD = "2020-01-01T00:00:00.000Z"
RATE = 50


def now():
    text = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class Follow(AttackTest):
    def setUp(self):
        super().setUp()
        self.prometheus, self.alertmanager, self.history = Answers(), Answers(), Answers(TOKEN)
        for server in (self.prometheus, self.alertmanager, self.history):
            self.addCleanup(server.close)
        self.server = self.served()
        self.alert(OLD, "firing")
        self.episode(OLD, "delivered")

    def alert(self, since, state):
        """Prometheus and Alertmanager have it since then; as "pending" Alertmanager does not."""
        labels = {"alertname": ADMIN_ALERT, "namespace": "shop"}
        self.prometheus.found["/api/v1/alerts"] = {"status": "success", "data": {"alerts": [
            {"labels": labels, "state": state, "activeAt": since}]}}
        self.alertmanager.found["/api/v2/alerts"] = [
            {"labels": labels, "startsAt": since}] if state == "firing" else []

    def episode(self, since, state, number=7):
        """The history has it since then, with a message in that state."""
        sent = {"subject": f"[FIRING] {ADMIN_ALERT}", "state": state, "attempts": [
            {"outcome": "temporary", "ended_at": since}, {"outcome": state, "ended_at": now()}]}
        self.history.found[f"/api/v1/alerts/{number}"] = {"id": number, "notifications": [sent]}
        self.history.found["/api/v1/alerts"] = {"alerts": [
            {"id": number, "name": ADMIN_ALERT, "starts_at": since}]}

    def follow(self, longest):
        token = self.stack.path("history.token", TOKEN + "\n")
        return self.attack("--prometheus", self.prometheus.url, "--alertmanager", self.alertmanager.url,
                           "--history", self.history.url, "--history-token-file", token,
                           "--longest", longest, phases=f"{RATE}:1s", target=self.server.target)

    def goes_on(self, process, stage):
        """The load, beyond its last phase, until a line of progress says so."""
        self.until(lambda: f"alert {stage}" in process.text(), f"the stage {stage}", [process])

    def test_told(self):
        process = self.follow("5m")
        self.until(lambda: len(self.server.requests) > 2 * RATE, "load beyond its phase", [process])
        self.goes_on(process, "none")  # what was told in 2020 is not ours
        began = now()
        self.alert(began, "pending")
        self.goes_on(process, "pending")
        self.alert(began, "firing")
        self.goes_on(process, "at Alertmanager")
        self.episode(began, "retrying", number=8)
        self.goes_on(process, "in the history")
        self.episode(began, "delivered", number=8)
        report = self.report(process)
        self.assertEqual((report["result"], report["problem"]), ("told", None))
        seen = report["alert"]
        self.assertTrue(all(seen.values()), seen)
        self.assertLess(seen["prometheus_pending_at"], seen["prometheus_firing_at"])
        ended = self.history.found["/api/v1/alerts/8"]["notifications"][0]["attempts"][1]["ended_at"]
        self.assertEqual(seen["told_at"], ended)

    def test_not_told_in_time(self):
        process = self.follow("4s")
        self.until(lambda: self.server.requests, "the first request", [process])
        self.alert(now(), "firing")  # behind the start, so it is ours
        report = self.report(process, 1)
        self.assertEqual(report["result"], "not_told")
        self.assertEqual(report["problem"],
                         "the administrator was not told within 4s: the alert is at Alertmanager")
        self.assertIn(f"fraud-attack: {report['problem']}\n", process.text())
        self.assertEqual((report["alert"]["history_at"], report["alert"]["told_at"]), (None, None))
        self.assertGreater(report["totals"]["answered"], 2 * RATE)

    def test_a_history_that_refuses_from_now_on_is_unknown(self):
        process = self.follow("4s")
        self.until(lambda: self.server.requests, "the first request", [process])
        self.history.token = "another token of the history"
        report = self.report(process, 1)
        self.assertIn("the alert is none (unknown: history)", report["problem"])

    def test_a_wrong_token_is_told_before_the_first_request(self):
        self.history.token = "another token of the history"
        report = self.report(self.follow("3s"), 1)
        self.assertEqual((report["result"], report["problem"]), (
            "failed", "--history-token-file: the history answers 401 to this token"))
        self.assertFalse(self.server.requests)


class Start(AttackTest):
    def test_wrong_settings_are_one_sentence(self):
        good = ["--target", "127.0.0.1:1", "--phases", "10:1s", "--rate-max", "1"]
        for flag, *more in (
                ["--target", "--target", "nowhere"], ["--target", "--targets-file", self.rows],
                ["--phases", "--phases", "fast"], ["--phases", "--phases", "0"],
                ["--mix", "--mix", "normal=-1"], ["--mix", "--mix", "strange=1"],
                ["--arrivals", "--arrivals", "rare"], ["--connections", "--connections", "some"],
                ["--timeout", "--timeout", "soon"], ["--longest", "--longest", "500ms"],
                ["--history-token-file", "--history", "http://127.0.0.1:1"],
                ["--prometheus", "--prometheus", "localhost:9090"], ["--no-such-flag", "--no-such-flag"]):
            with self.subTest(more):
                kept = [word for at in range(0, len(good), 2) if good[at] not in more or flag == "--target"
                        for word in good[at:at + 2]]
                code, lines = refused(*kept, *more)
                self.assertEqual((code, len(lines)), (2, 1), lines)
                self.assertIn(flag, lines[0])

    def test_what_cannot_be_read_is_one_sentence(self):
        missing = self.stack.directory / "nowhere"
        for more in (["--rows", missing, "--target", "127.0.0.1:1"], ["--targets-file", missing]):
            with self.subTest(more):
                code, lines = refused("--phases", "10:1s", "--rate-max", "1", *more)
                self.assertEqual((code, len(lines)), (1, 1), lines)
                self.assertIn(str(missing), lines[0])
