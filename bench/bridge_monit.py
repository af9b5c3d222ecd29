"""Debian's Monit, unpacked into the cache, that looks at one process once a second and does nothing else.

No web server, no mail server, no list of events on disk. It reads /proc/PID/stat and its like; of control
groups it knows nothing.
"""

from bench import packages
from tests.stack import wait

PROGRAM = "usr/bin/monit"
LIBRARIES = ["libcrypt1", "libpam0g", "libssl3", "zlib1g"]
_CONFIGURATION = """
set daemon 1
set idfile {directory}/id
set statefile {directory}/state
set pidfile {directory}/pid
set logfile {directory}/log
check process model with pidfile {directory}/model.pid
  if cpu > 80% for 60 cycles then alert
"""


def unpack():
    packages.unpack(["monit"], LIBRARIES, PROGRAM)


class Monit:
    """A running one that measures the process `pid`."""

    def __init__(self, stack, pid, name):
        directory = stack.folder(name)
        (directory / "model.pid").write_text(f"{pid}\n", encoding="ascii")
        config = stack.path(f"{name}.monitrc", _CONFIGURATION.format(directory=directory))
        log = directory / "log"
        self.process = stack.start(name, [*packages.command(["monit"], LIBRARIES, PROGRAM),
                                          "-I", "-c", config])
        # It keeps what it knows of each service in its state file, from the first look on.
        wait.until(lambda: (directory / "state").exists() and log.exists(), 30, "Monit looking",
                   needs=[self.process])
