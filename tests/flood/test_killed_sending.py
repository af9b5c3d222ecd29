"""SIGKILL of the sidecar while messages are on their way: never zero, and a repeat says that it is one.

Of a try that was under way the history knows only that it was begun. So a message that did not arrive
before the kill is told once but marked, and one that did is told again, marked.
"""

from tests.flood.fixture import MARKED, ONCE, TWICE, KilledTest


class Mail(KilledTest):
    """The chat is well meanwhile, and told once."""

    def killed_at(self, behaviour, event):
        self.behave(mail=behaviour)
        self.fire()
        self.until(lambda: self.mail.count(event) and self._chat_settled(), event, [self.one.process])
        self.killed()

    def _chat_settled(self):
        return self.rows(self.one, "SELECT 1 FROM outbox WHERE channel = 'telegram' AND state = 'delivered'")

    def test_5_connected_and_not_greeted(self):
        self.killed_at("hang", "connected")
        self.expect(MARKED, ONCE)

    def test_6_before_the_sender_is_taken(self):
        self.killed_at("hang sender", "hung sender")
        self.expect(MARKED, ONCE)

    def test_6_before_the_recipient_is_taken(self):
        self.killed_at("hang recipient", "hung recipient")
        self.expect(MARKED, ONCE)

    def test_7_in_the_middle_of_the_message(self):
        self.killed_at("hang content", "hung content")
        self.expect(MARKED, ONCE)

    def test_8_stored_and_not_answered(self):
        self.killed_at("keep-and-hang", "stored")
        self.expect(TWICE, ONCE)


class Chat(KilledTest):
    """The mailbox is well meanwhile, and told once."""

    def killed_at(self, behaviour, event):
        self.behave(chat=behaviour)
        self.fire()
        self.until(lambda: self.chat.count(event) and self._mail_settled(), event, [self.one.process])
        self.killed()

    def _mail_settled(self):
        return self.rows(self.one, "SELECT 1 FROM outbox WHERE channel = 'email' AND state = 'delivered'")

    def test_9_asked_and_not_stored(self):
        self.killed_at("hang", "fault hang")
        self.expect(ONCE, MARKED)

    def test_10_stored_and_not_answered(self):
        self.killed_at("keep-and-hang", "stored")
        self.expect(ONCE, TWICE)


class Both(KilledTest):
    def test_11_accepted_by_both_and_not_settled(self):
        self.behave(mail="hang data", chat="hold")
        self.fire()
        self.until(lambda: self.mail.count("hung data") and self.chat.count("fault hold"), "both tries")
        with self.locked():
            self.behave()
            self.until(lambda: self._failed_to_settle() and self.chat.count("answered 200")
                       and self.mail.count("stored"), "both accepted", [self.one.process])
            self.one.process.kill()
        self.assertEqual(self.copies("FIRING"), (ONCE, ONCE))
        self.killed()
        self.expect(TWICE, TWICE)

    def _failed_to_settle(self):
        """Both workers have an outcome that the history does not take."""
        return self.one.metrics().total("fraud_sidecar_notifications_total", outcome="delivered") == 2

    def test_11_accepted_by_both_and_settled_late(self):
        """The same without the kill: a history that is busy for a moment makes no message repeat."""
        self.behave(mail="hang data", chat="hold")
        self.fire()
        self.until(lambda: self.mail.count("hung data") and self.chat.count("fault hold"), "both tries")
        with self.locked():
            self.behave()
            self.until(lambda: (self._busy() or 0) >= 2, "writes that failed", [self.one.process])
        self.settled(2)
        self.expect(ONCE, ONCE)

    def _busy(self):
        return self.one.metrics().value("fraud_sidecar_store_errors_total", code="busy")
