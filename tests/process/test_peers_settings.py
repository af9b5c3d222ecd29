"""Sidecars whose settings do not fit: everybody is told all the same, and it is said what to mend."""

from tests.process.fixture import alert
from tests.process.peers_fixture import PeersTest, mail_flags, marked

GAUGE = "fraud_sidecar_peer_misconfigured"


class Settings(PeersTest):
    def warned(self, side, reason, flag):
        """Waits for the warning, which names the flag to mend; then it is in the metrics and the list."""
        def lines():
            return [line for line in side.process.text().splitlines()
                    if "peer_misconfigured" in line and f"reason={reason} " in line]

        self.until(lines, f"a warning of {reason}")
        self.until(lambda: side.metrics().value(GAUGE, reason=reason) == 1, f"a gauge of {reason}")
        self.assertEqual(len(lines()), 1)
        self.assertIn(" warning ", lines()[0])
        self.assertIn(flag, lines()[0])
        shown = self.ask(side, "/api/v1/alerts").json()["misconfigured"]
        self.assertIn(reason, [each["reason"] for each in shown])

    def test_two_at_the_same_position(self):
        receiver = self.receiver()
        first = self.side(0, *mail_flags(receiver.port))
        second = self.side(1, *mail_flags(receiver.port), position=0)
        self.post_all((first, second), alert())
        for side in (first, second):
            self.all_delivered(side, 1)
        self.warned(first, "position", "--position")
        self.warned(second, "itself", "--peer")
        mails = receiver.mails()
        self.assertLessEqual(len(mails), 2)
        self.assertTrue(marked(mails[-1]) or len(mails) == 1)

    def test_one_that_is_told_its_own_address_only(self):
        receiver = self.receiver()
        self.ports[0] = self.ports[1]
        side = self.side(1, *mail_flags(receiver.port), hosts=("localhost", "127.0.0.1"))
        self.warned(side, "itself", "--position")  # before the first page
        self.post(side, alert())
        (mail,) = self.mails(receiver, 1)
        self.assertTrue(marked(mail), "whom it was to ask may have sent it")
        self.all_delivered(side, 1)

    def test_a_token_that_is_refused_until_it_is_mended(self):
        receiver = self.receiver()
        own = self.stack.path("own.token", "a-token-of-this-one-only\n")
        self.side(0)
        second = self.side(1, *mail_flags(receiver.port), token_file=own)
        self.warned(second, "token", "--peer-token-file")
        self.assertIsNone(second.metrics().value(GAUGE, reason="position"))
        own.write_text(self.peer_token + "\n", encoding="ascii")
        self.post(second, alert())  # asks the first
        self.until(lambda: second.metrics().value(GAUGE, reason="token") == 0, "the token accepted")
        self.assertIn("peer_mended", second.process.text())
        self.assertEqual(second.metrics().value(GAUGE, reason="position"), 0)

    def test_each_says_who_it_is(self):
        side = self.side(1)
        self.assertEqual(self.ask(side, "/api/v1/peer/identity").status, 401)
        who = self.ask(side, "/api/v1/peer/identity", self.peer_token).json()["identity"]
        self.assertEqual(len(who.pop("run")), 32)
        self.assertEqual(who, {"version": 1, "position": 1, "name": "fraud-1",
                               "sources": [{"name": "demo"}]})
