"""What is left after a run, read once: the history by its own tables, the inboxes by their files."""

import contextlib
import dataclasses
import re
import sqlite3
import typing

_MARK = "possible repeat"
_UNRECORDED = re.compile(r"^History: not recorded: .*\bit may come again\b", re.MULTILINE)
_NOTICE = "\nNot delivered there: "  # of a message that another target does not get
_OVERTAKEN = re.compile(r"\AAbout an earlier episode: [^\n]*\n\n")
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
    at: int = 0  # in the order of arrival on its channel

    @property
    def unrecorded(self):
        """It went out of memory and says so, and that it may come again: the process may die."""
        return bool(_UNRECORDED.search(self.text))

    @property
    def notice(self):
        return _NOTICE in self.text


class Try(typing.NamedTuple):
    outcome: str
    code: int
    detail: str
    number: int = 0  # among all, in order
    of_row: int = 1


@dataclasses.dataclass
class Row:
    """One row of the outbox with its tries, and the copies of it that arrived."""

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
        return sum(each.outcome == "ambiguous" for each in self.tries)

    @property
    def notice(self):
        return self.key.startswith("notice-")

    @property
    def before_recorded(self):
        """It went out of memory, and was taken over."""
        return any(each.detail.startswith("sent before recorded") for each in self.tries)

    def sent(self):
        """How many copies its tries out of the history may have made."""
        return self.ambiguous() + (self.state == "delivered" and not self.before_recorded)


@dataclasses.dataclass(frozen=True)
class Episode:
    fingerprint: str
    starts_at_ms: int
    ended_at_ms: int | None
    late: int = 0
    flaps: int = 0


class History:
    """The file, when nobody else has it open. One that cannot be read holds nothing, and says why."""

    def __init__(self, path):
        self.integrity, self.bodies, self.episodes, self.rows, self.untold = [], set(), [], [], []
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
            "SELECT fingerprint, starts_at_ms, ended_at_ms, late, flaps FROM episodes ORDER BY id")]
        self.rows = list(_rows(database))
        self.untold = database.execute(
            "SELECT fingerprint, kind, tell FROM transitions JOIN episodes ON episodes.id = episode_id "
            "WHERE tell <> 'told'").fetchall()


def _rows(database):
    tries = {}
    for row, *one in database.execute(
            "SELECT outbox_id, outcome, code, detail, id, number FROM attempts ORDER BY id"):
        tries.setdefault(row, []).append(Try(*one))
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
                          each.message_id, len(found)))
    for each in chat.messages():
        found.append(Copy("telegram", str(each.chat_id), each.text, _MARK in each.text,
                          _tag(each.text), _word(each.text), at=len(found)))
    return found


def assign(rows, arrived):
    """Gives each row its copies. What belongs to no row. A copy that went out of memory belongs to the row
    that was stored later, if any was."""
    mails = {row.key: row for row in rows if row.channel == "email"}
    about = {}
    for row in rows:
        about.setdefault((row.channel, row.target, row.tag, row.word), []).append(row)
    strange = []
    for copy in arrived:
        candidates = about.get((copy.channel, copy.target, copy.tag, copy.word), ())
        if copy.channel == "email":
            row = mails.get(copy.message_id.strip("<>").partition("@")[0])
        else:
            text = _OVERTAKEN.sub("", copy.text)
            # What follows the row's own text is the mark; another row's may begin with it.
            row = max((each for each in candidates if text.startswith(each.text.strip())),
                      key=lambda each: len(each.text), default=None)
        if not row and copy.unrecorded:
            row = next((each for each in candidates if not each.notice), None)
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
