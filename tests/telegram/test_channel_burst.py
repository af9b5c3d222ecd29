"""Many alerts at once, against the limits that Telegram documents."""

from tests.process.fixture import alert
from tests.stack import wait
from tests.stack.telegram import PRIVATE
from tests.telegram.fixture import RESOLVED, TelegramTest

ALERTS = 25
TOLD = ["--notify-severities", "critical", "--notify-severities", "warning"]


class Burst(TelegramTest):
    def test_the_worst_comes_first_and_nothing_is_refused(self):
        telegram = self.telegram(PRIVATE)  # the limits of core.telegram.org/bots/faq
        sidecar = self.teller(telegram, *TOLD)
        self.post(sidecar, alert(name="Ended", fingerprint="ended"))
        self.messages(telegram, 1)
        self.post(sidecar, *self._mixed())
        messages = self.messages(telegram, 8)
        self.assertEqual([message.text.split(":")[1].split()[0].rstrip("0123456789")
                          for message in messages],
                         ["Ended"] + ["Critical"] * 4 + ["Warning"] * 2 + ["Ended"])
        self.assertTrue(wait.stays(lambda: len(telegram.messages()) == 8, 0.5))
        self.assertEqual((telegram.count("answered 429"), telegram.count("early")), (0, 0))
        self.assertEqual(self.rows(sidecar, "SELECT count(*) FROM attempts WHERE outcome <> 'delivered'"),
                         [(0,)])
        self.assertEqual(sidecar.alerts(limit=1)[0]["state"], "open")
        self.assertEqual(len(sidecar.alerts(limit=100)), ALERTS)

    def _mixed(self):
        """The least important in front: 1 ended, 18 for the history, 2 warnings, 4 critical."""
        made = [alert(name="Ended", fingerprint="ended", **RESOLVED)]
        for severity, number in (("info", 18), ("warning", 2), ("critical", 4)):
            made += [alert(name=f"{severity.title()}{n}", fingerprint=f"{severity}{n}", severity=severity)
                     for n in range(number)]
        self.assertEqual(len(made), ALERTS)
        return made
