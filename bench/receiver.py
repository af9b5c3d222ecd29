"""The mailbox of the delivery benchmark: accepts every mail and notes the moment it did.

    /usr/bin/python3 -m bench.receiver DIR

DIR/port tells the port. Each accepted mail appends a line to DIR/accepted: the monotonic clock in
nanoseconds when the answer 250 was about to be sent, and the bytes of the mail.
"""

import asyncio
import pathlib
import sys
import time

from aiosmtpd.smtp import SMTP


class Handler:
    """aiosmtpd's hook. The name is its contract."""

    def __init__(self, path):
        self._accepted = open(path, "a", encoding="ascii", buffering=1)

    async def handle_DATA(self, _server, _session, envelope):
        at = time.monotonic_ns()
        self._accepted.write(f"{at} {len(envelope.content)}\n")
        return "250 OK"


async def serve(directory):
    handler = Handler(directory / "accepted")
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, hostname="localhost", loop=asyncio.get_running_loop()), "127.0.0.1", 0)
    part = directory / "port.part"
    part.write_text(str(server.sockets[0].getsockname()[1]), encoding="ascii")
    part.rename(directory / "port")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(pathlib.Path(sys.argv[1])))
