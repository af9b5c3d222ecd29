"""A small virtual machine's parts from Debian packages, unpacked into the cache and not installed:
qemu with the libraries that are missing here, a kernel, busybox.

    /usr/bin/python3 -m tests.cgroup2.packages      unpacks when needed, prints the folder
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from tests.stack import servers

INSTALLED_BY_US = ["qemu-system-x86", "busybox-static"]
KERNEL = "linux-image-cloud-amd64"  # a name that stands for the newest one
PARTS = ["usr/bin/qemu-system-x86_64", "usr/share/seabios/bios-256k.bin", "bin/busybox"]


def unpack():
    """The folder with PARTS and boot/vmlinuz-*. RuntimeError, one sentence, when it cannot be had."""
    place = servers.cache() / "cgroup2"
    if not _complete(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        work = pathlib.Path(tempfile.mkdtemp(prefix="cgroup2-", dir=place.parent))
        try:
            _fill(work)
            shutil.rmtree(place, ignore_errors=True)  # half of an older try
            (work / "root").rename(place)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return place


def kernel(place):
    return next(place.glob("boot/vmlinuz-*"))


def _complete(place):
    """Also that qemu starts: a library that was installed then may be gone now."""
    if not all((place / part).exists() for part in PARTS) or not any(place.glob("boot/vmlinuz-*")):
        return False
    asked = subprocess.run([place / PARTS[0], "--version"], env=environment(place),
                           capture_output=True, check=False)
    return asked.returncode == 0


def environment(place):
    folders = [place / "usr/lib/x86_64-linux-gnu", place / "lib/x86_64-linux-gnu"]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, folders))}


def _fill(work):
    try:
        _download(work)
    except RuntimeError:  # no package lists yet, or old ones
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        _run([*sudo, "apt-get", "-qq", "update"], work)
        _download(work)
    for package in work.glob("*.deb"):
        _run(["dpkg", "-x", package, work / "root"], work)
    if not _complete(work / "root"):
        raise RuntimeError("the unpacked qemu does not start")


def _download(work):
    planned = _run(["apt-get", "-s", "install", "--no-install-recommends", *INSTALLED_BY_US], work)
    missing = re.findall(r"^Inst (\S+)", planned, re.MULTILINE)
    asked = _run(["apt-cache", "depends", KERNEL], work)
    image = re.search(r"Depends: (linux-image-\S+)", asked)
    if not image:
        raise RuntimeError(f"apt-cache knows no {KERNEL}")
    # What is installed already is not in the plan, but its program is wanted here too.
    wanted = sorted({*missing, *INSTALLED_BY_US, "seabios", "qemu-system-data", image.group(1)})
    # As root, apt would drop to a user who cannot write here, and warn about it.
    _run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *wanted], work)


def _run(command, where):
    done = subprocess.run(list(map(str, command)), cwd=where, capture_output=True, text=True,
                          check=False, env={**os.environ, "LC_ALL": "C"})
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{' '.join(map(str, command[:3]))} failed: {last}")
    return done.stdout


if __name__ == "__main__":
    try:
        print(unpack())
    except (RuntimeError, OSError) as error:
        sys.exit(f"cgroup2: {error}")
