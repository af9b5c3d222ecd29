"""Programs of Debian packages, unpacked into the cache: installing them would start services.

Downloads once, works as root and as a normal user.
"""

import pathlib
import shutil
import subprocess
import tempfile

from bench.measure import Cannot
from tests.stack import servers

_LIBRARY_FOLDERS = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu")


def command(packages, libraries, program):
    """The first words of a command that runs `program`, a path inside of these packages, with the
    libraries that were unpacked beside it."""
    place = unpack(packages, libraries, program)
    folders = ":".join(str(place / folder) for folder in _LIBRARY_FOLDERS)
    return ["env", f"LD_LIBRARY_PATH={folders}", str(place / program)]


def unpack(packages, libraries, program):
    """The folder that has all of `packages`, among them the file `program`. Of `libraries`, packages too,
    those that the system has are taken from there."""
    place = servers.cache() / packages[0]
    if not (place / program).exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{packages[0]}-", dir=place.parent) as work:
            _fill(pathlib.Path(work), [*packages, *_missing(libraries)])
            shutil.rmtree(place, ignore_errors=True)
            (pathlib.Path(work) / "root").rename(place)
    return place


def _fill(work, packages):
    # As root, apt would drop to a user who cannot write here, and warn about it.
    _run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *packages], work)
    for package in work.glob("*.deb"):
        _run(["dpkg", "-x", package, work / "root"], work)


def _missing(packages):
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *packages]
    shown = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    have = {line.split()[1] for line in shown.splitlines() if line.startswith("installed ")}
    return [package for package in packages if package not in have]


def _run(command, where):
    done = subprocess.run(list(map(str, command)), cwd=where, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Cannot(f"{command[0]} failed (as root, try apt-get update): {last}")
