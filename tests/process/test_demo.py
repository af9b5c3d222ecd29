"""The demo's own decisions; ./demo.sh as a whole is a suite of its own."""

import contextlib
import datetime
import io
import types
import unittest
from unittest import mock

from tests.demo import arguments, ending
from tests.demo.channels import Email, TelegramChat
from tests.demo.story import Failed, Story
from tests.demo.view import Display, View, line
from tests.process.fixture import ALERT
from tests.stack import wait
from tests.suites import demo_summary

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


class Arguments(unittest.TestCase):
    def test_defaults_and_real_time(self):
        self.assertEqual(arguments.parse([]).time_compression, 20)
        self.assertEqual(arguments.parse(["--real-time"]).time_compression, 1)
        self.assertEqual(arguments.parse(["--time-compression", "30"]).time_compression, 30)

    def test_wrong_ones_are_refused(self):
        for words in (["--smtp", "smtp://x"], ["--mail-to", "a@b"], ["--time-compression", "0"],
                      ["--real-time", "--time-compression", "2"], ["--cpu-limit", "7"],
                      ["--smtp-tls", "none"], ["--json", "/nowhere/at/all.json"],
                      ["--telegram-chat", "4711"], ["--telegram-token-file", "token"],
                      ["--telegram-chat", "4711", "--telegram-token-file", "/nowhere/at/all"]):
            with self.subTest(words), contextlib.redirect_stderr(io.StringIO()):
                self.assertRaises(SystemExit, arguments.parse, words)


class Shown(unittest.TestCase):
    def test_the_line_fits_and_says_what_is_unknown(self):
        views = [View(), View(ratio=None),
                 View(replicas=6, ratio=1.234, answered_rps=47999.6, alert="inactive",
                      messages={"email": 1, "telegram": 2})]
        for view in views:
            self.assertLess(len(line(view)), 80)
        self.assertIn("? %       ?/s", line(views[1]))
        for part in ("6 of 6", "123 %", "48,000/s", "email 1  telegram 2"):
            self.assertIn(part, line(views[2]))

    def test_without_a_terminal_a_line_only_on_change_or_after_ten_seconds(self):
        out, now = io.StringIO(), [100.0]
        display = Display(out, lambda: now[0])
        for seconds, view in [(0, View(ratio=0.1)), (1, View(ratio=0.2)), (2, View(ratio=0.9)),
                              (3, View(ratio=0.9)), (4, View(ratio=0.9, alert="pending")),
                              (13, View(ratio=0.9, alert="pending")),
                              (14, View(ratio=0.9, alert="pending")),
                              (15, View(ratio=0.9, alert="pending", messages={"email": 1}))]:
            now[0] = 100.0 + seconds
            display.show(view)
        self.assertEqual([float(text.split()[0]) for text in out.getvalue().splitlines()],
                         [0, 2, 4, 14, 15])


class Mailbox:
    """A server of ours that holds messages with these subjects."""

    process = None

    def __init__(self, subjects):
        self._subjects = subjects

    def about(self, word, alert):
        return [types.SimpleNamespace(subject=text, text=text, received_at=NOW, header=lambda name: name,
                                      part=lambda kind: kind)
                for text in self._subjects if word in text and alert in text]


def stage(emails, telegrams, sidecar=None):
    """A stage without a fleet, whose servers hold these messages; None: the server is not ours."""
    fleet = types.SimpleNamespace(ratios=lambda: {}, serving=lambda: [])
    channels = [kind(name, [], "", None if subjects is None else Mailbox(subjects))
                for kind, name, subjects in ((Email, "email", emails), (TelegramChat, "telegram", telegrams))]
    return types.SimpleNamespace(
        channels=channels, sidecar=sidecar, fleet=fleet, attack=None, tick=lambda: [],
        processes=lambda: [],
        prometheus=mock.Mock(query=mock.Mock(side_effect=OSError)))


FIRING, RESOLVED = f"[FIRING] {ALERT}", f"[RESOLVED] {ALERT}"


class Verdict(unittest.TestCase):
    """On each channel exactly one FIRING and one RESOLVED, also after some more time."""

    def judge(self, emails, telegrams):
        story = Story(stage(emails, telegrams), mock.Mock(), factor=1000)
        story._nothing_more()
        return story.counts()

    def test_one_of_each_is_good_and_others_do_not_count(self):
        counts = self.judge([FIRING, "[FIRING] FraudModelDown", RESOLVED], [FIRING, RESOLVED])
        self.assertEqual(counts, {"email": {"firing": 1, "resolved": 1},
                                  "telegram": {"firing": 1, "resolved": 1}})

    def test_a_duplicate_or_a_missing_one_on_either_channel_fails(self):
        for wrong in ([FIRING, RESOLVED, FIRING], [FIRING, RESOLVED, RESOLVED], [FIRING], [RESOLVED], []):
            for both in ((wrong, [FIRING, RESOLVED]), ([FIRING, RESOLVED], wrong)):
                with self.subTest(both):
                    self.assertRaises(Failed, self.judge, *both)

    def test_at_a_server_that_is_not_ours_the_history_counts(self):
        def sent(channel, state, key="a-1-0"):
            return {"channel": channel, "state": state, "subject": FIRING, "key": key,
                    "attempts": [{"ended_at": "2026-01-02T03:04:05.000Z", "outcome": state,
                                  "detail": f"{channel} is {state}"}]}

        sidecar = mock.Mock()
        sidecar.alerts.return_value = [{"id": 1}]
        sidecar.alert.return_value = {"notifications": [
            sent("telegram", "delivered"), sent("telegram", "delivered", "a-1-0-p2"),
            sent("telegram", "retrying"), sent("email", "ambiguous")]}
        foreign = stage(None, None, sidecar)
        self.assertEqual(Story(foreign, mock.Mock(), 20).counts(),
                         {"email": {"firing": 0, "resolved": 0}, "telegram": {"firing": 1, "resolved": 0}})
        self.assertEqual(ending.arrived(foreign, "FIRING"), NOW)
        self.assertEqual([channel.counted for channel in foreign.channels], ["accepted"] * 2)
        self.assertEqual([channel.refusal(sidecar) for channel in foreign.channels],
                         ["email is ambiguous", "telegram is retrying"])
        with mock.patch("tests.demo.story.SLACK_S", 0), self.assertRaisesRegex(
                Failed, "RESOLVED message by email did not .* 0 s; the last try: email is ambiguous"):
            Story(foreign, mock.Mock(), 20)._arrival("RESOLVED", 0)


class TriedOut(unittest.TestCase):
    """Somebody else's servers are asked before the attack; ours are not."""

    def tried(self, state, status=200, own=None):
        answer = mock.Mock(status=status, body=b"no disk", json=lambda: {"notifications": [
            {"channel": "email", "state": "delivered", "detail": "250 ok"},
            {"channel": "telegram", "state": state, "detail": "401 Unauthorized"}]})
        sidecar = mock.Mock(post=mock.Mock(return_value=answer))
        display = mock.Mock()
        with mock.patch.object(Story, "_calm", side_effect=StopIteration):  # what comes next
            with contextlib.suppress(StopIteration):
                Story(stage(own, own, sidecar), display, 20).tell()
        return [call.args[0] for call in display.say.call_args_list]

    def test_a_refusal_is_told_in_the_words_of_the_server(self):
        with self.assertRaisesRegex(Failed, "^telegram: the test message is retrying: 401 Unauthorized$"):
            self.tried("retrying", 202)
        with self.assertRaisesRegex(Failed, "could not be sent: 503 b'no disk'"):
            self.tried("delivered", 503)

    def test_what_is_accepted_is_said(self):
        self.assertEqual(self.tried("delivered"), [
            f"-- {name}: a test message has been accepted" for name in ("email", "telegram")])
        self.assertEqual(self.tried("retrying", 202, own=[]), [])


class Attacked(unittest.TestCase):
    """The story follows the attack, whose end may be a failure."""

    def looked(self, attack):
        own = stage([], [])
        own.attack = attack
        story = Story(own, mock.Mock(), 20)
        story._until(lambda: True, 0, "it")

    def test_an_attack_that_fails_is_told_in_its_own_words(self):
        failed = mock.Mock(ended_well=mock.Mock(side_effect=wait.Ended("fraud-attack ended with code 1: no")))
        with self.assertRaisesRegex(Failed, "ended with code 1: no"):
            self.looked(failed)
        self.looked(mock.Mock(ended_well=mock.Mock(return_value=True)))

    def test_the_seconds_count_from_the_crossing_that_led_to_the_alert(self):
        own = stage([], [])
        own.fleet.serving = lambda: [None] * 6
        story = Story(own, mock.Mock(), 20)
        crossed = []
        for ratio, alert in ((0.9, "inactive"), (0.9, "pending"), (0.7, "pending"), (0.7, "inactive"),
                             (0.9, "inactive"), (0.9, "firing"), (0.7, "inactive")):
            own.fleet.ratios = lambda ratio=ratio: {"fraud-model-0": ratio}
            own.prometheus = mock.Mock(alert_state=mock.Mock(return_value=alert),
                                       query=mock.Mock(return_value=1.0))
            story._look()
            crossed.append(story.crossed_at)
        self.assertEqual([at is None for at in crossed], [False] * 3 + [True] + [False] * 3)
        self.assertEqual(crossed[0], crossed[2])
        self.assertGreater(crossed[4], crossed[0])
        self.assertEqual(crossed[4], crossed[6])

    def test_a_pair_that_dies_is_told(self):
        own = stage([], [])
        own.tick = mock.Mock(side_effect=wait.Ended("fraud-model-2 ended with code -9"))
        with self.assertRaisesRegex(Failed, "fraud-model-2 ended"):
            Story(own, mock.Mock(), 20)._until(lambda: True, 0, "it")


REPORT = {"offered_rps_max": 8000.5, "generator_limited": False,
          "totals": {"answered": 1000, "served": 900, "shed": 80},
          "phases": [{"seconds": 5, "codes": {"200": 4000}}, {"seconds": 5, "codes": {"503": 9}},
                     {"seconds": 0, "codes": {}}]}


class Summary(unittest.TestCase):
    def test_the_attack_in_figures(self):
        self.assertEqual(ending.attack_facts(REPORT, 0.05), {
            "offered_rps_max": 8000.5, "served_rps_max": 800.0, "served_total": 900, "shed_total": 80,
            "cpu_us_per_request": 50.0, "generator_limited": False})

    def test_what_is_unknown_is_null_and_never_zero(self):
        self.assertEqual(set(ending.attack_facts({}, None).values()), {None})
        self.assertIsNone(ending.attack_facts(REPORT, None)["cpu_us_per_request"])
        nobody = {"totals": {"answered": 0, "served": 0, "shed": 0}, "phases": []}
        self.assertIsNone(ending.attack_facts(nobody, 1.0)["cpu_us_per_request"])
        self.assertEqual(ending.attack_facts(nobody, 1.0)["served_total"], 0)

    def test_a_run_that_failed_before_anything_was_there(self):
        made = ending.summary(arguments.parse([]), None, None, "it did not start")
        self.assertEqual((made["result"], made["problem"]), ("failed", "it did not start"))
        for name in ("email", "telegram"):
            self.assertEqual(made["channels"][name],
                             {"firing": None, "resolved": None, "counted": "received"})
        self.assertIn("cpu_us_per_request is missing", demo_summary.complaints(made))

    def test_the_suite_wants_both_channels_and_every_figure(self):
        good = {**ending.summary(arguments.parse([]), None, None, None), **ending.attack_facts(REPORT, 1)}
        good.update({key: good[key] or "x" for key in demo_summary.KEYS if key != "generator_limited"})
        good["channels"] = {name: {"firing": 1, "resolved": 1} for name in ("email", "telegram")}
        self.assertEqual(demo_summary.complaints(good), [])
        twice = {**good, "channels": {**good["channels"], "telegram": {"firing": 2, "resolved": 1}}}
        self.assertEqual(demo_summary.complaints(twice), ["channels.telegram.firing is 2, not 1"])
        self.assertEqual(demo_summary.complaints({**good, "shed_total": None}), ["shed_total is missing"])


class Waiting(unittest.TestCase):
    def test_a_bound_that_passes_and_a_process_that_ends_are_told(self):
        with self.assertRaisesRegex(wait.NotInTime, "the rain did not happen within 0.1 s"):
            wait.until(lambda: False, 0.1, "the rain")
        ended = mock.Mock(check=mock.Mock(side_effect=wait.Ended("it ended")))
        self.assertRaises(wait.Ended, wait.until, lambda: False, 60, "it", [ended])
        self.assertFalse(wait.stays(lambda: False, 60))
