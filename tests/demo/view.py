"""What can be seen from outside at one moment, and how it is shown."""

import dataclasses
import shutil
import sys
import time

from tests.demo.fleet import REPLICAS_MAX
from tests.stack import ADMIN_ALERT
from tests.stack.compression import divide

THRESHOLD = 0.8
QUIET_S = 10  # without a terminal: a line at least this often
BAR = 10


@dataclasses.dataclass
class View:
    """None is unknown."""

    replicas: int = 0
    ratio: float | None = None  # CPU of the limit, of the hottest
    answered_rps: float | None = None
    alert: str = "inactive"
    messages: dict = dataclasses.field(default_factory=dict)  # {channel: about the alert, so far}


def look(stage, messages, before, factor):
    """What is to be seen now. A Prometheus that does not answer leaves its part as it was before."""
    known = [ratio for ratio in stage.fleet.ratios().values() if ratio is not None]
    view = dataclasses.replace(before, replicas=len(stage.fleet.serving()), messages=messages,
                               ratio=max(known, default=None))
    try:
        view.answered_rps = stage.prometheus.query(
            f'sum(rate(http_requests_total{{path=~"/predict.*"}}[{divide("1m", factor)}]))')
        view.alert = stage.prometheus.alert_state(ADMIN_ALERT)
    except OSError:
        pass
    return view


def line(view):
    """One line that fits into 80 columns."""
    if view.ratio is None:
        bar, share = "?" * BAR, "  ? %"
    else:
        filled = min(BAR, round(view.ratio * BAR))
        bar, share = "#" * filled + "." * (BAR - filled), f"{view.ratio * 100:3.0f} %"
    mark = round(THRESHOLD * BAR)
    rate = "?" if view.answered_rps is None else f"{view.answered_rps:,.0f}"
    told = "  ".join(f"{name} {count}" for name, count in view.messages.items())
    return (f"{view.replicas} of {REPLICAS_MAX}  CPU [{bar[:mark]}|{bar[mark:]}] {share} "
            f"{rate:>7}/s  {view.alert:8}  {told}")


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
        state = (view.replicas, view.alert, view.messages, view.ratio is None,
                 (view.ratio or 0) > THRESHOLD)
        now = self._clock()
        if state != self._shown or now - self._shown_at >= QUIET_S:
            self._shown, self._shown_at = state, now
            self._write(f"{now - self._begun:6.1f} s  {line(view)}\n")

    def _write(self, text):
        self._out.write(text)
        self._out.flush()
