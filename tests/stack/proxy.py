"""Proxies on loopback that count what goes through them, and their owner's side.

    /usr/bin/python3 -m tests.stack.proxy DIR http|socks5 [--port N] [--resolve NAME=ADDRESS[:PORT]]...
                                              [--user NAME --password-file FILE]

http takes CONNECT and absolute URIs, socks5 takes CONNECT only. A name is looked up here, --resolve
before the machine's own names: a name that only the proxy knows proves that the client left it alone.
With PORT, whatever port of NAME is asked for.
DIR/port tells the port. DIR/events gets a line for each request, by its target only, since a URL
may hold a secret: "connect HOST:PORT", "forward HOST:PORT", "socks name HOST:PORT",
"socks address HOST:PORT", "denied" (wrong credentials), "failed HOST:PORT".
"""

import argparse
import asyncio
import base64
import ipaddress
import pathlib
import struct
import urllib.parse

from tests.stack.folder import Folder, Owner

SECONDS = 30  # bound of each step, and how long a tunnel may be silent
_HEAD_MAX = 16384
_CONNECTIONS_MAX = 64


class Denied(Exception):
    """The client is refused; str() is what it is told."""


class Proxy:
    """What both kinds share. `credentials` is "user:password" or None."""

    unreachable = ""  # what a client is told whose target does not answer

    def __init__(self, folder, names, credentials):
        self.folder = folder
        self._names = names
        self._credentials = credentials
        self._room = asyncio.Semaphore(_CONNECTIONS_MAX)

    async def serve(self, reader, writer):
        """One connection; `handshake` of the kind gives the streams to its target."""
        try:
            async with self._room:
                async with asyncio.timeout(SECONDS):
                    target = await self.handshake(reader, writer)
                await _tunnel((reader, writer), target)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError):
            pass  # a peer that went or talks nonsense is shown by what did not arrive
        except Denied as denied:
            writer.write(str(denied).encode("latin-1"))
        finally:
            writer.close()

    async def handshake(self, reader, writer):
        raise NotImplementedError

    async def open(self, host, port):
        address, other = host, ""
        if host in self._names:
            address, _, other = self._names[host].partition(":")
        try:
            return await asyncio.open_connection(address, int(other or port))
        except OSError:
            self.folder.event(f"failed {host}:{port}")
            raise Denied(self.unreachable) from None

    def admit(self, credentials, refusal):
        if self._credentials not in (None, credentials):
            self.folder.event("denied")
            raise Denied(refusal)

    @property
    def asks(self):
        return self._credentials is not None


def _status(line, more=""):
    return f"HTTP/1.1 {line}\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n"


class HttpProxy(Proxy):
    unreachable = _status("502 Bad Gateway")

    async def handshake(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        request, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, uri, version = request.split(" ")
        self._check(fields)
        if method == "CONNECT":
            host, _, port = uri.rpartition(":")
            return await self._connect(host.strip("[]"), int(port), writer)
        parts = urllib.parse.urlsplit(uri)
        if parts.scheme != "http" or not parts.hostname:
            raise Denied(_status("400 Bad Request"))
        self.folder.event(f"forward {parts.hostname}:{parts.port or 80}")
        target = await self.open(parts.hostname, parts.port or 80)
        path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        kept = [field for field in fields if not field.lower().startswith(("proxy-", "connection:"))]
        # One request per connection: the next one may have another target.
        lines = [f"{method} {path} {version}", *kept, "Connection: close", "", ""]
        target[1].write("\r\n".join(lines).encode("latin-1"))
        return target

    async def _connect(self, host, port, writer):
        self.folder.event(f"connect {host}:{port}")
        target = await self.open(host, port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return target

    def _check(self, fields):
        given = None
        for field in fields:
            name, _, value = field.partition(":")
            if name.lower() == "proxy-authorization" and value.strip().startswith("Basic "):
                given = base64.b64decode(value.strip()[6:]).decode()
        self.admit(given, _status("407 Proxy Authentication Required",
                                  'Proxy-Authenticate: Basic realm="test"\r\n'))


class SocksProxy(Proxy):
    """SOCKS 5, RFC 1928 and 1929."""

    unreachable = "\x05\x04\x00\x01" + "\x00" * 6

    async def handshake(self, reader, writer):
        version, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        method = 2 if self.asks else 0
        if version != 5 or method not in offered:
            raise Denied("\x05\xff")
        writer.write(bytes([5, method]))
        if method == 2:
            await self._authenticate(reader, writer)
        _, command, _, kind = await reader.readexactly(4)
        host, named = await _socks_host(reader, kind)
        port = struct.unpack(">H", await reader.readexactly(2))[0]
        if command != 1:
            raise Denied("\x05\x07\x00\x01" + "\x00" * 6)
        self.folder.event(f"socks {'name' if named else 'address'} {host}:{port}")
        target = await self.open(host, port)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        return target

    async def _authenticate(self, reader, writer):
        await reader.readexactly(1)
        user = await reader.readexactly((await reader.readexactly(1))[0])
        password = await reader.readexactly((await reader.readexactly(1))[0])
        self.admit(f"{user.decode()}:{password.decode()}", "\x01\x01")
        writer.write(b"\x01\x00")


async def _socks_host(reader, kind):
    """(host, whether it is a name)"""
    if kind == 3:
        return (await reader.readexactly((await reader.readexactly(1))[0])).decode(), True
    return str(ipaddress.ip_address(await reader.readexactly({1: 4, 4: 16}.get(kind, 0)))), False


async def _tunnel(client, target):
    """Both ways until both have ended or nothing moved for SECONDS."""
    try:
        await asyncio.gather(_pump(client[0], target[1]), _pump(target[0], client[1]))
    finally:
        target[1].close()


async def _pump(reader, writer):
    while block := await asyncio.wait_for(reader.read(65536), SECONDS):
        writer.write(block)
        await asyncio.wait_for(writer.drain(), SECONDS)
    if writer.can_write_eof():
        writer.write_eof()


class RunningProxy(Owner):
    """The owner's side. `kind` is http or socks5; `names` maps a host to its address, or to ADDRESS:PORT;
    `name` tells one of several of a kind."""

    def __init__(self, stack, kind, names=None, user=None, password=None, name="proxy"):
        name = f"{name}-{kind}"
        options = [word for host, address in (names or {}).items()
                   for word in ("--resolve", f"{host}={address}")]
        if user:
            options += ["--user", user, "--password-file", stack.path(f"{name}.password", password)]
        super().__init__(stack, name, "proxy", kind, *options)


async def serve(arguments):
    folder = Folder(arguments.directory)
    credentials = None
    if arguments.user:
        password = arguments.password_file.read_text(encoding="utf-8").strip()
        credentials = f"{arguments.user}:{password}"
    kind = {"http": HttpProxy, "socks5": SocksProxy}[arguments.kind]
    names = dict(pair.split("=", 1) for pair in arguments.resolve)
    server = await asyncio.start_server(kind(folder, names, credentials).serve, "127.0.0.1",
                                        arguments.port, limit=_HEAD_MAX)
    folder.announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description="counts what goes through it")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("kind", choices=["http", "socks5"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--resolve", action="append", default=[], metavar="NAME=ADDRESS[:PORT]")
    parser.add_argument("--user")
    parser.add_argument("--password-file", type=pathlib.Path)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
