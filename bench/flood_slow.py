"""Slowloris: many clients that begin a request and never finish its head. Loopback only.

    /usr/bin/python3 -m bench.flood_slow PORT COUNT ADDRESS[,ADDRESS]... once|again

COUNT connections to 127.0.0.1:PORT, from the addresses in turn. Each sends a request line at once
and then a line of a header each second. With `again`, who was closed or refused comes back a second
later; with `once` it stays away. After SIGTERM it prints {"connected", "closed", "open_most"}.
"""

import ipaddress
import json
import resource
import selectors
import signal
import socket
import sys
import time

EVERY_S = 1.0
TICK_S = 0.05
COUNT_MAX = 10_000
_IP_BIND_ADDRESS_NO_PORT = 24  # linux/in.h: the port is chosen by connect, many per address
_BEGIN = b"POST /predict HTTP/1.1\r\nHost: model\r\n"


class Client:
    """One of them. `socket` is None while it is away, until `due`."""

    def __init__(self, address):
        self.address = address
        self.socket = None
        self.connected = False
        self.due = 0.0


class Crowd:
    def __init__(self, port, count, addresses, again):
        self._to = ("127.0.0.1", port)
        self._again = again
        self._clients = [Client(addresses[number % len(addresses)]) for number in range(count)]
        self._selector = selectors.DefaultSelector()
        self.connected = self.closed = self.open_most = self._open = 0

    def tick(self):
        """Whatever is due: connections, header lines, and what the server did."""
        now = time.monotonic()
        for client in self._clients:
            if now < client.due:
                continue
            client.due = now + EVERY_S
            if client.socket is None:
                self._connect(client)
            elif client.connected:
                self._send(client, b"X-Slow: 1\r\n")
        for key, _ in self._selector.select(TICK_S):
            self._happened(key.data)

    def _connect(self, client):
        client.socket = socket.socket()
        client.socket.setblocking(False)
        client.socket.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        client.socket.bind((client.address, 0))
        client.socket.connect_ex(self._to)
        self._selector.register(client.socket, selectors.EVENT_WRITE, client)

    def _happened(self, client):
        if not client.connected:
            if client.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self._away(client)
                return
            client.connected = True
            self.connected += 1
            self._open += 1
            self.open_most = max(self.open_most, self._open)
            self._selector.modify(client.socket, selectors.EVENT_READ, client)
            self._send(client, _BEGIN)
            return
        try:
            if not client.socket.recv(4096):
                self._away(client)
        except OSError:
            self._away(client)

    def _send(self, client, data):
        try:
            client.socket.send(data)
        except OSError:
            self._away(client)

    def _away(self, client):
        self.closed += client.connected
        self._open -= client.connected
        self._selector.unregister(client.socket)
        client.socket.close()
        client.socket, client.connected = None, False
        client.due = time.monotonic() + EVERY_S if self._again else float("inf")


def main(port, count, addresses, again):
    if count > COUNT_MAX or not all(ipaddress.ip_address(each).is_loopback for each in addresses):
        sys.exit(f"at most {COUNT_MAX} clients, and from loopback addresses only")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    crowd = Crowd(port, count, addresses, again)
    crowd.tick()
    print("begun", flush=True)
    while not stopped:
        crowd.tick()
    print(json.dumps({"connected": crowd.connected, "closed": crowd.closed,
                      "open_most": crowd.open_most}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4] == "again")
