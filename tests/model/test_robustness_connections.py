"""Clients that do not end, do not read, do not send, or come in crowds."""

import resource
import select
import socket
import time
import unittest

from tests.model.robustness import MODEL, VALID, RobustnessTest, Wire, head, post

CROWD = 1200
CHUNKED = "Transfer-Encoding: chunked"


def readable(wire, seconds):
    """Whether an answer or the end has come."""
    return bool(select.select([wire.socket], [], [], seconds)[0])


class Endless(RobustnessTest):
    """A message that goes on is ended by its size or by its deadline."""

    FLAGS = ("--message-deadline", "1s", "--idle-timeout", "1s")

    def refused_while_sending(self, start, part):
        """The status, or None for none."""
        begun = time.monotonic()
        with Wire(self.model.port) as wire:
            wire.send(start)
            while time.monotonic() < begun + 20 and not readable(wire, 0):
                if not wire.send(part):
                    break
            answer = wire.reply()
        return answer and answer.status

    def test_headers_without_end(self):
        for part in (b"X: y\r\n", b"X", b"X: " + b"y" * 4000 + b"\r\n", b"\r", b" folded\r\n"):
            with self.subTest(part[:5]):
                status = self.refused_while_sending(MODEL[:-2], part)
                self.assertIn(status, (400, 431))

    def test_a_line_without_end(self):
        self.assertEqual(self.refused_while_sending(b"GET /", b"a" * 1000), 414)

    def test_chunks_without_end(self):
        status = self.refused_while_sending(head(CHUNKED), b"10\r\n" + b"x" * 16 + b"\r\n")
        self.assertEqual(status, 413)

    def test_a_dribble_is_ended_by_the_deadline(self):
        """Each byte comes in time, the message does not."""
        for start, part in ((MODEL[:-2], b"X"), (head("Content-Length: 9000"), b" "),
                            (head(CHUNKED), b"1\r\n \r\n"), (b"", b"G"), (b"", b"\r\n"),
                            (b"", b"")):
            with self.subTest(start[:10]), Wire(self.model.port) as wire:
                begun = time.monotonic()
                wire.send(start)
                while not readable(wire, 0.05):
                    self.assertLess(time.monotonic() - begun, 10, "it may dribble for ever")
                    wire.send(part)
                    self.assertEqual(self.ask_neighbour(), self.right)
                self.assertIsNone(wire.reply())


class Ends(RobustnessTest):
    """Clients that close their half, or all of it, at any time."""

    def test_a_half_closed_connection_still_gets_its_answer(self):
        for sent in (MODEL, post(VALID), head(CHUNKED) + b"2\r\n{}\r\n0\r\n\r\n"):
            with self.subTest(sent[:10]), Wire(self.model.port) as wire:
                wire.send(sent)
                wire.socket.shutdown(socket.SHUT_WR)
                self.assertIsNotNone(wire.reply())
                self.assertTrue(wire.ended())

    def test_half_a_request_and_the_end(self):
        whole = post(VALID)
        for at in (0, 1, 20, len(whole) - len(VALID) - 1, len(whole) - 1):
            with self.subTest(whole[:at]), Wire(self.model.port) as wire:
                wire.send(whole[:at])
                wire.socket.shutdown(socket.SHUT_WR)
                self.assertTrue(wire.ended())

    def test_who_leaves_in_the_middle_leaves_nothing(self):
        linger = (1).to_bytes(4, "little") + bytes(4)  # the close is a reset
        for reset in (False, True):
            for _ in range(200):
                with Wire(self.model.port) as wire:
                    wire.send(head("Content-Length: 16000") + b"x" * 8000)
                    if reset:
                        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.until(lambda: self.model.metrics().value("http_connections") == 1, "their end")


class Crowd(RobustnessTest):
    """1,200 connections that ask nothing; the neighbour is served all the time."""

    FLAGS = ("--max-connections", "256")

    @classmethod
    def setUpClass(cls):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < CROWD + 500:
            raise unittest.SkipTest(f"only {hard} open files are allowed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (CROWD + 500, hard))
        super().setUpClass()

    def crowd(self, sent=b""):
        """Connections under way or made; the kernel lets in what it has room for."""
        found = []
        for _ in range(CROWD):
            one = socket.socket()
            one.setblocking(False)
            self.addCleanup(one.close)
            one.connect_ex(("127.0.0.1", self.model.port))
            found.append(one)
        if sent:
            poll = select.poll()
            for one in found:
                poll.register(one, select.POLLOUT)
            by_number = {one.fileno(): one for one in found}
            for number, event in poll.poll(1000):
                if event == select.POLLOUT:
                    by_number[number].send(sent)
        return found

    def check_served(self):
        """The neighbour, who may be asked to come again, and a client that comes later."""
        for _ in range(20):
            self.neighbour.send(post(VALID))
            answer = self.neighbour.reply()
            self.assertEqual(answer and answer.status, 200)
            self.assertEqual(answer.body, self.right)
            if answer.headers.get("connection") == "close":
                self.neighbour = self.come_in()

    def come_in(self):
        """A connection of one who keeps trying, as clients do. Each try is short: the kernel, whose queue
        the crowd fills, lets a client whose first packet it dropped wait 1, 3, 7 and then 15 seconds."""
        def tried():
            try:
                wire = Wire(self.model.port, connect_seconds=1)
                wire.send(post(VALID))
                answer = wire.reply()
            except OSError:
                return None
            if answer and answer.status == 200 and answer.headers.get("connection") != "close":
                self.addCleanup(wire.close)
                return wire
            wire.close()
            return None

        return self.until(tried, "a client that comes in")

    def test_idle_connections_make_room(self):
        self.crowd()
        self.check_served()
        begun = time.monotonic()
        self.neighbour = self.come_in()  # a kept connection that rests in a crowd is closed
        self.assertLess(time.monotonic() - begun, 10)

    def test_so_do_those_that_began_a_request(self):
        self.crowd(b"POST /predict HT")
        self.check_served()
        self.neighbour = self.come_in()

    def test_the_admin_port_answers_all_the_time(self):
        self.crowd()
        self.assertIsNotNone(self.model.metrics().value("http_connections"))
