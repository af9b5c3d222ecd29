"""Episodes, reminders and storms of the real program: what people get and what the history keeps."""

import sqlite3
import time

from tests.process.fixture import ALERT, StackTest, alert

URLS = ["--alertmanager-url", "http://127.0.0.1:9", "--alertmanager-url", "http://localhost:9",
        "--alertmanager-source", "demo"]
STARTS, ENDS = "2026-01-02T03:04:05Z", "2026-01-02T03:09:05Z"


def ended(**options):
    return alert("resolved", ends_at=ENDS, **options)


def warm(number):
    return alert(name=f"Warm{number % 3}", fingerprint=f"bb{number:02}", severity="warning")


class Episodes(StackTest):
    def test_an_alert_that_flaps_is_one_episode_and_survives_a_kill(self):
        receiver = self.receiver()
        sidecar = self.sidecar(receiver=receiver)
        for word in (alert(), ended(), alert(starts_at="2026-01-02T03:10:05Z"),
                     ended(starts_at="2026-01-02T03:10:05Z")):
            self.post(sidecar, word)
        # The first end is told, the second is held for a minute.
        self.mails(receiver, 3)
        self.assertEqual(self._held(sidecar), 1)
        newest = sidecar.alert(sidecar.alerts()[0]["id"])["transitions"]
        self.assertEqual([each["untold"] for each in newest], [None, "held"])
        sidecar.process.kill()
        sidecar.start()
        self.assertEqual(self._held(sidecar), 1)
        self.post(sidecar, alert(starts_at="2026-01-02T03:11:05Z"))
        self.assertEqual(self._held(sidecar), 0)
        self.assertEqual(self.rows(sidecar, "SELECT id, flaps, ended_at_ms IS NULL FROM episodes"),
                         [(1, 0, 0), (2, 1, 1)])
        self.assertEqual(self._counted(sidecar, "refired"), 1)
        self.assertEqual(len(sidecar.alerts(state="open")), 1)
        self.assertEqual(len(receiver.mails()), 3)

    def test_the_slower_twin_of_a_pair_opens_nothing(self):
        receiver = self.receiver()
        sidecar = self.sidecar(*URLS, receiver=receiver)
        for word in (alert(), ended(), alert(), ended()):
            self.post(sidecar, word)
        self.mails(receiver, 2)
        self.assertEqual(len(sidecar.alerts()), 1)
        self.assertEqual(self._counted(sidecar, "twin"), 1)
        self.assertEqual(self._counted(sidecar, "stale"), 1)

    def test_people_are_reminded_in_the_same_thread_until_it_ends(self):
        receiver = self.receiver()
        sidecar = self.sidecar("--remind-every", "1m", receiver=receiver)
        self.post(sidecar, alert())
        for number in (1, 2):
            self.mails(receiver, number)
            self._pass(sidecar, minutes=2)
        first, second, third = self.mails(receiver, 3)[:3]
        self.assertTrue(second.subject.startswith(f"[STILL FIRING] {ALERT}, since 2026-01-02T03:04"),
                        second.subject)
        self.assertEqual({mail.header("References") for mail in (second, third)},
                         {first.header("References")})
        self.post(sidecar, ended())
        self.until(lambda: any("RESOLVED" in mail.subject for mail in receiver.mails()), "the end")
        self.assertEqual(receiver.mails()[-1].subject.split("]")[0], "[RESOLVED")

    def test_a_storm_is_a_summary_and_critical_ones_come_singly(self):
        receiver = self.receiver()
        sidecar = self.sidecar("--notify-severities", "critical", "--notify-severities", "warning",
                               "--storm-above", "5", receiver=receiver)
        began = time.monotonic()
        self.post(sidecar, *[warm(number) for number in range(20)], alert())
        subjects = {mail.subject.split(":")[0] for mail in self.mails(receiver, 2)}
        self.assertEqual(subjects, {f"[FIRING] {ALERT}", "[STORM] 20 firing"})
        self.assertLess(time.monotonic() - began, 20, "people know soon")
        self.assertEqual(sidecar.metrics().value("fraud_sidecar_storm"), 1)
        self.assertEqual(len(sidecar.alerts(state="open")), 22)  # the storm is one itself

    def _pass(self, sidecar, minutes):
        """Makes it so long ago that people were last told."""
        sidecar.process.stop()
        database = sqlite3.connect(sidecar.database)
        with database:
            database.execute("UPDATE episodes SET reminded_at_ms = reminded_at_ms - ?", (minutes * 60_000,))
        database.close()
        sidecar.start()

    def _held(self, sidecar):
        return self.rows(sidecar, "SELECT count(*) FROM transitions WHERE tell = 'held'")[0][0]

    def _counted(self, sidecar, kind):
        return sidecar.metrics().value("fraud_sidecar_transitions_total", kind=kind)
