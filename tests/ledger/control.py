"""The other side of tests/ledger/shim: preloads it into fraud-sidecar and tells it what to do."""

import mmap
import os
import pathlib
import struct

from tests.stack import ROOT, whole


# As in shim/control.h.
_LAYOUT = struct.Struct("=32s5i32s")
_COUNTDOWN, _DISK, _POWER_CUT, _MAIL_PORT, _TELEGRAM_PORT = range(32, 52, 4)
_KILLED_AT = 52
DISK = {"well": 0, "full": 1, "read-only": 2}


def shim():
    """LEDGER_SHIM, or the release build's."""
    return pathlib.Path(os.environ.get("LEDGER_SHIM", ROOT / "build/release/tests/libledger_shim.so"))


def faketime():
    """Debian's libfaketime, in the folder of this machine's kind."""
    found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise RuntimeError("no libfaketime here: apt-get install faketime")
    return found[0]


class Control:
    """A file that the library maps. What is set holds at once, but the power cut at the next start."""

    def __init__(self, stack, mail_port, telegram_port):
        self._path = stack.path("control")
        self._environment = stack.path("environment", "")
        self._clock = stack.path("clock")
        with open(self._path, "wb") as file:
            file.write(bytes(_LAYOUT.size))
        with open(self._path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), _LAYOUT.size)
        self._set(_MAIL_PORT, mail_port)
        self._set(_TELEGRAM_PORT, telegram_port)

    # The words before the program's own: what is in the file is read at each start.
    def prefix(self):
        return ["sh", "-c", '. "$0" && exec "$@"', self._environment]

    def before_start(self, power_cut, stepped=False, asks=None):
        """How it runs next: with libfaketime under it when its clock will be `stepped`; `asks` is the URL of
        the Alertmanager that it asks what fires."""
        self.disarm()
        self.disk("well")
        self.clock(0)
        self._map[_KILLED_AT:_LAYOUT.size] = bytes(32)
        self._set(_POWER_CUT, power_cut)
        lines = [f"export LEDGER_CONTROL={self._path} LD_PRELOAD={shim()}"]
        if asks:
            # It ends nothing by absence: three rounds of these are over before Alertmanager, whose pauses
            # between tries nobody can compress, has told of what it told in vain.
            lines.append(f"export FRAUD_ALERTMANAGER_URL={asks} FRAUD_RECONCILE_EVERY=250ms "
                         "FRAUD_ALERTMANAGER_SOURCE=demo FRAUD_ALERTMANAGER_SETTLE=1h")
        if stepped:
            lines.append("export LD_PRELOAD=$LD_PRELOAD:" + str(faketime()))
            lines.append(f"export FAKETIME_TIMESTAMP_FILE={self._clock} FAKETIME_CACHE_DURATION=1 "
                         "FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1")
        whole.write(self._environment, "\n".join(lines) + "\n")

    def kill_at(self, step, occurrence=1):
        self.disarm()
        self._map[:32] = step.encode().ljust(32, b"\0")
        self._set(_COUNTDOWN, occurrence)

    def disarm(self):
        self._set(_COUNTDOWN, 0)

    def killed_at(self):
        """The step at which the last process killed itself, "" when it did not."""
        return self._map[_KILLED_AT:_LAYOUT.size].rstrip(b"\0").decode()

    def disk(self, state):
        self._set(_DISK, DISK[state])

    def clock(self, seconds):
        """The sidecar's wall clock is so far ahead of the machine's, within a second or two."""
        whole.write(self._clock, f"{seconds:+d}\n")

    def _set(self, at, value):
        self._map[at:at + 4] = struct.pack("=i", value)
