"""The way to the Bot API: TLS with an authority of one's own, and proxies, up and down."""

from tests.process.fixture import alert
from tests.stack.certificate import Certificate
from tests.stack.proxy import RunningProxy
from tests.stack.telegram import PRIVATE
from tests.telegram.fixture import TelegramTest, possible_repeat

NAME = "api.telegram.test"  # nobody but the proxy knows it


class Tls(TelegramTest):
    def test_an_authority_of_ones_own(self):
        made = Certificate(self.stack)
        telegram = self.telegram(certificate=made)
        self.post(self.teller(telegram, "--telegram-ca-file", made.ca), alert())
        self.messages(telegram, 1)

    def test_a_certificate_of_a_stranger_is_told_nothing(self):
        telegram = self.telegram(certificate=Certificate(self.stack))
        other = Certificate(self.stack, name="other")
        sidecar = self.teller(telegram, "--telegram-ca-file", other.ca)
        self.post(sidecar, alert())
        self.assertEqual({step["outcome"] for step in self.attempts(sidecar, 2)}, {"temporary"})
        self.until(lambda: telegram.count("tls failed") >= 2, "handshakes that failed")
        self.assertEqual((telegram.count("method sendMessage"), telegram.messages()), (0, []))

    def test_a_certificate_for_another_name_is_told_nothing(self):
        made = Certificate(self.stack, valid_for="DNS:elsewhere.test")
        telegram = self.telegram(certificate=made)
        sidecar = self.teller(telegram, "--telegram-ca-file", made.ca)
        self.post(sidecar, alert())
        self.assertEqual({step["outcome"] for step in self.attempts(sidecar, 2)}, {"temporary"})
        self.assertEqual((telegram.count("method sendMessage"), telegram.messages()), (0, []))


class Proxies(TelegramTest):
    def way(self, kind, scheme, certificate=None, flags=()):
        """(stand-in, sidecar, proxy, what the proxy calls the server): the proxy alone knows its name."""
        telegram = self.telegram(PRIVATE, certificate=certificate)
        target = f"{NAME}:{telegram.port}"
        proxy = RunningProxy(self.stack, kind, {NAME: "127.0.0.1"})
        sidecar = self.teller(telegram, "--telegram-proxy", f"{scheme}://127.0.0.1:{proxy.port}",
                              *flags, url=f"{'https' if certificate else 'http'}://{target}")
        return telegram, sidecar, proxy, target

    def through(self, event, *how, **more):
        telegram, sidecar, proxy, target = self.way(*how, **more)
        self.post(sidecar, alert())
        self.messages(telegram, 1)
        self.assertEqual(proxy.events(), [f"{event} {target}"])

    def test_an_http_proxy_in_the_clear(self):
        self.through("forward", "http", "http")

    def test_an_http_proxy_with_tls(self):
        made = Certificate(self.stack, valid_for=f"DNS:{NAME}")
        self.through("connect", "http", "http", certificate=made, flags=["--telegram-ca-file", made.ca])

    def test_a_socks_proxy_that_looks_up_the_name(self):
        self.through("socks name", "socks5", "socks5h")

    def waited_for(self, kind, scheme):
        telegram, sidecar, proxy, _ = self.way(kind, scheme)
        proxy.process.stop()
        self.post(sidecar, alert())
        self.assertEqual({step["outcome"] for step in self.attempts(sidecar, 2)}, {"temporary"})
        proxy.start()
        (message,) = self.messages(telegram, 1)
        self.assertFalse(possible_repeat(message))

    def test_an_http_proxy_that_is_down(self):
        self.waited_for("http", "http")

    def test_a_socks_proxy_that_is_down(self):
        self.waited_for("socks5", "socks5h")
