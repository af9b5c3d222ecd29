"""Several sidecars, one history: each message once, or again and marked."""

import http.server
import re
import socket
import threading

from tests.process.fixture import ALERT, alert
from tests.process.peers_fixture import PATIENT, PeersTest, mail_flags, marked
from tests.stack import web
from tests.stack.process import free_port
from tests.stack.telegram import PRIVATE, Telegram

RESOLVED = {"status": "resolved", "ends_at": "2026-01-02T03:14:05Z"}


class Both(PeersTest):
    def test_each_transition_is_told_once(self):
        receiver = self.receiver()
        sides = self.pair(receiver, hold=PATIENT)
        self.post_all(sides, alert())
        for side in sides:
            self.all_delivered(side, 1)
        self.post_all(sides, alert(**RESOLVED))
        for side in sides:
            self.all_delivered(side, 2)
        mails = receiver.mails()
        self.assertEqual([mail.says(word, ALERT) for mail, word in zip(mails, ("FIRING", "RESOLVED"))],
                         [True, True])
        self.assertEqual(len(mails), 2)
        self.assertFalse(any(map(marked, mails)))
        self.assertEqual({detail for _, detail, _ in self.attempts(sides[1])},
                         {"delivered by fraud-0"})

    def test_a_webhook_that_came_late_to_the_first(self):
        receiver = self.receiver()
        first, second = self.pair(receiver)
        self.post(second, alert())
        self.all_delivered(second, 1)
        self.post(first, alert())
        self.all_delivered(first, 1)
        self.assertEqual(len(receiver.mails()), 1)
        self.assertEqual([detail for _, detail, _ in self.attempts(first)], ["delivered by fraud-1"])

    def test_one_that_is_alive_but_cannot_send(self):
        receiver = self.receiver()
        # It waits for its next try when the second's turn comes, and for long after.
        waits = ["--retry-first", "120s", "--retry-longest", "120s"]
        first = self.side(0, *mail_flags(free_port(), waits))
        second = self.side(1, *mail_flags(receiver.port))
        self.post_all((first, second), alert())
        for side in (first, second):
            self.all_delivered(side, 1)
        (mail,) = receiver.mails()
        self.assertFalse(marked(mail))
        self.assertIn("temporary", {outcome for outcome, _, _ in self.attempts(first)})

    def test_the_test_notification_is_not_held(self):
        receiver = self.receiver()
        second = self.side(1, *mail_flags(receiver.port), hold="600s")
        self.assertEqual(second.post("/api/v1/test-notification", "write").status, 200)
        self.assertEqual(len(receiver.mails()), 1)


class Killed(PeersTest):
    def test_before_it_sends(self):
        receiver = self.receiver()
        sides = self.pair(receiver)
        receiver.behave("hang")
        self.post_all(sides, alert())
        self.until(lambda: receiver.count("connected"), "a connection that hangs")
        sides[0].process.kill()
        receiver.behave("accept")
        (mail,) = self.mails(receiver, 1)
        self.assertTrue(marked(mail), "fraud-0 did not answer: it may have sent")
        self.all_delivered(sides[1], 1)
        sides[0].start()
        self.all_delivered(sides[0], 1)
        self.assertEqual(len(receiver.mails()), 1)
        self.assertIn("delivered by fraud-1", [detail for _, detail, _ in self.attempts(sides[0])])

    def test_after_it_sent(self):
        receiver = self.receiver()
        sides = self.pair(receiver)
        self.post_all(sides, alert())
        self.mails(receiver, 1)
        sides[0].process.kill()  # it may have told fraud-1 of it, or not
        self.all_delivered(sides[1], 1)
        again = receiver.mails()[1:]
        self.assertLessEqual(len(again), 1)
        self.assertTrue(all(map(marked, again)))

    def test_after_it_told_the_other(self):
        receiver = self.receiver()
        sides = self.pair(receiver, hold="600s")
        self.post_all(sides, alert())
        self.all_delivered(sides[1], 1)  # long before its hold ends
        sides[0].process.kill()
        self.assertEqual(len(receiver.mails()), 1)

    def test_the_second(self):
        receiver = self.receiver()
        sides = self.pair(receiver)
        sides[1].process.kill()
        self.post(sides[0], alert())
        self.all_delivered(sides[0], 1)
        sides[1].start()
        self.post(sides[1], alert())
        self.all_delivered(sides[1], 1)
        self.assertEqual(len(receiver.mails()), 1)


class Garbage(http.server.BaseHTTPRequestHandler):
    """Answers whatever its server holds in `answer`."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        try:
            self.wfile.write(self.server.answer)
        except OSError:
            pass  # who asked has heard enough

    do_GET = do_POST

    def log_message(self, *_):
        pass


class OddPeer(PeersTest):
    """fraud-0 is no sidecar."""

    def _sent_and_marked(self):
        receiver = self.receiver()
        second = self.side(1, *mail_flags(receiver.port))
        self.post(second, alert())
        self.assertTrue(marked(self.mails(receiver, 1)[0]))
        self.all_delivered(second, 1)

    def test_that_answers_garbage(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", self.ports[0]), Garbage)
        server.daemon_threads = True
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        for number, answer in enumerate((b'{"state": "delivered"}', b"\xff\x00<html>", b"[" * 10_000_000)):
            with self.subTest(answer[:20]):
                server.answer = answer
                receiver = self.receiver(name=f"smtp-{number}")
                second = self.side(1, *mail_flags(receiver.port))
                self.post(second, alert(fingerprint=f"{number:04x}"))
                self.assertTrue(marked(self.mails(receiver, 1)[0]))
                self.all_delivered(second, 1 + number)
                name = f"127.0.0.1:{self.ports[0]}"
                garbage = second.metrics().value("fraud_sidecar_peer_garbage_total", peer=name)
                self.assertEqual(garbage > 0, len(answer) < 1_000_000, "too long a one is not read at all")
                self.assertEqual(self.ask(second, "/api/v1/alerts").json()["incomplete"], [name])
                if number == 0:
                    self.until(lambda: re.search(r"peer_garbage .*error=\"receiver", second.process.text()),
                               "the listing's garbage in the log", [second.process])
                second.process.stop()

    def test_that_never_answers(self):
        with socket.create_server(("127.0.0.1", self.ports[0])):  # takes connections, never reads
            self._sent_and_marked()

    def test_that_is_not_there(self):
        self._sent_and_marked()

    def test_that_refuses_our_token(self):
        other = self.stack.path("other.token", "another-token-of-a-peer\n")
        first = self.side(0, token_file=other)
        self.assertEqual(self.ask(first, "/api/v1/cpu", self.peer_token).status, 401)
        self._sent_and_marked()


class Replies(PeersTest):
    def test_the_seconds_resolved_replies_to_the_firsts_firing(self):
        telegram = Telegram(self.stack)
        flags = ["--telegram-api-url", telegram.url, "--telegram-token-file", telegram.token_file,
                 "--telegram-chat", PRIVATE["id"], "--retry-first", "100ms", "--retry-longest", "300ms"]
        sides = [self.side(position, *flags, hold="5s") for position in (0, 1)]
        self.post_all(sides, alert())
        self.all_delivered(sides[1], 1)
        sides[0].process.kill()
        self.post(sides[1], alert(**RESOLVED))
        self.all_delivered(sides[1], 2)
        firing, resolved = telegram.messages(PRIVATE["id"])
        self.assertEqual(resolved.reply_to, firing.message_id)


class OneHistory(PeersTest):
    def test_a_query_shows_what_both_have(self):
        sides = [self.side(0), self.side(1)]
        self.post_all(sides, alert())
        self.post(sides[1], alert(name="Elsewhere", fingerprint="02"))
        for side in sides:
            answer = self.ask(side, "/api/v1/alerts").json()
            self.assertEqual(answer["incomplete"], [])
            self.assertEqual({found["name"]: {each["name"] for each in found["receivers"]}
                              for found in answer["alerts"]},
                             {ALERT: {"fraud-0", "fraud-1"}, "Elsewhere": {"fraud-1"}})
        self.assertEqual(len(sides[0].alerts(scope="local")), 1)
        sides[1].process.kill()
        answer = self.ask(sides[0], "/api/v1/alerts").json()
        self.assertEqual(len(answer["alerts"]), 1)
        self.assertEqual(answer["incomplete"], [f"127.0.0.1:{self.ports[1]}"])

    def test_peers_may_read_what_this_one_has_and_no_more(self):
        side = self.side(0)
        for path, token, status in (
                ("/api/v1/alerts?scope=local", self.peer_token, 200),
                ("/api/v1/alerts", self.peer_token, 401),
                ("/api/v1/alerts/1", self.peer_token, 401),
                ("/api/v1/cpu", self.peer_token, 200),
                ("/api/v1/cpu?window=60s", None, 200),
                ("/api/v1/cpu", side.tokens["webhook"], 401)):
            with self.subTest(path=path):
                self.assertEqual(self.ask(side, path, token).status, status)
        for path in ("delivery", "delivered"):
            url = f"{side.url}/api/v1/peer/{path}"
            self.assertEqual(web.call(url, side.tokens["query"], {}).status, 401)
            self.assertEqual(web.call(url, self.peer_token, {}).status, 400)

    def test_a_transition_keeps_the_cpus_of_the_peers(self):
        receiver = self.receiver()
        sides = self.pair(receiver)
        self.post(sides[0], alert())
        (kept,) = self.until(lambda: sides[0].alert(1)["transitions"][0]["peers"],
                             "evidence of the peers")
        self.assertEqual(kept["name"], "fraud-1")
        self.assertIs(kept["evidence"]["target_found"], True)
