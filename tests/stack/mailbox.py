"""The owner's side of the SMTP receiver: starts it, sets its behaviour, reads what it kept."""

import datetime
import email
import email.policy

from tests.stack import PYTHON, wait


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


class Receiver:
    """A running SMTP receiver. `certificate` is a certificate.Certificate, for TLS."""

    def __init__(self, stack, tls="none", certificate=None, user=None, password=None, name="smtp"):
        self._stack = stack
        self.directory = stack.folder(name)
        self._command = [PYTHON, "-m", "tests.stack.smtp_receiver", self.directory, "--tls", tls]
        if certificate:
            self._command += ["--certificate", certificate.server]
        if user:
            self._command += ["--user", user, "--password-file",
                              stack.path(f"{name}.password", password)]
        self.port = None
        self.process = None
        self.start()

    def start(self):
        """Starts it, or starts it again on the port it had."""
        port_file = self.directory / "port"
        port_file.unlink(missing_ok=True)
        self.process = self._stack.start("smtp", self._command + ["--port", self.port or 0])
        wait.until(port_file.exists, 30, "the SMTP receiver listening", needs=[self.process])
        self.port = int(port_file.read_text(encoding="ascii"))

    def behave(self, behaviour):
        part = self.directory / "behaviour.part"
        part.write_text(behaviour, encoding="ascii")
        part.rename(self.directory / "behaviour")

    def count(self, event):
        """How often something happened: "connected", "stored", "refused login"..."""
        try:
            lines = (self.directory / "events").read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return 0
        return lines.count(event)

    def mails(self):
        """In the order of arrival."""
        return [Mail(path) for path in sorted((self.directory / "inbox").glob("*.eml"))]

    def about(self, word, alert):
        return [mail for mail in self.mails() if mail.says(word, alert)]
