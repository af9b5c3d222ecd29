"""A strict stand-in for the Telegram Bot API: refuses what the real one refuses, keeps what it accepts.

    /usr/bin/python3 -m tests.stack.telegram_server DIR --token-file FILE [--port N]
        [--certificate PEM] [--chat-per-second X] [--chat-burst N] [--group-per-minute N]
        [--minute SECONDS] [--all-per-second N] [--body-max BYTES]

It knows getMe and sendMessage, and the chats of DIR/chats.json (telegram_chats.py). The token file holds
the bot's token and is read anew at each request; the token is written nowhere else. Each accepted
message becomes DIR/inbox/NNNNNN.json. DIR/port tells the port. DIR/events gets a line for each thing
that happened: "connected", "method sendMessage", "stored", "answered CODE", "refused CODE WHY", "early"
(the sender had been told to wait longer), "fault WORD", "gone" (a peer left), "tls failed"; at the end of
a request under a fault "under BEHAVIOUR: DONE in SECONDS s": "taken" or not, then CODE, "half" or nothing.
DIR/behaviour is read anew at each step; "BEHAVIOUR N times" goes back to accept after N requests:

    accept            (or no file)
    status CODE       502, 503, 504 and those below 400 with a page of nginx, others with JSON
    429 SECONDS (flood control), 400 TEXT, 403 TEXT, 401
    hang              takes the request, never answers, stores nothing
    drop              closes the connection after accepting it, stores nothing
    slow SECONDS      waits before it looks at the request
    hold              waits until the behaviour is another, then goes on as that says
    keep-and-hang, keep-and-drop, keep-and-502, keep-and-cut
                      as accept, but the answer never comes, the connection is closed, or the answer
                      is an outage or breaks off in the middle
    drip SECONDS      as accept, but the answer comes byte by byte, and takes so long
"""

import argparse
import http
import http.server
import pathlib
import re
import select
import ssl
import sys
import threading
import time
import traceback
import urllib.parse

from tests.stack import telegram_rules
from tests.stack.telegram_answers import Refused, outage, stricter, too_many
from tests.stack.telegram_bot import TOKEN, Bot, read_token
from tests.stack.folder import Folder
from tests.stack.telegram_pace import Limits

CONNECTIONS_MAX = 64
IDLE_SECONDS = 30  # how long a peer may be silent
HANG_SECONDS = 600
POLL_SECONDS = 0.02
_PATH = re.compile(r"/bot([^/]*)/([^/]*)")


class Gone(Exception):
    """There is nobody to answer, or nobody shall be answered."""


class Exchange(http.server.BaseHTTPRequestHandler):
    """One connection; do_GET and do_POST are called for each request on it."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    _words, _done = ("accept",), ()  # of the present request: its behaviour, and what was done

    def handle(self):
        folder = self.server.folder
        folder.event("connected")
        if folder.behaviour(only="drop") != ["accept"]:
            folder.event("fault drop")
            folder.event("under drop: in 0.00 s")
            return
        try:
            if self.server.tls:
                self.connection.do_handshake()
        except OSError:
            folder.event("tls failed")
            return
        super().handle()

    def log_message(self, *_):
        """Nothing: the request line holds the token."""

    def send_error(self, code, message=None, explain=None):
        """For what http.server refuses by itself, which would repeat the request line."""
        self.close_connection = True
        self._write(Refused(int(code), http.HTTPStatus(code).phrase).answer())

    def do_GET(self):
        self._exchange()

    def do_POST(self):
        self._exchange()

    def _exchange(self):
        since, self._words, self._done = time.monotonic(), ["accept"], []
        try:
            self._write(self._answer())
        except Gone:
            self.close_connection = True
        except OSError:  # also a peer that is silent for too long
            self.server.folder.event("gone")
            self.close_connection = True
        if self._words != ["accept"]:
            done = " ".join([*self._done, "in"])
            self.server.folder.event(f"under {' '.join(self._words)}: {done} {time.monotonic() - since:.2f} s")

    def _answer(self):
        folder = self.server.folder
        try:
            body = self._body()
            words = self._words = self._behaviour()
            forced = self._before(*words)
            answer = forced or self._call(body)
            self._done += [] if forced else ["taken"]
        except Refused as refused:
            folder.event(f"refused {refused.code} {refused.description}")
            return refused.answer()
        return forced or self._after(words, answer)

    def _behaviour(self):
        folder = self.server.folder
        words = folder.behaviour()
        if words != ["accept"]:
            folder.event(f"fault {words[0]}")
        while words == ["hold"]:
            self.server.stopping.wait(POLL_SECONDS)
            words = folder.behaviour()
        return words

    def _body(self):
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise stricter("chunked bodies are not modelled")
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch(r"[0-9]{1,18}", length) or int(length) > self.server.body_max:
            self.close_connection = True
            if not length.isascii() or not length.isdigit():
                raise Refused(400, "Bad Request")
            if len(length) < 9:  # read on, or the answer is lost when the peer still writes
                self._discard(int(length))
            raise Refused(413, "Request Entity Too Large: too many parameters")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.server.folder.event("gone")
            raise Gone
        return body

    def _discard(self, length):
        while length > 0 and (block := self.rfile.read(min(length, 65536))):
            length -= len(block)

    def _before(self, word, argument=""):
        """What happens before anything is looked at: an answer, or None to go on."""
        if word == "hang":
            self._hang()
        if word == "drop":
            raise Gone
        if word == "slow":
            self.server.stopping.wait(float(argument))
        elif word == "status":
            return outage(int(argument))
        elif word == "429":
            raise too_many(int(argument))
        elif word in ("400", "401", "403"):
            raise Refused(int(word), f"{_PREFIX[word]}{': ' if argument else ''}{argument}")
        elif word not in ("accept", *_AFTER):
            raise Refused(500, f"stand-in: no behaviour {word}")
        return None

    def _after(self, words, answer):
        """What becomes of the answer to a request that was taken."""
        word = words[0]
        if word == "keep-and-hang":
            self._hang()
        if word == "keep-and-drop":
            raise Gone
        if word == "keep-and-cut":
            self._write(answer, cut=True)
            raise Gone
        if word == "drip":
            self._drip(answer, float(words[1]))
        return outage(502) if word == "keep-and-502" else answer

    def _drip(self, answer, seconds):
        head = f"HTTP/1.1 {answer.status} OK\r\nContent-Length: {len(answer.body)}\r\nConnection: close\r\n\r\n"
        whole = head.encode() + answer.body
        for byte in whole:
            self.wfile.write(bytes([byte]))
            self.server.stopping.wait(seconds / len(whole))
        raise Gone

    def _hang(self):
        """Until the peer has gone, and not for ever."""
        select.select([self.connection], [], [], HANG_SECONDS)
        self.server.folder.event("gone")
        raise Gone

    def _call(self, body):
        path, _, query = self.path.partition("?")
        found = _PATH.fullmatch(urllib.parse.unquote(path))
        if not found or not TOKEN.fullmatch(found[1]):
            raise Refused(404, "Not Found")
        if found[1] != read_token(self.server.token_file):
            raise Refused(401, "Unauthorized")
        self.server.folder.event(f"method {found[2]}")
        kind = telegram_rules.encoding(self.headers.get("Content-Type")) if body else None
        arguments = telegram_rules.arguments(query, body if kind else b"", kind)
        request = {"encoding": kind or telegram_rules.QUERY, "body": body.decode() if body else query}
        return self.server.bot.call(found[2], arguments, request, time.monotonic())

    def _write(self, answer, cut=False):
        self._done = [*self._done, "half" if cut else str(answer.status)]
        self.send_response(answer.status)
        for name, value in (("Content-Type", answer.content_type), *answer.headers,
                            ("Content-Length", str(len(answer.body)))):
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body[:len(answer.body) // 2] if cut else answer.body)
        self.server.folder.event(f"answered {answer.status}")

    def version_string(self):
        return "nginx/1.18.0"


_PREFIX = {"400": "Bad Request", "401": "Unauthorized", "403": "Forbidden"}
_AFTER = ("slow", "keep-and-hang", "keep-and-drop", "keep-and-502", "keep-and-cut", "drip")


class Server(http.server.ThreadingHTTPServer):
    """A thread per connection, at most CONNECTIONS_MAX."""

    request_queue_size = CONNECTIONS_MAX

    def __init__(self, arguments):
        super().__init__(("127.0.0.1", arguments.port), Exchange)
        self.folder = Folder(arguments.directory)
        self.token_file = arguments.token_file
        self.body_max = arguments.body_max
        self.stopping = threading.Event()
        limits = Limits(arguments.chat_per_second, arguments.chat_burst, arguments.group_per_minute,
                        arguments.minute, arguments.all_per_second)
        identifier = int(read_token(arguments.token_file).partition(":")[0])
        self.bot = Bot(self.folder, identifier, limits)
        self._room = threading.BoundedSemaphore(CONNECTIONS_MAX)
        self.tls = None
        if arguments.certificate:
            self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.tls.load_cert_chain(arguments.certificate)

    def get_request(self):
        connection, address = super().get_request()
        if self.tls:  # the handshake is made by the connection's own thread
            connection.settimeout(IDLE_SECONDS)
            connection = self.tls.wrap_socket(connection, server_side=True,
                                              do_handshake_on_connect=False)
        return connection, address

    def process_request(self, request, client_address):
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.folder.event("crowded")
            self.shutdown_request(request)

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request, client_address):
        if isinstance(sys.exc_info()[1], OSError):
            self.folder.event("gone")
        else:
            traceback.print_exc()


def main():
    limits = Limits()
    parser = argparse.ArgumentParser(description="stands in for api.telegram.org")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--token-file", type=pathlib.Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", type=pathlib.Path, help="PEM with key and certificate")
    parser.add_argument("--chat-per-second", type=float, default=limits.chat_per_second)
    parser.add_argument("--chat-burst", type=int, default=limits.chat_burst)
    parser.add_argument("--group-per-minute", type=int, default=limits.group_per_minute)
    parser.add_argument("--minute", type=float, default=limits.minute, help="seconds of a minute")
    parser.add_argument("--all-per-second", type=int, default=limits.all_per_second)
    parser.add_argument("--body-max", type=int, default=1 << 20)
    server = Server(parser.parse_args())
    server.folder.announce(server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
