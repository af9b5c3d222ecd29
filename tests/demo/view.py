"""What can be seen from outside at one moment, and how it is shown."""

import dataclasses
import shutil
import sys
import time

from tests.stack import ADMIN_ALERT

THRESHOLD = 0.8
QUIET_S = 10  # without a terminal: a line at least this often
BAR = 16


@dataclasses.dataclass
class View:
    """None is unknown."""

    ratio: float | None = None
    alert: str = "inactive"
    sent: int = 0
    received: int | None = 0  # None: the mailbox is somebody else's


def look(stage, before):
    """What is to be seen now. Whoever does not answer leaves what was seen before."""
    view = dataclasses.replace(before)
    try:
        metrics = stage.sidecar.metrics()
        view.ratio = metrics.value("fraud_model_cpu_utilization_ratio")
        view.sent = int(metrics.value("fraud_sidecar_notifications_total", channel="email",
                                      outcome="delivered") or 0)
        view.alert = stage.prometheus.alert_state(ADMIN_ALERT)
    except OSError:
        pass
    view.received = len(stage.receiver.mails()) if stage.receiver else None
    return view


def line(view):
    """One line that fits into 80 columns."""
    if view.ratio is None:
        bar, share = "?" * BAR, "  ? %"
    else:
        filled = min(BAR, round(view.ratio * BAR))
        bar, share = "#" * filled + "." * (BAR - filled), f"{view.ratio * 100:3.0f} %"
    mark = round(THRESHOLD * BAR)
    mail = f"mail {view.sent} sent" + ("" if view.received is None else f", {view.received} received")
    return f"CPU [{bar[:mark]}|{bar[mark:]}] {share} of limit  alert {view.alert:8}  {mail}"


class Display:
    """Lines that stay, and below them, on a terminal, one that is drawn anew. Without a terminal that
    one is printed when something changed, or every QUIET_S."""

    def __init__(self, out=sys.stdout, clock=time.monotonic):
        self._out = out
        self._clock = clock
        self._live = out.isatty()
        self._begun = clock()
        self._shown = None
        self._shown_at = 0.0

    def say(self, text=""):
        self._write(("\r\x1b[K" if self._live else "") + text + "\n")

    def show(self, view):
        if self._live:
            width = shutil.get_terminal_size().columns
            self._write("\r\x1b[K" + line(view)[:width - 1])
            return
        state = (view.alert, view.sent, view.received, view.ratio is None,
                 (view.ratio or 0) > THRESHOLD)
        now = self._clock()
        if state != self._shown or now - self._shown_at >= QUIET_S:
            self._shown, self._shown_at = state, now
            self._write(f"{now - self._begun:6.1f} s  {line(view)}\n")

    def _write(self, text):
        self._out.write(text)
        self._out.flush()
