"""One POST again and again over kept connections, by Debian's wrk, and what it costs the server."""

import dataclasses
import json
import os
import subprocess

from bench.measure import Cannot, Cpu
from bench.packages import command as packaged

PROGRAM = "usr/bin/wrk"
LIBRARIES = ["libluajit-5.1-2", "libssl3"]

# The request is made once, before the load. `done` runs after it; its line is all that is read.
_SCRIPT = """
local file = io.open(%s, "rb")
wrk.method, wrk.body = "POST", file:read("*a")
file:close()
wrk.headers["Content-Type"] = "application/json"

function done(summary)
  local e = summary.errors
  io.write(string.format('\\nCOUNTED {"requests": %%d, "errors": %%d}\\n', summary.requests,
                         e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclasses.dataclass
class Load:
    """`url` gets `body` over `connections` kept ones, each asking again when it was answered."""

    script: os.PathLike
    url: str
    connections: int

    @classmethod
    def of(cls, stack, name, url, body, connections=64):
        path = stack.path(f"{name}.body")
        path.write_bytes(body)
        # A JSON string of a path is a Lua string too.
        script = stack.path(f"{name}.lua", _SCRIPT % json.dumps(str(path)))
        return cls(script, url, connections)

    def run(self, seconds):
        """Requests that were answered, all with 2xx or 3xx. Cannot when one was not."""
        done = subprocess.run(
            [*packaged(["wrk"], LIBRARIES, PROGRAM), "-t1", f"-c{self.connections}", f"-d{seconds}s",
             "--timeout", "10s", "-s", str(self.script), self.url],
            capture_output=True, text=True, check=False, timeout=seconds + 60)
        return counted(done.stdout, done.stderr)


def counted(said, complaint=""):
    """The count in what wrk said."""
    lines = [line for line in said.splitlines() if line.startswith("COUNTED ")]
    if not lines:
        raise Cannot(f"wrk told no count: {(complaint or said).strip()[:200]}")
    count = json.loads(lines[-1].partition(" ")[2])
    if count["errors"] or not count["requests"]:
        raise Cannot(f"wrk saw {count['errors']} errors and {count['requests']} answers")
    return count["requests"]


def cpu_per_request(process, load, seconds):
    """Microseconds of CPU time of the process and its children for one request."""
    cpu = Cpu(process.pid)
    requests = load.run(seconds)
    process.check()
    return cpu.seconds() * 1e6 / requests
