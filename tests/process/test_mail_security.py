"""STARTTLS and implicit TLS with login: a good certificate delivers, a wrong one never does."""

from tests.process.fixture import StackTest, alert, quick
from tests.stack.certificate import Certificate

USER, PASSWORD = "sidecar", "correct horse"


class MailSecurity(StackTest):
    def setUp(self):
        super().setUp()
        self.certificate = Certificate(self.stack)

    def secure(self, tls, ca, password=PASSWORD, host="localhost"):
        receiver = self.receiver(tls=tls, certificate=self.certificate, user=USER, password=PASSWORD)
        secret = self.stack.path("smtp.secret", password + "\n")
        scheme = "smtps" if tls == "implicit" else "smtp"
        sidecar = self.sidecar(
            "--smtp-url", f"{scheme}://{USER}@{host}:{receiver.port}", "--smtp-password-file", secret,
            "--smtp-ca-file", ca, "--mail-from", "fraud@test.example", "--mail-to",
            "admin@test.example", *quick())
        return receiver, sidecar, secret

    def test_a_trusted_certificate_delivers(self):
        for tls in ("starttls", "implicit"):
            with self.subTest(tls):
                receiver, sidecar, _ = self.secure(tls, self.certificate.ca)
                self.post(sidecar, alert())
                self.assertIn("FIRING", self.mails(receiver, 1)[0].subject)
                self.assertEqual(receiver.count("login good"), 1)
                receiver.process.stop()
                self._fresh(receiver, sidecar)

    def _fresh(self, receiver, sidecar):
        """Room for the next round in the same test."""
        sidecar.process.stop()
        for path in (receiver.directory / "inbox").iterdir():
            path.unlink()
        (receiver.directory / "events").unlink()
        for path in sidecar.database.parent.iterdir():
            path.unlink()

    def test_an_unknown_authority_delivers_nothing_and_is_told(self):
        stranger = Certificate(self.stack, "stranger")
        for tls in ("starttls", "implicit"):
            with self.subTest(tls):
                receiver, sidecar, _ = self.secure(tls, stranger.ca)
                self._not_delivered(receiver, sidecar, "certificate")
                self._fresh(receiver, sidecar)

    def test_a_certificate_for_another_name_delivers_nothing(self):
        receiver, sidecar, _ = self.secure("starttls", self.certificate.ca, host="127.0.0.2")
        # The receiver listens on 127.0.0.1 only where 127.0.0.2 is not the same: then it is "down".
        self._not_delivered(receiver, sidecar, "")

    def test_a_server_without_starttls_gets_neither_password_nor_message(self):
        receiver = self.receiver()
        secret = self.stack.path("smtp.secret", PASSWORD)
        sidecar = self.sidecar(
            "--smtp-url", f"smtp://{USER}@127.0.0.1:{receiver.port}", "--smtp-password-file", secret,
            "--mail-from", "fraud@test.example", "--mail-to", "admin@test.example", *quick())
        self._not_delivered(receiver, sidecar, "")

    def test_a_refused_login_is_retried_until_it_is_mended(self):
        receiver, sidecar, secret = self.secure("starttls", self.certificate.ca, password="wrong one")
        self._not_delivered(receiver, sidecar, "", code=535)
        self.assertNotIn("wrong one", sidecar.process.text())
        secret.write_text(PASSWORD, encoding="utf-8")
        self.assertIn("FIRING", self.mails(receiver, 1)[0].subject)
        self.assertEqual(self.notification(sidecar, "delivered")["attempts"][-1]["code"], 250)

    def test_a_login_that_is_refused_for_now_is_retried(self):
        receiver, sidecar, _ = self.secure("starttls", self.certificate.ca)
        receiver.behave("refuse login 454")
        self._not_delivered(receiver, sidecar, "", code=454)
        receiver.behave("accept")
        self.assertIn("FIRING", self.mails(receiver, 1)[0].subject)

    def _not_delivered(self, receiver, sidecar, word, code=None):
        self.post(sidecar, alert())
        episode = sidecar.alerts()[0]["id"]

        def tries():
            return sidecar.alert(episode)["notifications"][0]["attempts"]

        self.until(lambda: len(tries()) >= 2, "two failed tries")
        self.assertEqual({step["outcome"] for step in tries()}, {"temporary"})
        self.assertEqual({step["code"] for step in tries()}, {code})
        self.assertIn(word, tries()[0]["detail"].lower())
        self.assertEqual(receiver.mails(), [])
