"""The owner's side of the SMTP receiver: starts it, sets its behaviour, reads what it kept."""

import datetime
import email
import email.policy

from tests.stack.folder import Owner


class Mail:
    """One accepted message."""

    def __init__(self, path):
        self._message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        self.subject = str(self._message["Subject"])
        self.message_id = str(self._message["Message-ID"])
        self.received_at = datetime.datetime.fromisoformat(str(self._message["X-Received-At"]))

    def header(self, name):
        return self._message[name]

    def part(self, kind):
        """The content of the 'plain' or 'html' part, '' without one."""
        body = self._message.get_body(preferencelist=(kind,))
        return body.get_content() if body else ""

    def says(self, word, alert):
        """Whether it is the message that `alert` is FIRING or RESOLVED."""
        return word in self.subject and alert in self.subject


class Receiver(Owner):
    """A running SMTP receiver. `certificate` is a certificate.Certificate, for TLS."""

    def __init__(self, stack, tls="none", certificate=None, user=None, password=None, name="smtp",
                 address="127.0.0.1"):
        self.address = address
        options = ["--tls", tls, "--address", address]
        if certificate:
            options += ["--certificate", certificate.server]
        if user:
            options += ["--user", user, "--password-file", stack.path(f"{name}.password", password)]
        super().__init__(stack, name, "smtp_receiver", *options)

    def mails(self):
        """In the order of arrival."""
        return [Mail(path) for path in sorted((self.directory / "inbox").glob("*.eml"))]

    def about(self, word, alert):
        return [mail for mail in self.mails() if mail.says(word, alert)]
