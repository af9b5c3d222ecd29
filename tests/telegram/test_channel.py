"""fraud-sidecar tells a chat: the shortest way through the real program, and what it does when a
message's fate is unknown."""

from tests.process.fixture import ALERT, alert
from tests.stack.certificate import Certificate
from tests.stack.proxy import RunningProxy
from tests.stack.telegram import GROUP, PRIVATE
from tests.telegram.fixture import TelegramTest

NAME = "api.telegram.test"  # nobody but the proxy knows it
RESOLVED = {"status": "resolved", "ends_at": "2026-01-02T03:14:05Z"}


class Channel(TelegramTest):
    def test_the_resolved_replies_to_the_firing(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram)
        self.post(sidecar, alert(summary="cpu < 80 & <b>"))
        firing = self.messages(telegram, 1)[0]
        self.assertTrue(firing.says("FIRING", ALERT), firing.text)
        self.assertIn("cpu < 80 & <b>", firing.text)
        self.post(sidecar, alert(**RESOLVED))
        resolved = self.messages(telegram, 2)[1]
        self.assertTrue(resolved.says("RESOLVED", ALERT), resolved.text)
        self.assertEqual((firing.reply_to, resolved.reply_to), (None, firing.message_id))
        for message in (firing, resolved):
            self.assertIsNone(message.record["parse_mode"])
            self.assertEqual(message.record["entities_ignored"], 0)
            self.assertTrue(message.bold())
        self.without_secret(telegram, sidecar)

    def test_a_topic(self):
        telegram = self.telegram()
        sidecar = self.teller(telegram, chats=[f"{GROUP['id']}/7"])
        self.post(sidecar, alert())
        message = self.messages(telegram, 1)[0]
        self.assertEqual((message.chat_id, message.topic), (GROUP["id"], 7))

    def test_an_outage_is_sat_out(self):
        telegram = self.telegram()
        telegram.behave("status 502 2 times")
        sidecar = self.teller(telegram)
        self.post(sidecar, alert())
        self.messages(telegram, 1)
        self.assertEqual(len(self.attempts(sidecar, 3)), 3)
        self.assertEqual(len(telegram.messages()), 1)

    def test_a_lost_answer_leads_to_a_marked_repeat(self):
        telegram = self.telegram()
        telegram.behave("keep-and-drop 1 times")
        sidecar = self.teller(telegram)
        self.post(sidecar, alert())
        first, second = self.messages(telegram, 2)
        self.assertNotIn("possible repeat", first.text.lower())
        self.assertIn("possible repeat", second.text.lower())
        self.without_secret(telegram, sidecar)

    def test_tls_with_an_authority_of_ones_own(self):
        made = Certificate(self.stack)
        telegram = self.telegram(certificate=made)
        self.post(self.teller(telegram, "--telegram-ca-file", made.ca), alert())
        self.messages(telegram, 1)
        stranger = self.teller(telegram, name="stranger")
        self.post(stranger, alert())
        self.assertEqual({step["outcome"] for step in self.attempts(stranger, 2)}, {"temporary"})
        self.assertEqual(len(telegram.messages()), 1)

    def through(self, kind, scheme, event, certificate=None, flags=()):
        """A message by a proxy that alone knows the name of the server."""
        telegram = self.telegram(PRIVATE, certificate=certificate)
        target = f"{NAME}:{telegram.port}"
        proxy = RunningProxy(self.stack, kind, {NAME: "127.0.0.1"})
        sidecar = self.teller(telegram, "--telegram-proxy", f"{scheme}://127.0.0.1:{proxy.port}",
                              *flags, url=f"{'https' if certificate else 'http'}://{target}")
        self.post(sidecar, alert())
        self.messages(telegram, 1)
        self.assertEqual(proxy.events(), [f"{event} {target}"])

    def test_an_http_proxy_in_the_clear(self):
        self.through("http", "http", "forward")

    def test_an_http_proxy_with_tls(self):
        made = Certificate(self.stack, valid_for=f"DNS:{NAME}")
        self.through("http", "http", "connect", made, ["--telegram-ca-file", made.ca])

    def test_a_socks_proxy_that_looks_up_the_name(self):
        self.through("socks5", "socks5h", "socks name")
