"""A request through each proxy arrives and is counted, and the proxy is the one that knows the name."""

import http.client
import socket
import struct

from tests.stack.proxy import RunningProxy
from tests.stack.process import free_port
from tests.telegram.requests import StandInTest

NAME = "api.telegram.test"  # nobody but the proxies knows it


class Proxies(StandInTest):
    def proxy(self, kind, **options):
        proxy = RunningProxy(self.stack, kind, {NAME: "127.0.0.1"}, name=self._testMethodName,
                             **options)
        self.addCleanup(proxy.process.stop)
        return proxy

    def get_me(self, connection, target=""):
        self.addCleanup(connection.close)
        connection.request("GET", target + self.path("getMe"))
        reply = connection.getresponse()
        reply.read()
        return reply.status

    def through_http(self, proxy):
        return http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)

    def through_socks(self, proxy, host, port, user=None, password=""):
        """A connection after the handshake of RFC 1928, or the refusal of the login."""
        plain = socket.create_connection(("127.0.0.1", proxy.port), 5)
        plain.sendall(bytes([5, 1, 2 if user else 0]))
        self.assertEqual(plain.recv(2), bytes([5, 2 if user else 0]))
        if user:
            plain.sendall(bytes([1, len(user)]) + user.encode() + bytes([len(password)])
                          + password.encode())
            if plain.recv(2) != b"\x01\x00":
                plain.close()
                raise PermissionError("refused")
        plain.sendall(b"\x05\x01\x00\x03" + bytes([len(host)]) + host.encode()
                      + struct.pack(">H", port))
        connection = http.client.HTTPConnection(host, port)
        connection.sock = plain
        return connection, plain.recv(10)[1]

    def test_absolute_uri(self):
        proxy = self.proxy("http")
        target = f"{NAME}:{self.telegram.port}"
        self.assertEqual(self.get_me(self.through_http(proxy), f"http://{target}"), 200)
        self.assertEqual(proxy.events(), [f"forward {target}"])  # and nothing of the URL

    def test_connect(self):
        proxy = self.proxy("http")
        connection = self.through_http(proxy)
        connection.set_tunnel(NAME, self.telegram.port)
        self.assertEqual(self.get_me(connection), 200)
        self.assertEqual(self.get_me(connection), 200)
        self.assertEqual(proxy.count(f"connect {NAME}:{self.telegram.port}"), 1)

    def test_a_name_may_have_a_port_of_its_own(self):
        proxy = RunningProxy(self.stack, "http", {NAME: f"127.0.0.1:{self.telegram.port}"}, name="moved")
        self.addCleanup(proxy.process.stop)
        connection = self.through_http(proxy)
        connection.set_tunnel(NAME, 443)
        self.assertEqual(self.get_me(connection), 200)
        self.assertEqual(proxy.events(), [f"connect {NAME}:443"])

    def test_http_with_credentials(self):
        proxy = self.proxy("http", user="me", password="secret")
        refused = self.get_me(self.through_http(proxy), f"http://{NAME}:{self.telegram.port}")
        self.assertEqual((refused, proxy.count("denied")), (407, 1))
        connection = self.through_http(proxy)
        connection.set_tunnel(NAME, self.telegram.port,
                              {"Proxy-Authorization": "Basic bWU6c2VjcmV0"})  # me:secret
        self.assertEqual(self.get_me(connection), 200)

    def test_socks(self):
        proxy = self.proxy("socks5")
        connection, code = self.through_socks(proxy, NAME, self.telegram.port)
        self.assertEqual((code, self.get_me(connection)), (0, 200))
        self.assertEqual(proxy.count(f"socks name {NAME}:{self.telegram.port}"), 1)

    def test_socks_with_credentials(self):
        proxy = self.proxy("socks5", user="me", password="secret")
        with self.assertRaises(PermissionError):
            self.through_socks(proxy, NAME, self.telegram.port, "me", "wrong")
        self.assertEqual(proxy.count("denied"), 1)
        connection, _ = self.through_socks(proxy, NAME, self.telegram.port, "me", "secret")
        self.assertEqual(self.get_me(connection), 200)

    def test_a_target_that_is_not_there(self):
        nowhere = free_port()
        proxy = self.proxy("http")
        self.assertEqual(self.get_me(self.through_http(proxy), f"http://{NAME}:{nowhere}"), 502)
        self.assertEqual(proxy.count(f"failed {NAME}:{nowhere}"), 1)
        socks = self.proxy("socks5")
        connection, code = self.through_socks(socks, NAME, nowhere)
        connection.close()
        self.assertEqual(code, 4)
