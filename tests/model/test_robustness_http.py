"""Bytes that are no proper request: the right status, and no second request hidden in the first."""

from tests.model.robustness import (CLOSED, CLOSED_TWICE, MODEL, OPEN, VALID, RobustnessTest, Wire,
                                    head, post)

HIDDEN = MODEL  # were the request before it misread, this one would be answered too
LENGTH = f"Content-Length: {len(VALID)}"
CHUNKED = "Transfer-Encoding: chunked"
SIZE = f"{len(VALID):x}".encode()
CHUNKS = SIZE + b"\r\n" + VALID + b"\r\n0\r\n\r\n"

# name, bytes, status of each answer, the connection after them
METHODS_AND_PATHS = [
    ("GET for POST", b"GET /predict HTTP/1.1\r\nHost: model\r\n\r\n", [405], OPEN),
    ("POST for GET", post(b"", "/model"), [405], OPEN),
    ("DELETE", b"DELETE /predict HTTP/1.1\r\nHost: model\r\n\r\n", [405], OPEN),
    ("OPTIONS", b"OPTIONS /predict HTTP/1.1\r\nHost: model\r\n\r\n", [405], OPEN),
    ("TRACE", b"TRACE /model HTTP/1.1\r\nHost: model\r\n\r\n", [405], OPEN),
    ("a method of its own", b"BREW /model HTTP/1.1\r\nHost: model\r\n\r\n", [405], OPEN),
    ("lower case", b"get /model HTTP/1.1\r\nHost: model\r\n\r\n", [405], OPEN),
    ("CONNECT", b"CONNECT example.org:443 HTTP/1.1\r\nHost: model\r\n\r\n", [404], OPEN),
    ("unknown path", b"GET /admin HTTP/1.1\r\nHost: model\r\n\r\n", [404], OPEN),
    ("unknown path with a body", post(VALID, "/predict2"), [404], CLOSED),
    ("POST to a GET path with a body", post(VALID, "/model"), [405], CLOSED),
    ("dots", b"GET /x/../model HTTP/1.1\r\nHost: model\r\n\r\n", [404], OPEN),
    ("NUL in the path", b"GET /model%00 HTTP/1.1\r\nHost: model\r\n\r\n", [404], OPEN),
    ("the admin's path", b"GET /metrics HTTP/1.1\r\nHost: model\r\n\r\n", [404], OPEN),
    ("stress without the flag", post(b"", "/cpu"), [404], OPEN),
    ("a whole URL", b"GET http://x/model HTTP/1.1\r\nHost: model\r\n\r\n", [404], OPEN),
    ("a query", b"GET /model?a=%00&&=&b HTTP/1.1\r\nHost: model\r\n\r\n", [200], OPEN),
    ("a GET with a body", b"GET /model HTTP/1.1\r\nHost: model\r\nContent-Length: 1\r\n\r\nx", [413], CLOSED),
    ("HTTP/1.0", b"GET /model HTTP/1.0\r\n\r\n", [200], CLOSED),
]

LIMITS = [
    ("a long body by its length", head("Content-Length: 1000000000000"), [413], CLOSED),
    ("a long body", post(b"x" * (1 << 20)), [413], CLOSED),
    ("a length beyond 64 bits", head("Content-Length: 99999999999999999999"), [413], CLOSED_TWICE),
    ("a long batch", post(b"x" * (3 << 20), "/predict/batch"), [413], CLOSED),
    ("a long chunked body", head(CHUNKED) + b"100000\r\n" + b"x" * (1 << 20), [413], CLOSED),
    ("a long path", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: model\r\n\r\n", [414], CLOSED),
    ("a long header", head("X: " + "x" * 100_000), [431], CLOSED),
    ("many headers", head(*["X: y"] * 20_000), [431], CLOSED),
    ("two hundred queries", b"GET /model?" + b"a=b&" * 200 + b" HTTP/1.1\r\nHost: model\r\n\r\n", [414], CLOSED),
    ("no host", b"GET /model HTTP/1.1\r\n\r\n", [400], CLOSED),
    ("two hosts", b"GET /model HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", [400], CLOSED),
    ("a NUL behind the path", b"GET /model\0/x HTTP/1.1\r\nHost: a\r\n\r\n", [400], CLOSED),
    ("many queries", b"GET /model?" + b"a&" * 50_000 + b" HTTP/1.1\r\nHost: model\r\n\r\n", [414], CLOSED),
    ("gzip", post(VALID, "/predict", "Content-Encoding: gzip"), [415], CLOSED),
    ("deflate twice", post(VALID, "/predict", "Content-Encoding: gzip, gzip"), [415], CLOSED),
    ("identity", post(VALID, "/predict", "Content-Encoding: identity"), [200], OPEN),
]

# After each of these comes HIDDEN, which must not be answered.
AMBIGUOUS = [
    ("CL.TE", head(LENGTH, CHUNKED) + CHUNKS, [400], CLOSED),
    ("TE.CL", head(CHUNKED, LENGTH) + CHUNKS, [400], CLOSED),
    ("TE.TE", head(CHUNKED, "Transfer-Encoding: identity") + CHUNKS, [400], CLOSED),
    ("TE twice", head(CHUNKED, CHUNKED) + CHUNKS, [400], CLOSED),
    ("TE list", head("Transfer-Encoding: gzip, chunked") + CHUNKS, [400], CLOSED),
    ("TE in disguise", head("Transfer-Encoding: xchunked", LENGTH) + VALID, [400], CLOSED),
    ("TE with a blank before the colon", head("Transfer-Encoding : chunked", LENGTH) + VALID,
     [400], CLOSED),
    ("TE behind a tab", head("Transfer-Encoding:\tchunked", LENGTH) + VALID, [400], CLOSED),
    ("TE folded", head("Transfer-Encoding:\r\n chunked", LENGTH) + VALID, [400], CLOSED),
    ("TE behind a bare LF", head(b"X: y\nTransfer-Encoding: chunked") + CHUNKS, [400], CLOSED),
    ("CL behind a bare CR", head("X: y\rContent-Length: 4") + VALID, [400], CLOSED),
    ("TE cut by NUL", head(b"Transfer-Encoding: chunked\0x") + CHUNKS, [400], CLOSED),
    ("CL twice", head(LENGTH, "Content-Length: 0") + VALID, [400], CLOSED),
    ("CL twice, equal", head(LENGTH, LENGTH) + VALID, [400], CLOSED),
    ("CL list", head(f"{LENGTH}, {len(VALID)}") + VALID, [400], CLOSED_TWICE),
    ("CL plus", head(f"Content-Length: +{len(VALID)}") + VALID, [400], CLOSED_TWICE),
    ("CL minus", head("Content-Length: -1"), [400], CLOSED_TWICE),
    ("CL hexadecimal", head(f"Content-Length: 0x{len(VALID):x}") + VALID, [400], CLOSED_TWICE),
    ("CL empty", head("Content-Length:"), [400], CLOSED_TWICE),
    ("chunks in HTTP/1.0", head(CHUNKED).replace(b"1.1", b"1.0") + CHUNKS, [400], CLOSED),
    ("chunk size -2", head(CHUNKED) + b"-2\r\nxx\r\n0\r\n\r\n", [400], CLOSED),
    ("chunk size with a blank", head(CHUNKED) + b"2 \r\nxx\r\n0\r\n\r\n", [400], CLOSED),
    ("chunk size 0x2", head(CHUNKED) + b"0x2\r\nxx\r\n0\r\n\r\n", [400], CLOSED),
    ("chunk size beyond 64 bits", head(CHUNKED) + b"1" + b"0" * 16 + b"2\r\nxx", [413], CLOSED),
    ("chunk without its end", head(CHUNKED) + b"2\r\nxxx\r\n0\r\n\r\n", [400], CLOSED),
    ("no colon", head("X"), [400], CLOSED),
    ("no name", head(": x"), [400], CLOSED),
    ("NUL in a name", head(b"X\0: y"), [400], CLOSED),
    ("HTTP/2.0", b"GET /model HTTP/2.0\r\n\r\n", [505], CLOSED),
    ("HTTP/0.9", b"GET /model HTTP/0.9\r\n\r\n", [505], CLOSED),
    ("no version", b"GET /model\r\n\r\n", [400], CLOSED),
]


class Http(RobustnessTest):
    def test_methods_and_paths(self):
        self.check_rows(METHODS_AND_PATHS)

    def test_limits(self):
        self.check_rows(LIMITS)

    def test_an_ambiguous_request_ends_the_connection(self):
        self.check_rows([(name, sent + HIDDEN, *rest) for name, sent, *rest in AMBIGUOUS])

    def test_what_is_not_http_is_not_answered_as_if_it_were(self):
        for sent in (b"garbage\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03\n\n",
                     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\xff" * 5000 + b"\r\n\r\n"):
            with self.subTest(sent[:10]), Wire(self.model.port) as wire:
                wire.send(sent + HIDDEN)
                answer = wire.reply()
                self.assertIn(answer and answer.status, (None, 400, 414, 505))
                self.assertTrue(wire.ended())

    def test_chunks_and_what_may_stand_in_them(self):
        ones = b"".join(b"1\r\n%c\r\n" % byte for byte in VALID) + b"0\r\n\r\n"
        extended = SIZE + b";a=b;c=\"d\"\r\n" + VALID + b"\r\n000;e\r\nTrailer: 1\r\n\r\n"
        with Wire(self.model.port) as wire:
            for chunks in (CHUNKS, ones, extended):
                wire.send(head(CHUNKED) + chunks)
                self.assertEqual(wire.reply().body, self.right)
            self.assertTrue(wire.usable())

    def test_pipelined_requests_are_answered_in_order(self):
        """A refusal that closes is the last answer, whatever stands behind it."""
        with Wire(self.model.port) as wire:
            wire.send(post(VALID) + post(b"{") + MODEL + head(LENGTH, LENGTH) + VALID + post(VALID))
            self.assertEqual([wire.reply().status for _ in range(4)], [200, 422, 200, 400])
            self.assertTrue(wire.ended())

    def test_a_client_that_waits_to_be_told_is_told(self):
        with Wire(self.model.port) as wire:
            wire.send(head(LENGTH, "Expect: 100-continue"))
            self.assertEqual(wire.reply().status, 100)
            wire.send(VALID)
            self.assertEqual(wire.reply().body, self.right)
        with Wire(self.model.port) as wire:
            wire.send(head("Content-Length: 99999999", "Expect: 100-continue"))
            self.assertEqual(wire.reply().status, 413)
            self.assertTrue(wire.ended())

    def test_wherever_a_request_is_cut_it_is_put_together(self):
        whole = post(VALID)
        with Wire(self.model.port) as wire:
            for at in range(1, len(whole)):
                wire.send(whole[:at])
                wire.send(whole[at:])
                self.assertEqual(wire.reply().body, self.right, whole[:at])
