"""Debian packages unpacked into a folder: installing them would start services, and takes root.

Works as root and as a normal user, downloads once, and may run several times at once.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile


def cache():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "fraud"


def unpack(place, wanted, complete, finish=lambda root: None):
    """`place`, with the packages in it that wanted() names, and what finish() did to them. It is made unless
    complete() says that it is whole. RuntimeError, one sentence, when it cannot be had."""
    if not complete(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{place.name}-", dir=place.parent) as work:
            root = pathlib.Path(work) / "root"
            _fill(pathlib.Path(work), root, wanted)
            finish(root)
            if not complete(root):
                raise RuntimeError(f"the packages for {place.name} lack something, or do not run here")
            _move(root, place, complete)
    return place


def run(command, where=None):
    """What it wrote, in English."""
    done = subprocess.run(list(map(str, command)), cwd=where, capture_output=True, text=True,
                          check=False, env={**os.environ, "LC_ALL": "C"})
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{' '.join(map(str, command[:3]))} failed: {last}")
    return done.stdout


def libraries_of(root):
    """For LD_LIBRARY_PATH."""
    return ":".join(str(root / folder) for folder in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"))


def _fill(work, root, wanted):
    try:
        _download(work, wanted)
    except RuntimeError:  # no package lists yet, or old ones
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        run([*sudo, "apt-get", "-qq", "update"], work)
        _download(work, wanted)
    for package in work.glob("*.deb"):
        run(["dpkg", "-x", package, root], work)


def _download(work, wanted):
    # As root, apt would drop to a user who cannot write here, and warn about it.
    run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *wanted()], work)


def _move(made, place, complete):
    """Whoever comes second finds the place taken by an equal one, which is as good."""
    try:
        made.rename(place)
    except OSError:
        if not complete(place):
            shutil.rmtree(place)  # half of an older try
            made.rename(place)
