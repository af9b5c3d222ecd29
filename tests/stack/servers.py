"""Debian's Prometheus and Alertmanager, unpacked into the cache: installing them would start services.

    /usr/bin/python3 -m tests.stack.servers      unpacks when needed, prints the folder of the programs
"""

import sys

from tests.stack import debian

PACKAGES = ["prometheus", "prometheus-alertmanager"]
PROGRAMS = ["prometheus", "promtool", "prometheus-alertmanager", "amtool"]


def unpack():
    """The folder with PROGRAMS. Raises RuntimeError with one sentence when they cannot be had."""
    return debian.unpack(debian.cache() / "servers", lambda: PACKAGES, _complete, _make_relative) / "usr/bin"


def program(name):
    return unpack() / name


def home():
    """The working directory that Alertmanager needs: see _make_relative."""
    return unpack().parent.parent


def _complete(place):
    return all((place / "usr/bin" / name).exists() for name in PROGRAMS)


def _make_relative(root):
    """Debian's Alertmanager insists on its template under /usr/share, where only an installation puts
    it. The same path without the leading slash, and as long, is found below the working directory."""
    alertmanager = root / "usr/bin/prometheus-alertmanager"
    built_in = b"/usr/share/prometheus/alertmanager"
    alertmanager.write_bytes(alertmanager.read_bytes().replace(built_in, built_in[1:] + b"/"))


if __name__ == "__main__":
    try:
        print(unpack())
    except (RuntimeError, OSError) as error:
        sys.exit(f"servers: {error}")
