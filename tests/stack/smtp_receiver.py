"""A real SMTP server (aiosmtpd) that keeps what it accepts: the administrator's mailbox.

    /usr/bin/python3 -m tests.stack.smtp_receiver DIR [--tls starttls|implicit --certificate PEM]
                                                      [--user NAME --password-file FILE]

Each accepted message becomes DIR/inbox/NNNNNN.eml, with its envelope and the moment of arrival as
headers in front. DIR/port tells the port. DIR/events gets a line for each thing that happened, so that
tests can wait for it; and at the end of a connection that began under a fault "under BEHAVIOUR: DONE in
SECONDS s", where DONE are the codes answered, and "kept" where a message was stored, with ", then
another" when the behaviour changed meanwhile. DIR/behaviour is read anew at each step:

    accept               (or no file)
    hang                 no greeting
    hang STAGE           no answer at STAGE until the behaviour is another; STAGE also content, which is
                         in the middle of the message, and for good
    refuse STAGE CODE    STAGE is login, sender, recipient or data; CODE as "451" or "550"
    keep-and-hang        stores the message, never answers the final dot
    keep-and-drop        stores the message, then closes the connection without an answer
    drop                 closes the connection after accepting it
    drip SECONDS         each answer comes byte by byte, and takes so long
"""

import argparse
import asyncio
import datetime
import itertools
import pathlib
import ssl
import time

from aiosmtpd.smtp import SMTP, AuthResult

POLL_SECONDS = 0.02


class Mailbox:
    """The directory: behaviour in, events and messages out."""

    def __init__(self, directory):
        self._directory = directory
        self._inbox = directory / "inbox"
        self._inbox.mkdir(exist_ok=True)
        self._numbers = itertools.count(len(list(self._inbox.glob("*.eml"))) + 1)

    def behaviour(self):
        try:
            return (self._directory / "behaviour").read_text(encoding="ascii").split() or ["accept"]
        except FileNotFoundError:
            return ["accept"]

    def refusal(self, stage):
        """The answer that refuses this stage, None to let it pass."""
        words = self.behaviour()
        if words[:2] != ["refuse", stage]:
            return None
        self.event(f"refused {stage}")
        return f"{words[2]} refused on purpose at {stage}"

    async def pass_by(self, stage):
        """Returns when nothing hangs at this stage."""
        if self.behaviour() != ["hang", stage]:
            return
        self.event(f"hung {stage}")
        while self.behaviour() == ["hang", stage]:
            await asyncio.sleep(POLL_SECONDS)

    def followed(self, words, done, seconds):
        """A connection that began under `words` has ended."""
        if words != ["accept"]:
            then = "" if self.behaviour() == words else ", then another"
            self.event(f"under {' '.join(words)}: {' '.join([*done, 'in'])} {seconds:.2f} s{then}")

    def event(self, text):
        with open(self._directory / "events", "a", encoding="ascii") as events:
            events.write(text + "\n")

    def store(self, envelope):
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        head = (f"X-Received-At: {now}\r\nX-Envelope-From: {envelope.mail_from}\r\n"
                f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n")
        name = f"{next(self._numbers):06d}.eml"
        part = self._directory / f"{name}.part"
        part.write_bytes(head.encode() + envelope.content)
        part.rename(self._inbox / name)  # whoever reads sees a whole message or none
        self.event("stored")


class Handler:
    """aiosmtpd's hooks. The names are its contract."""

    def __init__(self, mailbox):
        self._mailbox = mailbox

    async def handle_MAIL(self, _server, _session, envelope, address, options):
        await self._mailbox.pass_by("sender")
        refusal = self._mailbox.refusal("sender")
        if refusal:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        await self._mailbox.pass_by("recipient")
        refusal = self._mailbox.refusal("recipient")
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):
        await self._mailbox.pass_by("data")
        refusal = self._mailbox.refusal("data")
        if refusal:
            return refusal
        self._mailbox.store(envelope)
        server.done.append("kept")
        behaviour = self._mailbox.behaviour()[0]
        if behaviour == "keep-and-hang":
            await asyncio.Event().wait()
        if behaviour == "keep-and-drop":
            server.transport.abort()
        return "250 OK: kept"


class Server(SMTP):
    """One connection."""

    def __init__(self, mailbox, **options):
        super().__init__(Handler(mailbox), hostname="localhost", ident="test receiver", **options)
        self._mailbox = mailbox
        self.done = []

    async def _handle_client(self):
        self._mailbox.event("connected")
        words, since = self._mailbox.behaviour(), time.monotonic()
        try:
            await self._converse()
        finally:
            self._mailbox.followed(words, self.done, time.monotonic() - since)

    async def _converse(self):
        if self._mailbox.behaviour() == ["hang"]:
            await asyncio.Event().wait()
        if self._mailbox.behaviour() == ["drop"]:
            self.transport.abort()
            return
        await super()._handle_client()

    async def push(self, status):
        if self.transport and not self.transport.is_closing():
            self.done.append(status[:3] if isinstance(status, str) else status[:3].decode())
        words = self._mailbox.behaviour()
        if words[0] != "drip":
            await super().push(status)
            return
        answer = f"{status}\r\n".encode() if isinstance(status, str) else status + b"\r\n"
        for byte in answer:
            self._writer.write(bytes([byte]))
            await self._writer.drain()
            await asyncio.sleep(float(words[1]) / len(answer))

    async def smtp_DATA(self, arg):
        if self._mailbox.behaviour() == ["hang", "content"]:
            await self.push("354 begin")
            await self._reader.readline()
            self._mailbox.event("hung content")
            await asyncio.Event().wait()
        await super().smtp_DATA(arg)


def authenticator(mailbox, user, password):
    def check(_server, _session, _envelope, _mechanism, data):
        refusal = mailbox.refusal("login")
        if refusal:
            return AuthResult(success=False, handled=False, message=refusal)
        good = (data.login, data.password) == (user.encode(), password.encode())
        mailbox.event("login good" if good else "login bad")
        return AuthResult(success=good, handled=False)

    return check


def connection_options(mailbox, arguments, context):
    options = {}
    if arguments.tls == "starttls":
        options.update(tls_context=context, require_starttls=True)
    if arguments.user:
        password = arguments.password_file.read_text(encoding="utf-8").strip()
        # With implicit TLS aiosmtpd does not know that the line is safe.
        options.update(auth_required=True, auth_require_tls=arguments.tls == "starttls",
                       authenticator=authenticator(mailbox, arguments.user, password))
    return options


async def serve(arguments):
    mailbox = Mailbox(arguments.directory)
    context = None
    if arguments.tls != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(arguments.certificate)
    options = connection_options(mailbox, arguments, context)
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(mailbox, loop=asyncio.get_running_loop(), **options), arguments.address,
        arguments.port, ssl=context if arguments.tls == "implicit" else None)
    part = arguments.directory / "port.part"
    part.write_text(str(server.sockets[0].getsockname()[1]), encoding="ascii")
    part.rename(arguments.directory / "port")
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description="keeps mails in a directory")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
    parser.add_argument("--certificate", type=pathlib.Path, help="PEM with key and certificate")
    parser.add_argument("--user")
    parser.add_argument("--password-file", type=pathlib.Path)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
