"""One run: real servers, a sidecar that is killed round after round, and at the end all is well."""

import contextlib
import datetime
import os
import pathlib
import random
import signal
import sqlite3
import time

from tests.ledger import model, plan
from tests.ledger.book import Book
from tests.ledger.control import Control
from tests.ledger.recorder import Recorder
from tests.stack import wait, web
from tests.stack.alertmanager import Alertmanager
from tests.stack.mailbox import Receiver
from tests.stack.sidecar import Sidecar
from tests.stack.telegram import Telegram

FACTOR = 60  # Alertmanager's group_wait of 10 s in 170 ms, its group_interval in 1 s
STEP_SECONDS = 5  # how long a step is waited for before more alerts change, so many times
TRIES = 3
STEPPED = {"clock ahead": 3600, "clock behind": -3600}
CHATS = ({"id": 4711, "type": "private"}, {"id": 4712, "type": "private"})
MAILBOX = "admin@test.example"
SETTLED = ("delivered", "failed", "expired")
CALM_ROUNDS = 50  # then all that waits may go out: a chat takes one message a second
_WAITS = ["--telegram-timeout", "1500ms", "--smtp-timeout", "1s", "--smtp-accept-timeout", "2s",
          "--retry-first", "100ms", "--retry-longest", "500ms"]


class Run:
    """What it leaves behind is read by account.py."""

    def __init__(self, stack, seed, settled_seconds):
        self.recorder = Recorder()
        self.mail = Receiver(stack)
        self.chat = Telegram(stack, chats=CHATS)
        self.killed = {}  # how often at each step, "" for any other moment
        self.met = {}  # how many rounds each trouble did harm in, had a restart of Alertmanager, a power cut
        self._restart_due = False
        self.death = ""  # of the last round, in words
        self._settled_seconds = settled_seconds  # bound of the wait for the last message
        self._seed = seed  # of two generators: what the alerts draw hangs on time, the rounds must not
        self._book = Book(random.Random(f"alerts {seed}"))
        self._restarted_at = 0  # how many webhooks there were before the present Alertmanager
        self._control = Control(stack, self.mail.port, self.chat.port)
        self._control.before_start(power_cut=False)
        self.one = Sidecar(stack, self._flags(), prefix=self._control.prefix())
        self.recorder.sidecar_port = self.one.port
        self._alertmanager = Alertmanager(stack, self.recorder.url, self.one.tokens["webhook"], FACTOR)

    def _flags(self):
        chats = [f"--telegram-chat={chat['id']}" for chat in CHATS]
        return ["--target-pid", os.getpid(), "--cpu-source", "proc", "--cpu-limit-cores", "1",
                "--smtp-url", f"smtp://127.0.0.1:{self.mail.port}", "--smtp-tls", "none",
                "--mail-from", "fraud@test.example", "--mail-to", MAILBOX,
                "--telegram-api-url", self.chat.url, "--telegram-token-file", self.chat.token_file,
                *chats, *_WAITS]

    def rounds(self, kills):
        """Yields each round that was lived through, as it was planned."""
        self._kill()
        self.killed.clear()
        drawn = plan.Plan(random.Random(f"rounds {self._seed}"))
        for number in range(1, kills + 1):
            each = drawn.round(number)
            harmed = self._live_through(each)
            if self.death != each.step if each.step else each.trouble and each.met and not harmed:
                drawn.missed(each)
            yield each
            if number % CALM_ROUNDS == 0 and number < kills:
                self._calm(lambda: not self._book.is_ending(self._told()))
                self.one.process.kill()

    def finish(self):
        """Everything is well: every alert ends and every message is settled, or NotInTime."""
        self._calm(self._all_told)
        self.one.process.stop()

    def _calm(self, first):
        """Nobody is killed and no server ill until `first` holds and nothing waits to be sent."""
        self._start(power_cut=False, stepped=True)
        self.mail.behave(plan.WELL)
        self.chat.behave(plan.WELL)
        needs = [self.one.process]
        wait.until(first, self._settled_seconds, "the end of every alert, acknowledged", needs, every=1)
        # The hold of every end that is kept back is over, without waiting for it.
        self._step_clock(3600)
        wait.until(lambda: not self._held(), self._settled_seconds, "every held end told", needs, every=0.5)
        self.recorder.era += 1
        wait.until(lambda: self._live() == 0, self._settled_seconds, "every message settled", needs,
                   every=0.5)

    def _live_through(self, each):
        """Whether its trouble did harm."""
        # Before it starts: what waits from the last round meets them.
        self.mail.behave(each.mail)
        self.chat.behave(each.chat)
        self._start(each.power_cut, stepped=each.trouble in STEPPED, early=each if each.early else None,
                    asks=each.asks)
        self._restart_if_due(each)
        if each.step and not each.early:
            self._control.kill_at(each.step, each.occurrence)
        before = len(self.recorder.webhooks())
        with self._troubled(each.trouble):
            self._change_until_death(each, lambda: self._harmed(each.trouble, before))
            harmed = bool(each.trouble) and self._harmed(each.trouble, before)
        if harmed and each.passes:
            self._control.disk("well")
            again = len(self.recorder.webhooks())
            self._comes(lambda: any(one.acknowledged for one in self.recorder.webhooks()[again:]),
                        STEP_SECONDS)
            self._comes(lambda: not self.one.process.running(), each.seconds)
        self._kill()
        self._meet(each.trouble, harmed)
        self._meet(plan.POWER_CUT, each.power_cut)
        return harmed

    def _meet(self, what, met):
        self.met[what] = self.met.get(what, 0) + met

    def _restart_if_due(self, each):
        """Put off to a later round while an end is not yet told."""
        self._restart_due |= each.restart_alertmanager
        if self._restart_due and not self._book.is_ending(self._told()):
            self._restart_due = False
            self._alertmanager.restart()
            self._restarted_at = len(self.recorder.webhooks())
            self._meet(plan.RESTART, True)

    def _change_until_death(self, each, harmed):
        for _ in range(TRIES if each.step or each.met else 1):
            self._book.change(each.fires, each.ends, self._told(), self._heard())
            self._post()
            if each.step and self._comes(lambda: not self.one.process.running(), STEP_SECONDS):
                return
            if not each.step and (not (each.met and each.trouble) or self._comes(harmed, STEP_SECONDS)):
                break
        self._comes(lambda: not self.one.process.running(), each.seconds)

    def _harmed(self, trouble, before):
        """A webhook was not stored, or was at a time that is not now."""
        if trouble in STEPPED:
            return any(abs(at - time.time()) > 1800 for at in self._accepted())
        return any(webhook.status == 503 for webhook in self.recorder.webhooks()[before:])

    def _accepted(self):
        """When the present process took webhooks, by its own clock."""
        for line in self.one.process.text().splitlines():
            if " webhook_accepted " in line:
                yield datetime.datetime.fromisoformat(line.split()[0]).timestamp()

    def _step_clock(self, seconds):
        """Of the sidecar that runs."""
        self.recorder.steps += 1
        self.recorder.stepped = True
        self._control.clock(seconds)

    def _start(self, power_cut, stepped=False, early=None, asks=False):
        self.recorder.stepped = False
        # What is in shared memory does not outlive a power cut.
        pathlib.Path(f"{self.one.database}-shm").unlink(missing_ok=True)
        self._control.before_start(power_cut, stepped, self._alertmanager.url if asks else None)
        if early:
            self._control.kill_at(early.step, early.occurrence)
        try:
            self.one.start()
        except wait.Ended:
            if not self._control.killed_at():
                raise

    def _told(self):
        return model.transitions(self.recorder.webhooks())

    def _heard(self):
        """Of the present Alertmanager: a restarted one tells no end of what it never told itself."""
        return model.transitions(self.recorder.webhooks()[self._restarted_at:])

    @staticmethod
    def _comes(condition, seconds):
        try:
            return wait.until(condition, seconds, "it", every=0.02)
        except wait.NotInTime:
            return False

    def _kill(self):
        """What was still running; counted by what it died of."""
        by_itself = not self.one.process.running()
        if by_itself and self.one.process.wait(1) != -signal.SIGKILL:
            self.one.process.check()  # says how it ended
        self.one.process.kill()
        step = self._control.killed_at()
        self.death = step or "at that moment"
        self.killed[step] = self.killed.get(step, 0) + 1
        for name in ("faketime_shm_", "sem.faketime_sem_"):  # libfaketime leaves them behind
            pathlib.Path(f"/dev/shm/{name}{self.one.process.pid}").unlink(missing_ok=True)

    @contextlib.contextmanager
    def _troubled(self, trouble):
        if trouble in ("full", "read-only"):
            self._control.disk(trouble)
        elif trouble in STEPPED:
            self._step_clock(STEPPED[trouble])
        if trouble != "busy":
            yield
            return
        database = sqlite3.connect(self.one.database, isolation_level=None, timeout=20)
        with contextlib.closing(database):
            database.execute("BEGIN IMMEDIATE")
            yield
            database.execute("ROLLBACK")

    def _post(self):
        posts = self._book.posts(self._told())
        answer = web.call(f"{self._alertmanager.url}/api/v2/alerts", body=posts)
        if answer.status != 200:
            raise RuntimeError(f"alertmanager answered {answer.status}: {answer.body[:200]!r}")

    def _all_told(self):
        self._book.end_all(self._told(), self._heard())
        self._post()
        return self._book.is_over(self._told())

    def _held(self):
        """How many ends are kept back, to see whether they last."""
        with contextlib.closing(sqlite3.connect(f"file:{self.one.database}?mode=ro", uri=True)) as database:
            return database.execute("SELECT count(*) FROM transitions WHERE tell = 'held'").fetchone()[0]

    def _live(self):
        metrics = self.one.metrics()
        rows = metrics.total("fraud_sidecar_outbox_rows")
        return rows - sum(metrics.value("fraud_sidecar_outbox_rows", state=state) for state in SETTLED)

    def close(self):
        """Whatever became of the run: nothing writes to the history any more."""
        self.one.process.kill()
        self.recorder.close()
