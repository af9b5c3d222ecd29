"""A webhook in the hands of the test: how much of it is sent, and whether its answer is ever read."""

import json
import pathlib
import socket

_ESTABLISHED = "01"


class Request:
    """One connection to the sidecar. Not closed before close(), whatever becomes of the other end."""

    def __init__(self, sidecar, body, seconds=30):
        data = json.dumps(body).encode()
        head = (f"POST /api/v1/webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n"
                f"Content-Type: application/json\r\nAuthorization: Bearer {sidecar.tokens['webhook']}\r\n\r\n")
        self._data = head.encode() + data
        self._half = len(head) + len(data) // 2
        self._port = sidecar.port
        self._socket = socket.create_connection(("127.0.0.1", sidecar.port), timeout=seconds)

    def send_half(self):
        """The head and half of the body."""
        self._socket.sendall(self._data[:self._half])

    def send(self):
        self._socket.sendall(self._data)

    def taken(self):
        """Whether the other end has read all that was sent: nothing of it is left in the kernel."""
        mine = self._socket.getsockname()[1]
        return (_queues(mine, self._port)[0], _queues(self._port, mine)[1]) == (0, 0)

    def answer(self):
        """All that is answered until the other end closes; b"" when it went without a word."""
        found = b""
        try:
            while block := self._socket.recv(65536):
                found += block
        except ConnectionResetError:
            pass
        return found

    def close(self):
        self._socket.close()


def _queues(local, remote):
    """(bytes to send, bytes to read) of a connection on loopback, None without one."""
    for line in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        ends = [int(end.partition(":")[2], 16) for end in line.split()[1:3]]
        if ends == [local, remote] and line.split()[3] == _ESTABLISHED:
            waiting = line.split()[4].partition(":")
            return int(waiting[0], 16), int(waiting[2], 16)
    return None, None
