"""The stand-in refuses what the real Bot API refuses, in its words, and takes all else."""

import json
import socket
import ssl

from tests.stack import wait, web
from tests.stack.certificate import Certificate
from tests.stack.telegram import Telegram
from tests.telegram.requests import (
    BLOCKED, CHATS, FORM, FORUM, GROUP, JSON, KICKED, LOCKED, NEW, OLD, PLAIN, PRIVATE, StandInTest)

class Addressing(StandInTest):
    def test_who_am_i(self):
        for method in ("getMe", "getme"):
            reply = self.request("GET", self.path(method))
            self.assertEqual(reply.status, 200)
            self.assertEqual(reply.json()["result"]["id"], int(self.telegram.token.split(":")[0]))

    def test_paths_that_lead_nowhere(self):
        token = self.telegram.token
        missing = ["/", "/bot", "/botsendMessage", f"/{token}/getMe", f"/bot/{token}/getMe",
                   f"/bot{token}", f"/bot{token}/getMe/", "/botabc/getMe", "/bot0:abc/getMe",
                   f"/bot{token[:5]}%20/getMe"]
        for path in missing:
            with self.subTest(path):
                self.refused(self.request("GET", path), 404, "Not Found")

    def test_unknown_method(self):
        self.refused(self.request("POST", self.path("sendMesage")), 404,
                     "Not Found: method not found")

    def test_wrong_token(self):
        for token in ("123:abc", self.telegram.token[:-1], self.telegram.token + "x"):
            self.refused(self.request("GET", self.path("getMe", token)), 401, "Unauthorized")

    def test_a_colon_may_be_escaped(self):
        path = self.path("getMe", self.telegram.token.replace(":", "%3A"))
        self.assertEqual(self.request("GET", path).status, 200)

    def test_changed_token(self):
        old = self.telegram.token
        self.telegram.change_token()
        self.refused(self.request("GET", self.path("getMe", old)), 401, "Unauthorized")
        self.assertEqual(self.request("GET", self.path("getMe")).status, 200)
        self.assertEqual(self.telegram.token_file.read_text(encoding="ascii").strip(), old)

    def test_other_http_methods(self):
        for method in ("PUT", "DELETE", "HEAD"):
            reply = self.request(method, self.path("getMe"))
            self.assertEqual(reply.status, 501)

    def test_the_token_is_in_no_file(self):
        self.send()
        self.request("GET", self.path("getMe", self.telegram.token + "x"))
        self.request("PUT", self.path())
        token = self.telegram.token.encode()
        for path in (*self.telegram.directory.rglob("*"), *self.stack.directory.glob("*.log")):
            if path.is_file():
                self.assertNotIn(token, path.read_bytes(), path)


class Encodings(StandInTest):
    def test_the_three_encodings(self):
        body = f"chat_id={PRIVATE}&text=a+%D1%84&disable_notification=true".encode()
        sent = {JSON: self.post({"chat_id": PRIVATE, "text": "a ф", "disable_notification": True}),
                FORM: self.post(body, FORM),
                "query": self.get(chat_id=PRIVATE, text="a ф", disable_notification="true")}
        for kept, (name, reply) in zip(self.new_messages(), sent.items(), strict=True):
            with self.subTest(name):
                self.assertEqual(reply.status, 200, reply.body)
                self.assertEqual((kept.text, kept.silent, kept.record["encoding"]),
                                 ("a ф", True, name))
        self.assertEqual(self.new_messages()[1].record["body"].encode(), body)

    def test_structures_in_a_form_are_json(self):
        entities = json.dumps([{"type": "bold", "offset": 0, "length": 2}])
        kept = self.taken(self.get(chat_id=PRIVATE, text="abc", entities=entities))
        self.assertEqual(kept.bold(), ["ab"])

    def test_bodies_that_are_no_json(self):
        for body in (b'{"chat_id": 11, "text": "a"', b'[1]', b'"a"', b'{"chat_id": NaN}', b"\0",
                     b'{"chat_id": 11} x', b"[" * 5000):
            with self.subTest(body[:30]):
                self.refused(self.post(body), 400, "stand-in: the body is no JSON object")

    def test_a_body_of_another_type_is_not_looked_at(self):
        reply = self.post({"chat_id": PRIVATE, "text": "a"}, "text/plain")
        self.refused(reply, 400, "Bad Request: message text is empty")
        reply = self.post(b"--x--", "multipart/form-data; boundary=x")
        self.refused(reply, 400, "stand-in: multipart/form-data is not modelled")

    def test_text_that_is_no_utf8(self):
        wrong = "Bad Request: strings must be encoded in UTF-8"
        for body, kind in ((b'{"chat_id": 11, "text": "\xff"}', JSON), (b"text=\xff", FORM),
                           (b"chat_id=11&text=%ff", FORM),
                           (b'{"chat_id": 11, "text": "\\ud83d"}', JSON)):
            with self.subTest(body):
                self.refused(self.post(body, kind), 400, wrong)

    def test_parameters_that_are_wrong_or_unknown(self):
        for more, why in (
                ({"entites": []}, "parameter entites is not modelled"),
                ({"reply_markup": {}}, "parameter reply_markup is not modelled"),
                ({"disable_notification": "maybe"}, "disable_notification is neither true nor false"),
                ({"message_thread_id": "x"}, "message_thread_id is no positive integer"),
                ({"message_thread_id": 7.5}, "message_thread_id is no positive integer"),
                ({"message_thread_id": True}, "message_thread_id is no positive integer"),
                ({"link_preview_options": {"url": "x"}}, "link preview option url is not modelled"),
                ({"text": 5}, "text is no string"), ({"entities": "no"}, "entities is no array"),
                ({"entities": {}}, "entities is no array"), ({"entities": None}, "entities is no array")):
            with self.subTest(more):
                self.refused(self.post({"chat_id": PRIVATE, "text": "a", **more}), 400,
                             f"stand-in: {why}")

    def test_link_preview_options(self):
        off = {"is_disabled": True}
        self.assertEqual(self.taken(self.send(link_preview_options=off)).record[
            "link_preview_options"], off)
        for options, why in (([], "object expected as link preview options"),
                             ("{", "can't parse link preview options JSON object"),
                             ({"is_disabled": "x"}, 'field "is_disabled" must be of type Boolean')):
            with self.subTest(options):
                self.assertEqual(self.send(link_preview_options=options).json()["description"],
                                 f"Bad Request: {why}")

    def test_a_parameter_given_twice(self):
        for body, kind in ((b'{"chat_id": 11, "text": "a", "text": "b"}', JSON),
                           (b"chat_id=11&text=a&text=b", FORM)):
            self.refused(self.post(body, kind), 400, "stand-in: a parameter is given twice")

    def test_bodies_that_are_too_large(self):
        reply = self.post(b"x" * ((1 << 20) + 1))
        self.refused(reply, 413, "Request Entity Too Large: too many parameters")
        with socket.create_connection(("127.0.0.1", self.telegram.port), 5) as connection:
            connection.sendall(f"POST {self.path()} HTTP/1.1\r\nHost: x\r\n"
                               "Content-Length: 99999999999999\r\n\r\n".encode())
            self.assertIn(b" 413 ", connection.recv(4096))

    def test_framing_that_is_not_understood(self):
        for headers, code in (({"Content-Length": "-1"}, 400), ({"Content-Length": "x"}, 400),
                              ({"Transfer-Encoding": "chunked"}, 400)):
            reply = self.request("POST", self.path(), headers=headers)
            self.assertEqual(reply.status, code)
        self.assertEqual(self.new_messages(), [])


class Places(StandInTest):
    def test_chats_that_are_refused(self):
        for chat, why in (("", "chat_id is empty"), (99, "chat not found"),
                          ("abc", "chat not found"), (1.5, "chat not found"),
                          (None, "chat not found"), (True, "chat not found"),
                          ("@nobody", "chat not found")):
            with self.subTest(chat):
                self.refused(self.send(chat), 400, f"Bad Request: {why}")
        self.refused(self.post({"text": "a"}), 400, "Bad Request: chat_id is empty")

    def test_chats_that_are_closed_to_the_bot(self):
        self.refused(self.send(BLOCKED), 403, "Forbidden: bot was blocked by the user")
        self.refused(self.send(KICKED), 403, "Forbidden: bot was kicked from the supergroup chat")

    def test_a_group_that_became_a_supergroup(self):
        self.refused(self.send(OLD), 400, "Bad Request: group chat was upgraded to a supergroup chat",
                     migrate_to_chat_id=NEW)
        self.assertEqual(self.taken(self.send(NEW)).chat_id, NEW)

    def test_chats_that_are_taken(self):
        for chat in (PRIVATE, str(PRIVATE), PLAIN, GROUP, str(GROUP)):
            self.assertEqual(self.taken(self.send(chat)).chat_id, int(chat))
        self.assertEqual(self.taken(self.send("@Watchers")).chat_id, GROUP)

    def test_chats_may_change(self):
        self.addCleanup(self.telegram.set_chats, CHATS)
        self.telegram.set_chats([{"id": PLAIN, "type": "group", "blocked": True}])
        self.refused(self.send(PLAIN), 403, "Forbidden: bot was kicked from the group chat")

    def test_topics(self):
        for chat, topic in ((FORUM, 9), (FORUM, 1), (LOCKED, 1), (GROUP, 7), (PRIVATE, 7)):
            with self.subTest(chat=chat, topic=topic):
                self.refused(self.send(chat, message_thread_id=topic), 400,
                             "Bad Request: message thread not found")
        self.refused(self.send(FORUM, message_thread_id=8), 400, "Bad Request: TOPIC_CLOSED")
        self.refused(self.send(LOCKED), 400, "Bad Request: TOPIC_CLOSED")
        reply = self.send(FORUM, message_thread_id=7)
        self.assertEqual(self.taken(reply).topic, 7)
        self.assertIs(reply.json()["result"]["is_topic_message"], True)
        self.assertIsNone(self.taken(self.send(FORUM)).topic)
        self.assertEqual(self.taken(self.send(LOCKED, message_thread_id="7")).topic, 7)

    def test_replies(self):
        first = self.taken(self.send(NEW)).message_id
        reply = self.send(NEW, "RESOLVED fire", reply_parameters={"message_id": first})
        self.assertEqual(self.taken(reply).reply_to, first)
        self.assertEqual(reply.json()["result"]["reply_to_message"]["message_id"], first)
        gone = {"message_id": 9999, "allow_sending_without_reply": True}
        self.assertIsNone(self.taken(self.send(NEW, reply_parameters=gone)).reply_to)

    def test_replies_that_are_refused(self):
        for parameters, why in (
                ({"message_id": 9999}, "Bad Request: message to be replied not found"),
                (5, "Bad Request: object expected as reply parameters"),
                ("{", "Bad Request: can't parse reply parameters JSON object"),
                ({}, 'Bad Request: can\'t find field "message_id"'),
                ({"message_id": "x"}, "stand-in: message_id is no positive integer"),
                ({"message_id": 1, "chat_id": 5}, "stand-in: reply parameter chat_id is not modelled")):
            with self.subTest(parameters):
                self.refused(self.send(GROUP, reply_parameters=parameters), 400, why)

    def test_messages_survive_a_restart(self):
        first = self.taken(self.send(PRIVATE)).message_id
        self.telegram.process.stop()
        self.telegram.start()
        kept = self.taken(self.send(PRIVATE, reply_parameters={"message_id": first}))
        self.assertEqual(kept.message_id, first + 1)


class Tls(StandInTest):
    def test_a_trusted_certificate_and_a_strange_one(self):
        made = Certificate(self.stack)
        telegram = Telegram(self.stack, certificate=made, name="secure")
        url = f"{telegram.url}/bot{telegram.token}/getMe"
        with self.assertRaises(OSError):
            web.call(url)  # trusts the machine's authorities only
        wait.until(lambda: telegram.count("tls failed") == 1, 10, "the failed handshake")
        context = ssl.create_default_context(cafile=made.ca)
        with socket.create_connection(("127.0.0.1", telegram.port), 5) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(f"GET /bot{telegram.token}/getMe HTTP/1.1\r\n\r\n".encode())
                self.assertIn(b"200 OK", connection.recv(4096))
