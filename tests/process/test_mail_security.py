"""STARTTLS and implicit TLS with login: a good certificate delivers, a wrong one never does."""

from tests.process.fixture import StackTest, alert, quick
from tests.stack.certificate import Certificate

USER, PASSWORD = "sidecar", "correct horse"


class MailSecurity(StackTest):
    def secure(self, tls, password=PASSWORD, trusted=None, **certificate):
        """A receiver with TLS and login, and a sidecar that trusts its authority, or `trusted`."""
        made = Certificate(self.stack, **certificate)
        self.secret = self.stack.path("smtp.secret", password + "\n")
        receiver = self.receiver(tls=tls, certificate=made, user=USER, password=PASSWORD)
        return receiver, self.sender(receiver, "smtps" if tls == "implicit" else "smtp",
                                     "--smtp-ca-file", (trusted or made).ca)

    def sender(self, receiver, scheme, *flags):
        return self.sidecar("--smtp-url", f"{scheme}://{USER}@localhost:{receiver.port}",
                            "--smtp-password-file", self.secret, "--mail-from", "fraud@test.example",
                            "--mail-to", "admin@test.example", *quick(), *flags)

    def delivered(self, receiver, sidecar):
        self.post(sidecar, alert())
        self.assertIn("FIRING", self.mails(receiver, 1)[0].subject)
        self.assertEqual(receiver.count("login good"), 1)

    def not_delivered(self, receiver, sidecar, word="", code=None):
        """It is tried again and again, the history says why, and the server got no message."""
        self.post(sidecar, alert())
        episode = sidecar.alerts()[0]["id"]

        def tries():
            return sidecar.alert(episode)["notifications"][0]["attempts"]

        self.until(lambda: len(tries()) >= 2, "two failed tries")
        self.assertEqual({step["outcome"] for step in tries()}, {"temporary"})
        self.assertEqual({step["code"] for step in tries()}, {code})
        self.assertIn(word, tries()[0]["detail"].lower())
        self.assertEqual(receiver.mails(), [])

    def test_starttls_with_a_trusted_certificate(self):
        self.delivered(*self.secure("starttls"))

    def test_implicit_tls_with_a_trusted_certificate(self):
        self.delivered(*self.secure("implicit"))

    def test_starttls_with_an_unknown_authority(self):
        stranger = Certificate(self.stack, "stranger")
        self.not_delivered(*self.secure("starttls", trusted=stranger), "certificate")

    def test_implicit_tls_with_an_unknown_authority(self):
        stranger = Certificate(self.stack, "stranger")
        self.not_delivered(*self.secure("implicit", trusted=stranger), "certificate")

    def test_a_certificate_for_another_name(self):
        receiver, sidecar = self.secure("starttls", valid_for="DNS:mail.example.org")
        self.not_delivered(receiver, sidecar, "certificate")
        self.assertEqual(receiver.count("login good"), 0)

    def test_a_server_without_starttls_gets_neither_password_nor_message(self):
        self.secret = self.stack.path("smtp.secret", PASSWORD)
        receiver = self.receiver(name="bare")
        self.not_delivered(receiver, self.sender(receiver, "smtp"))

    def test_a_refused_login_is_retried_until_it_is_mended(self):
        receiver, sidecar = self.secure("starttls", password="wrong one")
        self.not_delivered(receiver, sidecar, code=535)
        self.assertNotIn("wrong one", sidecar.process.text())
        self.secret.write_text(PASSWORD, encoding="utf-8")
        self.assertIn("FIRING", self.mails(receiver, 1)[0].subject)
        self.assertEqual(self.notification(sidecar, "delivered")["attempts"][-1]["code"], 250)

    def test_a_login_that_is_refused_for_now_is_retried(self):
        receiver, sidecar = self.secure("starttls")
        receiver.behave("refuse login 454")
        self.not_delivered(receiver, sidecar, code=454)
        receiver.behave("accept")
        self.assertIn("FIRING", self.mails(receiver, 1)[0].subject)
