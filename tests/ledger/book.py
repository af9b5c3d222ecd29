"""The alerts of the run, as a Prometheus would hold them: it posts all of them again and again."""

import dataclasses
import datetime

NAMES = ("LedgerFirst", "LedgerSecond", "LedgerThird")  # a group of Alertmanager each
_LIVES = 4  # an alert fires so often: it flaps
_OPEN_MAX = 8


@dataclasses.dataclass
class Alert:
    number: int
    life: int
    starts_at: str
    ends_at: str | None = None

    @property
    def tag(self):
        return f"ledger-{self.number:05d}-{self.life}"

    def body(self):
        """For Alertmanager. One that fires says so for longer than any run takes."""
        return {"labels": {"alertname": NAMES[self.number % len(NAMES)], "severity": "critical",
                           "namespace": "ledger", "number": str(self.number)},
                "annotations": {"summary": self.tag}, "startsAt": self.starts_at,
                "endsAt": self.ends_at or _utc(datetime.timedelta(days=1))}


class Book:
    """`told` is what was acknowledged, as model.transitions has it, and `heard` the part of it that the
    present Alertmanager told: nothing ends before it is heard of, nor begins anew before its end is
    told. So each interval is one that Alertmanager tells of."""

    def __init__(self, random):
        self._random = random
        self._alerts = []

    def change(self, fires, ends, told, heard):
        """So many begin, anew or for the first time, and so many end, as far as that can be."""
        firing = [a for a in self._alerts if not a.ends_at and (a.tag, "FIRING") in heard]
        ended = [a for a in self._alerts if a.life < _LIVES and self._is_over(a, told)]
        crowded = len(self.open()) + fires > _OPEN_MAX
        for alert in self._random.sample(firing, min(ends + crowded, len(firing))):
            alert.ends_at = _utc()
        for _ in range(min(fires, _OPEN_MAX - len(self.open()))):
            if ended and self._random.random() < 0.5:
                again = ended.pop()
                self._alerts[again.number] = Alert(again.number, again.life + 1, _utc())
            else:
                self._alerts.append(Alert(len(self._alerts), 1, _utc()))

    def end_all(self, told, heard):
        self.change(0, len(self._alerts), told, heard)

    def open(self):
        return [alert for alert in self._alerts if not alert.ends_at]

    def is_over(self, told):
        """Whether every alert has ended, and Alertmanager has told of it."""
        return all(self._is_over(alert, told) for alert in self._alerts)

    def is_ending(self, told):
        """Whether an end is not yet told: a restart of Alertmanager would forget it for ever."""
        return any(alert.ends_at and not self._is_over(alert, told) for alert in self._alerts)

    def posts(self, told):
        return [alert.body() for alert in self._alerts if not self._is_over(alert, told)]

    @staticmethod
    def _is_over(alert, told):
        return bool(alert.ends_at) and (alert.tag, "RESOLVED") in told


def _utc(later=datetime.timedelta()):
    at = datetime.datetime.now(datetime.timezone.utc) + later
    return at.isoformat(timespec="milliseconds")
