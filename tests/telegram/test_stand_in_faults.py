"""What the stand-in does on purpose: outages, silence, closed connections, answers that get lost."""

import http.client
import socket
import threading

from tests.stack import wait
from tests.stack.telegram_server import CONNECTIONS_MAX
from tests.telegram.requests import FORM, GROUP, StandInTest


class Faults(StandInTest):
    def test_outages(self):
        for status, kind in ((502, "text/html"), (503, "text/html"), (200, "text/html"),
                             (500, "application/json"), (409, "application/json")):
            with self.subTest(status):
                self.telegram.behave(f"status {status}")
                reply = self.send()
                self.assertEqual((reply.status, reply.headers["Content-Type"]), (status, kind))
                if kind == "text/html":
                    self.assertIn(b"nginx", reply.body)
                else:
                    self.assertEqual(reply.json()["error_code"], status)
        self.assertEqual(self.new_messages(), [])

    def test_refusals(self):
        for behaviour, code, description, parameters in (
                ("400 Bad Request: no rights", 400, "Bad Request: Bad Request: no rights", {}),
                ("400 not enough rights", 400, "Bad Request: not enough rights", {}),
                ("401", 401, "Unauthorized", {}),
                ("403 bot was blocked by the user", 403, "Forbidden: bot was blocked by the user", {}),
                ("429 7", 429, "Too Many Requests: retry after 7", {"retry_after": 7}),
                ("nonsense", 500, "stand-in: no behaviour nonsense", {})):
            with self.subTest(behaviour):
                self.telegram.behave(behaviour)
                self.refused(self.send(), code, description, **parameters)

    def test_a_number_of_times(self):
        self.telegram.behave("status 502 2 times")
        self.assertEqual([self.send().status for _ in range(3)], [502, 502, 200])
        self.telegram.behave("drop 1 times")
        with self.assertRaises(OSError):
            self.send()
        self.assertEqual(self.send().status, 200)

    def test_answers_that_never_come(self):
        for behaviour, stored in (("hang", 0), ("drop", 0), ("keep-and-hang", 1),
                                  ("keep-and-drop", 1), ("keep-and-cut", 1)):
            with self.subTest(behaviour):
                before = self.telegram.count("stored")
                fault = f"fault {behaviour}"
                faults = self.telegram.count(fault)
                self.telegram.behave(behaviour)
                with self.assertRaises(OSError):
                    self.impatient()
                wait.until(lambda: self.telegram.count(fault) == faults + 1, 10, behaviour)
                wait.until(lambda: self.telegram.count("stored") == before + stored, 10, "the store")
        self.assertEqual(len(self.new_messages()), 3)

    def impatient(self):
        self.post({"chat_id": GROUP, "text": "FIRING"}, seconds=0.3)

    def test_hanging_ends_when_the_peer_goes(self):
        self.telegram.behave("hang")
        gone = self.telegram.count("gone")
        with self.assertRaises(OSError):
            self.impatient()
        wait.until(lambda: self.telegram.count("gone") == gone + 1, 10, "the end of the exchange")

    def test_a_message_that_is_kept_before_an_outage(self):
        self.telegram.behave("keep-and-502")
        self.assertEqual(self.send().status, 502)
        self.assertEqual(len(self.new_messages()), 1)
        self.assertEqual(self.send(99).status, 400)  # what is refused is refused

    def test_slow(self):
        self.telegram.behave("slow 1")
        with self.assertRaises(OSError):
            self.impatient()
        wait.until(lambda: len(self.new_messages()) == 1, 10, "the message that nobody waits for")

    def test_drip(self):
        self.telegram.behave("drip 0.2")
        self.assertTrue(self.send().json()["ok"])
        self.telegram.behave("drip 600")
        with self.assertRaises(OSError):
            self.impatient()
        wait.until(lambda: len(self.new_messages()) == 2, 10, "the message that nobody waits for")

    def test_a_kept_connection(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.telegram.port, timeout=5)
        self.addCleanup(connection.close)
        connected = self.telegram.count("connected")
        for _ in range(3):
            connection.request("GET", self.path("getMe"))
            self.assertEqual(connection.getresponse().read()[:10], b'{"ok": tru')
        self.assertEqual(self.telegram.count("connected"), connected + 1)
        self.telegram.behave("drop")
        connection.request("GET", self.path("getMe"))
        with self.assertRaises(OSError):
            connection.getresponse()

    def test_a_request_that_breaks_off(self):
        gone = self.telegram.count("gone")
        with socket.create_connection(("127.0.0.1", self.telegram.port), 5) as connection:
            connection.sendall(f"POST {self.path()} HTTP/1.1\r\nContent-Type: {FORM}\r\n"
                               f"Content-Length: 50\r\n\r\nchat_id={GROUP}&text=FIR".encode())
        wait.until(lambda: self.telegram.count("gone") == gone + 1, 10, "the end of the request")
        self.assertEqual(self.new_messages(), [])

    def test_a_crowd_is_bounded(self):
        connections = [socket.create_connection(("127.0.0.1", self.telegram.port), 5)
                       for _ in range(CONNECTIONS_MAX + 1)]
        try:
            wait.until(lambda: self.telegram.count("crowded") >= 1, 10, "a connection too many")
        finally:
            for connection in connections:
                connection.close()
        wait.until(lambda: self.answers(), 10, "room for one more")

    def answers(self):
        try:
            return self.request("GET", self.path("getMe")).status == 200
        except OSError:
            return False

    def test_messages_sent_at_once(self):
        threads = [threading.Thread(target=self.send, args=(GROUP,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        ids = [message.message_id for message in self.new_messages()]
        self.assertEqual(ids, list(range(ids[0], ids[0] + 20)))
