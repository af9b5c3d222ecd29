"""Debian's Prometheus and Alertmanager, unpacked into the cache: installing them would start services.

    /usr/bin/python3 -m tests.stack.servers      unpacks when needed, prints the folder of the programs

Works as root and as a normal user, downloads once, and may run several times at once.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PACKAGES = ["prometheus", "prometheus-alertmanager"]
PROGRAMS = ["prometheus", "promtool", "prometheus-alertmanager", "amtool"]


def cache():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "fraud"


def unpack():
    """The folder with PROGRAMS. Raises RuntimeError with one sentence when they cannot be had."""
    place = cache() / "servers"
    if not _complete(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        work = pathlib.Path(tempfile.mkdtemp(prefix="servers-", dir=place.parent))
        try:
            _fill(work)
            _move(work / "root", place)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return place / "usr/bin"


def program(name):
    return unpack() / name


def home():
    """The working directory that Alertmanager needs: see _make_relative."""
    return unpack().parent.parent


def _complete(place):
    return all((place / "usr/bin" / name).exists() for name in PROGRAMS)


def _fill(work):
    try:
        _download(work)
    except RuntimeError:  # no package lists yet, or old ones
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        _run([*sudo, "apt-get", "-qq", "update"], work)
        _download(work)
    for package in work.glob("*.deb"):
        _run(["dpkg", "-x", package, work / "root"], work)
    _make_relative(work / "root/usr/bin/prometheus-alertmanager")
    if not _complete(work / "root"):
        raise RuntimeError(f"the packages {' and '.join(PACKAGES)} lack a program of {PROGRAMS}")


def _make_relative(program):
    """Debian's Alertmanager insists on its template under /usr/share, where only an installation puts
    it. The same path without the leading slash, and as long, is found below the working directory."""
    built_in = b"/usr/share/prometheus/alertmanager"
    program.write_bytes(program.read_bytes().replace(built_in, built_in[1:] + b"/"))


def _download(work):
    # As root, apt would drop to a user who cannot write here, and warn about it.
    _run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *PACKAGES], work)


def _run(command, where):
    done = subprocess.run(list(map(str, command)), cwd=where, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{' '.join(map(str, command[:3]))} failed: {last}")


def _move(made, place):
    """Whoever comes second finds the place taken by an equal one, which is as good."""
    try:
        made.rename(place)
    except OSError:
        if not _complete(place):
            shutil.rmtree(place)  # half of an older try
            made.rename(place)


if __name__ == "__main__":
    try:
        print(unpack())
    except (RuntimeError, OSError) as error:
        sys.exit(f"servers: {error}")
