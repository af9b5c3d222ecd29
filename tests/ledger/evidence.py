"""What is left after a run, read once: the history by its own tables, the inboxes by their files."""

import contextlib
import dataclasses
import re
import sqlite3

_MARK = "possible repeat"
_TAG = re.compile(r"ledger-\d+-\d+")


@dataclasses.dataclass(frozen=True)
class Copy:
    """One message that arrived. `tag` and `word` say of what, None when it is about none of our alerts."""

    channel: str
    target: str
    text: str
    marked: bool
    tag: str | None
    word: str | None
    message_id: str = ""  # a mail's


@dataclasses.dataclass
class Row:
    """One row of the outbox with its tries, as (outcome, code, detail), and the copies of it that arrived."""

    key: str
    channel: str
    target: str
    state: str
    text: str
    tries: list
    copies: list = dataclasses.field(default_factory=list)

    @property
    def tag(self):
        return _tag(self.text)

    @property
    def word(self):
        return _word(self.text)

    def ambiguous(self):
        return sum(outcome == "ambiguous" for outcome, _, _ in self.tries)


@dataclasses.dataclass(frozen=True)
class Episode:
    fingerprint: str
    starts_at_ms: int
    ended_at_ms: int | None


class History:
    """The file, when nobody else has it open. One that cannot be read holds nothing, and says why."""

    def __init__(self, path):
        self.integrity, self.bodies, self.episodes, self.rows = [], set(), [], []
        try:
            with contextlib.closing(sqlite3.connect(path)) as database:
                self._read(database)
        except sqlite3.DatabaseError as error:
            self.integrity.append(str(error))

    def _read(self, database):
        self.integrity += [text for (text,) in database.execute("PRAGMA integrity_check")
                           if text != "ok"]
        self.integrity += [f"foreign key: {row}" for row in
                           database.execute("PRAGMA foreign_key_check")]
        self.bodies = {bytes(body) for (body,) in database.execute("SELECT body FROM webhooks")}
        self.episodes = [Episode(*row) for row in database.execute(
            "SELECT fingerprint, starts_at_ms, ended_at_ms FROM episodes ORDER BY id")]
        self.rows = list(_rows(database))


def _rows(database):
    tries = {}
    for row, *one in database.execute(
            "SELECT outbox_id, outcome, code, detail FROM attempts ORDER BY id"):
        tries.setdefault(row, []).append(tuple(one))
    for number, *row in database.execute(
            "SELECT id, key, channel, target, state, text FROM outbox ORDER BY id"):
        yield Row(*row, tries.get(number, []))


def copies(mail, chat):
    """All that arrived, in the order of arrival by channel. Of the owners of the two servers."""
    found = []
    for each in mail.mails():
        text = each.part("plain")
        found.append(Copy("email", str(each.header("X-Envelope-To")), text,
                          _MARK in str(each.subject) or _MARK in text, _tag(text), _word(each.subject),
                          each.message_id))
    for each in chat.messages():
        found.append(Copy("telegram", str(each.chat_id), each.text, _MARK in each.text,
                          _tag(each.text), _word(each.text)))
    return found


def assign(rows, arrived):
    """Gives each row its copies. What belongs to no row."""
    mails = {row.key: row for row in rows if row.channel == "email"}
    chats = {}
    for row in rows:
        if row.channel == "telegram":
            chats.setdefault((row.target, row.tag, row.word), []).append(row)
    strange = []
    for copy in arrived:
        if copy.channel == "email":
            row = mails.get(copy.message_id.strip("<>").partition("@")[0])
        else:
            candidates = chats.get((copy.target, copy.tag, copy.word), ())
            # What follows the row's own text is the mark; another row's may begin with it.
            row = max((each for each in candidates if copy.text.startswith(each.text.strip())),
                      key=lambda each: len(each.text), default=None)
        if row:
            row.copies.append(copy)
        else:
            strange.append(copy)
    return strange


def _tag(text):
    found = _TAG.search(text)
    return found[0] if found else None


def _word(text):
    return next((word for word in ("FIRING", "RESOLVED") if word in text), None)
