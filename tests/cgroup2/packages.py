"""A small virtual machine's parts from Debian packages, unpacked into the cache and not installed:
qemu with the libraries that are missing here, a kernel, busybox.

    /usr/bin/python3 -m tests.cgroup2.packages      unpacks when needed, prints the folder
"""

import os
import re
import subprocess
import sys

from tests.stack import debian

INSTALLED_BY_US = ["qemu-system-x86", "busybox-static"]
KERNEL = "linux-image-cloud-amd64"  # a name that stands for the newest one
PARTS = ["usr/bin/qemu-system-x86_64", "usr/share/seabios/bios-256k.bin", "bin/busybox"]


def unpack():
    """The folder with PARTS and boot/vmlinuz-*. RuntimeError, one sentence, when it cannot be had."""
    return debian.unpack(debian.cache() / "cgroup2", _wanted, _complete)


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
    return {**os.environ, "LD_LIBRARY_PATH": debian.libraries_of(place)}


def _wanted():
    planned = debian.run(["apt-get", "-s", "install", "--no-install-recommends", *INSTALLED_BY_US])
    missing = re.findall(r"^Inst (\S+)", planned, re.MULTILINE)
    asked = debian.run(["apt-cache", "depends", KERNEL])
    image = re.search(r"Depends: (linux-image-\S+)", asked)
    if not image:
        raise RuntimeError(f"apt-cache knows no {KERNEL}")
    # What is installed already is not in the plan, but its program is wanted here too.
    return sorted({*missing, *INSTALLED_BY_US, "seabios", "qemu-system-data", image.group(1)})


if __name__ == "__main__":
    try:
        print(unpack())
    except (RuntimeError, OSError) as error:
        sys.exit(f"cgroup2: {error}")
