"""Real Alertmanagers in front of two sidecars, one or a pair, and what people and histories have of it."""

import datetime
import json

from tests.process.fixture import ALERT, SECONDS
from tests.process.peers_fixture import MARK, PATIENT, PeersTest, mail_flags, marked
from tests.stack import servers, wait, web
from tests.stack.process import free_port, start_on_port
from tests.stack.telegram import PRIVATE, Telegram


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


class Alertmanager:
    """One that posts to every sidecar; of a cluster when `others` are given (ports)."""

    def __init__(self, stack, sidecars, number=0, cluster=None, others=(), group_wait="1s"):
        hooks = [{"url": sidecar.webhook_url, "send_resolved": True,
                  "http_config": {"authorization": {"credentials": sidecar.tokens["webhook"]}}}
                 for sidecar in sidecars]
        config = {"route": {"receiver": "fraud-sidecar", "group_by": ["alertname"],
                            "group_wait": group_wait, "group_interval": "2s", "repeat_interval": "4h"},
                  "receivers": [{"name": "fraud-sidecar", "webhook_configs": hooks}]}
        # JSON is YAML.
        path = stack.path(f"alertmanager-{number}.yml", json.dumps(config))
        data = stack.folder(f"alertmanager-{number}")
        flags = ["--cluster.listen-address="]
        if cluster:
            flags = [f"--cluster.listen-address=127.0.0.1:{cluster}",
                     f"--cluster.advertise-address=127.0.0.1:{cluster}",
                     "--cluster.settle-timeout=1s", "--cluster.peer-timeout=2s",
                     "--cluster.gossip-interval=50ms",
                     *(f"--cluster.peer=127.0.0.1:{port}" for port in others)]

        def start(port):
            return stack.start(f"alertmanager-{number}", [
                servers.program("prometheus-alertmanager"), f"--config.file={path}",
                f"--storage.path={data}", f"--web.listen-address=127.0.0.1:{port}",
                f"--web.external-url=http://127.0.0.1:{port}/", *flags, "--log.level=warn"],
                cwd=servers.home())

        self.process, port = start_on_port(
            start, lambda port: web.serves(f"http://127.0.0.1:{port}/-/ready"))
        self.url = f"http://127.0.0.1:{port}"

    def post(self, **times):
        """As Prometheus does: to each of its Alertmanagers, again and again."""
        alert = {"labels": {"alertname": ALERT, "severity": "critical", "namespace": "shop"}, **times}
        answer = web.call(f"{self.url}/api/v2/alerts", body=[alert])
        if answer.status != 200:
            raise RuntimeError(f"alertmanager answered {answer.status}: {answer.body[:200]!r}")

    def members(self):
        return len(web.call(f"{self.url}/api/v2/status").json()["cluster"].get("peers", []))


class Told(PeersTest):
    """What the administrator gets by each way, against both histories. Behind one Alertmanager, which
    nobody asks; see Pair."""

    hold = PATIENT
    chat = False  # whether the administrator is told by Telegram too

    def setUp(self):
        super().setUp()
        self.mailbox = self.receiver()
        self.telegram = Telegram(self.stack) if self.chat else None
        flags = mail_flags(self.mailbox.port)
        if self.telegram:
            flags += ["--telegram-api-url", self.telegram.url, "--telegram-token-file",
                      self.telegram.token_file, "--telegram-chat", PRIVATE["id"]]
        self.sides = [self.side(place, *flags, hold=self.hold) for place in (0, 1)]
        self.starts = now()
        self.alertmanagers = self.begin()

    def begin(self):
        return [Alertmanager(self.stack, self.sides)]

    def post_firing(self, alertmanagers):
        for each in alertmanagers:
            each.post(startsAt=self.starts)

    def post_resolved(self, alertmanagers):
        times = {"startsAt": self.starts, "endsAt": now()}
        for each in alertmanagers:
            each.post(**times)

    def settled(self, number):
        """Waits until each that runs has so many messages by each way, all delivered by somebody."""
        for side in self.sides:
            if side.process.running():
                self.all_delivered(side, number * (2 if self.chat else 1))

    def fire(self, alertmanagers):
        self.post_firing(alertmanagers)
        self.settled(1)

    def resolve(self, alertmanagers):
        self.post_resolved(alertmanagers)
        self.settled(2)

    def assert_told_once(self, may_be_repeat=False):
        """By each way; and unless `may_be_repeat` none says that it may be one."""
        once = [[True, False], [False, True]]
        mails = self.mailbox.mails()
        self.assertEqual([[mail.says(word, ALERT) for word in ("FIRING", "RESOLVED")] for mail in mails], once)
        texts = [message.text for message in self.telegram.messages()] if self.telegram else []
        if self.telegram:
            self.assertEqual([[word in text for word in ("FIRING", "RESOLVED")] for text in texts], once)
        if not may_be_repeat:
            self.assertFalse([mail.subject for mail in mails if marked(mail)])
            self.assertFalse([text for text in texts if MARK in text.lower()])
        self.assert_one_episode()

    def assert_no_repeat_unsaid(self):
        for word in ("FIRING", "RESOLVED"):
            about = self.mailbox.about(word, ALERT)
            self.assertTrue(about, f"nobody was told {word}")
            self.assertTrue(all(map(marked, about[1:])))
            self.assertLessEqual(len(about), 2)
        self.assert_one_episode()

    def assert_one_episode(self):
        """In each history, that of a sidecar that died too."""
        for side in self.sides:
            self.assertEqual(self.rows(side, "SELECT count(*) FROM episodes"), [(1,)])

    def counted(self, side, kind):
        return side.metrics().value("fraud_sidecar_transitions_total", kind=kind) or 0

    def accepted(self, side):
        return side.metrics().value("fraud_sidecar_webhooks_total", result="accepted") or 0


class Pair:
    """For Told: two Alertmanagers, both known to both sidecars."""

    clustered = True  # else neither hears what the other has told
    group_wait = "1s"
    asking = ("--reconcile-every", "500ms")

    def begin(self):
        ports = [free_port(), free_port()]
        pair = [Alertmanager(self.stack, self.sides, number, self.clustered and ports[number],
                             ports[:number], self.group_wait) for number in (0, 1)]
        if self.clustered:
            wait.until(lambda: all(each.members() == 2 for each in pair), SECONDS,
                       "the Alertmanagers see each other")
        for side in self.sides:
            side.process.stop()
            side.give("--alertmanager-source", "demo", *self.asking,
                      *(word for each in pair for word in ("--alertmanager-url", each.url)))
            side.start()
            self.until(lambda side=side: self.rounds(side), "an answer of both Alertmanagers", [side.process])
        return pair

    def rounds(self, side):
        """In so many both answered."""
        return side.metrics().value("fraud_sidecar_reconcile_total", result="ok") or 0
