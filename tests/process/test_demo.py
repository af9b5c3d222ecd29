"""The demo's own decisions; ./demo.sh as a whole is a suite of its own."""

import contextlib
import io
import types
import unittest
from unittest import mock

from tests.demo import arguments, ending
from tests.demo.story import Failed, Story
from tests.demo.view import Display, View, line
from tests.process.fixture import ALERT
from tests.stack import wait


class Arguments(unittest.TestCase):
    def test_defaults_and_real_time(self):
        self.assertEqual(arguments.parse([]).time_compression, 20)
        self.assertEqual(arguments.parse(["--real-time"]).time_compression, 1)
        self.assertEqual(arguments.parse(["--time-compression", "30"]).time_compression, 30)

    def test_wrong_ones_are_refused(self):
        for words in (["--smtp", "smtp://x"], ["--mail-to", "a@b"], ["--time-compression", "0"],
                      ["--real-time", "--time-compression", "2"], ["--cpu-limit", "7"],
                      ["--smtp-tls", "none"], ["--json", "/nowhere/at/all.json"]):
            with self.subTest(words), contextlib.redirect_stderr(io.StringIO()):
                self.assertRaises(SystemExit, arguments.parse, words)


class Shown(unittest.TestCase):
    def test_the_line_fits_and_says_what_is_unknown(self):
        views = [View(), View(ratio=None), View(ratio=1.234, alert="firing", sent=1, received=1)]
        for view in views:
            self.assertLess(len(line(view)), 80)
        self.assertIn("? %", line(views[1]))
        self.assertIn("123 %", line(views[2]))
        self.assertIn("1 sent, 1 received", line(views[2]))
        self.assertNotIn("received", line(View(received=None)))

    def test_without_a_terminal_a_line_only_on_change_or_after_ten_seconds(self):
        out, now = io.StringIO(), [100.0]
        display = Display(out, lambda: now[0])
        for seconds, view in [(0, View(ratio=0.1)), (1, View(ratio=0.2)), (2, View(ratio=0.9)),
                              (3, View(ratio=0.9)), (4, View(ratio=0.9, alert="pending")),
                              (13, View(ratio=0.9, alert="pending")),
                              (14, View(ratio=0.9, alert="pending"))]:
            now[0] = 100.0 + seconds
            display.show(view)
        self.assertEqual([float(text.split()[0]) for text in out.getvalue().splitlines()],
                         [0, 2, 4, 14])


def stage(*subjects):
    """A stage whose mailbox holds these messages."""
    mails = [types.SimpleNamespace(subject=subject) for subject in subjects]
    receiver = types.SimpleNamespace(
        mails=lambda: mails,
        about=lambda word, alert: [m for m in mails if word in m.subject and alert in m.subject])
    return types.SimpleNamespace(receiver=receiver, sidecar=mock.Mock(metrics=mock.Mock(side_effect=OSError)),
                                 prometheus=None)


class Verdict(unittest.TestCase):
    """Exactly one FIRING and one RESOLVED, also after some more time."""

    def judge(self, *subjects):
        story = Story(stage(*subjects), mock.Mock(), factor=1000)
        story._nothing_more()
        return story.counts()

    def test_one_of_each_is_good_and_others_do_not_count(self):
        counts = self.judge(f"[FIRING] {ALERT}", "[FIRING] FraudModelDown", f"[RESOLVED] {ALERT}")
        self.assertEqual(counts, {"firing": 1, "resolved": 1})

    def test_a_duplicate_or_a_missing_one_fails(self):
        firing, resolved = f"[FIRING] {ALERT}", f"[RESOLVED] {ALERT}"
        for subjects in ([firing, resolved, firing], [firing, resolved, resolved], [firing], []):
            with self.subTest(subjects):
                self.assertRaises(Failed, self.judge, *subjects)

    def test_with_somebody_elses_mailbox_the_history_counts(self):
        sent = [{"state": state, "subject": f"[FIRING] {ALERT}", "attempts": [{"ended_at": "then"}]}
                for state in ("delivered", "retrying")]
        foreign = stage()
        foreign.receiver = None
        foreign.sidecar.alerts.return_value = [{"id": 1}]
        foreign.sidecar.alert.return_value = {"notifications": sent}
        self.assertEqual(Story(foreign, mock.Mock(), 20).counts(), {"firing": 1, "resolved": 0})
        self.assertEqual(ending.arrived(foreign, {"notifications": sent}, "FIRING"), "then")


class Waiting(unittest.TestCase):
    def test_a_bound_that_passes_and_a_process_that_ends_are_told(self):
        with self.assertRaisesRegex(wait.NotInTime, "the rain did not happen within 0.1 s"):
            wait.until(lambda: False, 0.1, "the rain")
        ended = mock.Mock(check=mock.Mock(side_effect=wait.Ended("it ended")))
        self.assertRaises(wait.Ended, wait.until, lambda: False, 60, "it", [ended])
        self.assertFalse(wait.stays(lambda: False, 60))
