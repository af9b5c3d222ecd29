"""Two sidecars behind the real Alertmanager: one, and a pair of them."""

import json

from tests.process.fixture import ALERT, SECONDS
from tests.process.peers_fixture import HOLD, PATIENT, PeersTest, marked
from tests.stack import servers, wait, web
from tests.stack.process import free_port, start_on_port

PAST = "2026-01-02T03:14:05Z"


class Alertmanager:
    """One that posts to every sidecar; of a cluster when `others` are given (ports)."""

    def __init__(self, stack, sidecars, number=0, cluster=None, others=()):
        hooks = [{"url": sidecar.webhook_url, "send_resolved": True,
                  "http_config": {"authorization": {"credentials": sidecar.tokens["webhook"]}}}
                 for sidecar in sidecars]
        config = {"route": {"receiver": "fraud-sidecar", "group_by": ["alertname"],
                            "group_wait": "1s", "group_interval": "2s", "repeat_interval": "4h"},
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
        alert = {"labels": {"alertname": ALERT, "severity": "critical", "namespace": "shop"},
                 "startsAt": "2026-01-02T03:04:05Z", **times}
        answer = web.call(f"{self.url}/api/v2/alerts", body=[alert])
        if answer.status != 200:
            raise RuntimeError(f"alertmanager answered {answer.status}: {answer.body[:200]!r}")

    def members(self):
        return len(web.call(f"{self.url}/api/v2/status").json()["cluster"].get("peers", []))


class Told(PeersTest):
    """The administrator's mailbox against both histories."""

    hold = PATIENT

    def setUp(self):
        super().setUp()
        self.mailbox = self.receiver()
        self.sides = self.pair(self.mailbox, hold=self.hold)

    def fire(self, alertmanagers):
        for each in alertmanagers:
            each.post()
        for side in self.sides:
            if side.process.running():
                self.all_delivered(side, 1)

    def resolve(self, alertmanagers):
        for each in alertmanagers:
            each.post(endsAt=PAST)
        for side in self.sides:
            if side.process.running():
                self.all_delivered(side, 2)

    def assert_told_once(self):
        mails = self.mailbox.mails()
        self.assertEqual([mail.subject for mail in mails if mail.says("FIRING", ALERT)],
                         [mails[0].subject])
        self.assertEqual([mail.says("RESOLVED", ALERT) for mail in mails[1:]], [True])

    def assert_no_repeat_unsaid(self):
        for word in ("FIRING", "RESOLVED"):
            about = self.mailbox.about(word, ALERT)
            self.assertTrue(about, f"nobody was told {word}")
            self.assertTrue(all(map(marked, about[1:])))
            self.assertLessEqual(len(about), 2)


class OneAlertmanager(Told):
    def setUp(self):
        super().setUp()
        self.alertmanagers = [Alertmanager(self.stack, self.sides)]

    def test_each_transition_once(self):
        self.fire(self.alertmanagers)
        self.resolve(self.alertmanagers)
        self.assert_told_once()
        self.assertFalse(any(map(marked, self.mailbox.mails())))


class ASidecarDies(Told):
    hold = HOLD

    def setUp(self):
        super().setUp()
        self.alertmanagers = [Alertmanager(self.stack, self.sides)]

    def test_the_first_before_it_sends(self):
        self.mailbox.behave("hang")
        self.alertmanagers[0].post()
        self.until(lambda: self.mailbox.count("connected"), "a connection that hangs")
        self.until(lambda: self.outbox(self.sides[1]), "the alert at the second")
        self.sides[0].process.kill()
        self.mailbox.behave("accept")
        self.all_delivered(self.sides[1], 1)
        self.resolve(self.alertmanagers)
        self.assert_told_once()

    def test_the_first_after_it_sent(self):
        self.alertmanagers[0].post()
        self.mails(self.mailbox, 1)
        self.sides[0].process.kill()
        self.until(lambda: self.outbox(self.sides[1]), "the alert at the second")
        self.all_delivered(self.sides[1], 1)
        self.resolve(self.alertmanagers)
        self.sides[0].start()
        self.all_delivered(self.sides[0], 2)  # Alertmanager tries again
        self.assert_no_repeat_unsaid()

    def test_the_second(self):
        self.fire(self.alertmanagers)
        self.sides[1].process.kill()
        self.resolve(self.alertmanagers)
        self.sides[1].start()
        self.all_delivered(self.sides[1], 2)
        self.assert_no_repeat_unsaid()


class PairOfAlertmanagers(Told):
    def setUp(self):
        super().setUp()
        ports = [free_port(), free_port()]
        self.alertmanagers = [
            Alertmanager(self.stack, self.sides, number, ports[number], ports[:number])
            for number in (0, 1)]
        wait.until(lambda: all(each.members() == 2 for each in self.alertmanagers), SECONDS,
                   "the Alertmanagers see each other")

    def test_each_transition_once(self):
        self.fire(self.alertmanagers)
        self.resolve(self.alertmanagers)
        self.assert_told_once()

    def _one_dies(self, dead):
        self.fire(self.alertmanagers)
        self.alertmanagers[dead].process.kill()
        self.resolve([self.alertmanagers[1 - dead]])
        self.assert_told_once()

    def test_the_first_alertmanager_dies(self):
        self._one_dies(0)

    def test_the_second_alertmanager_dies(self):
        self._one_dies(1)
