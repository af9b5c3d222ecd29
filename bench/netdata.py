"""Debian's Netdata, unpacked into the cache and cut down to its cgroups plugin.

Everything that its users could switch off is off: web server, registry, cloud, telemetry, health, machine
learning, the other plugins, the database on disk. What is left reads one control group once a second.
"""

import getpass

from bench import packages
from tests.stack import debian, wait
from tests.stack.cgroup import mounts

PROGRAM = "usr/sbin/netdata"
PLUGINS = "usr/lib/netdata/plugins.d"
# Its own, and the libraries among its dependencies; those that the system has are taken from there.
PACKAGES = ["netdata-core", "netdata-plugins-bash"]
LIBRARIES = ["libcap2", "libjson-c5", "liblz4-1", "libmnl0", "libnetfilter-acct1", "libssl3", "libuuid1",
             "libuv1", "zlib1g"]
OFF = ["proc", "diskspace", "tc", "idlejitter", "timex", "statsd", "netdata monitoring",
       "netdata monitoring extended", "profile", "enable running new plugins", "apps", "charts.d", "cups",
       "ebpf", "fping", "freeipmi", "go.d", "ioping", "nfacct", "perf", "python.d", "slabinfo", "xenstat"]


def unpack():
    """The folder with PROGRAM; downloads once."""
    return packages.unpack(PACKAGES, LIBRARIES, PROGRAM)


def _configuration(directory, plugins, group):
    """`group` is the one control group to measure, by its name."""
    folders = {"config": "etc", "stock config": "etc", "log": "log", "web": "web", "cache": "cache",
               "lib": "lib", "home": "home", "lock": "lib/lock", "registry": "lib/registry",
               "health config": "etc", "stock health config": "etc"}
    for folder in folders.values():
        (directory / folder).mkdir(parents=True, exist_ok=True)
    sections = {
        "global": {"run as user": getpass.getuser(), "hostname": "bench"},
        "directories": {**{name: directory / folder for name, folder in folders.items()},
                        "plugins": f'"{plugins}"'},
        "db": {"mode": "ram", "retention": 60, "update every": 1},
        "web": {"mode": "none"},
        "registry": {"enabled": "no"},
        "health": {"enabled": "no"},
        "ml": {"enabled": "no"},
        "plugins": {**dict.fromkeys(OFF, "no"), "cgroups": "yes"},
        "plugin:cgroups": {
            "update every": 1, "check for new cgroups every": 10,
            "use unified cgroups": "no" if "cpu" in mounts() else "yes",
            "enable by default cgroups matching": f"*{group}*",
            "run script to rename cgroups matching": "!*", "enable systemd services": "no",
            "enable blkio bandwidth": "no", "enable blkio operations": "no",
            "enable blkio throttle bandwidth": "no", "enable blkio throttle operations": "no",
            "enable blkio queued operations": "no", "enable blkio merged operations": "no"},
    }
    return "\n".join(f"[{section}]\n" + "".join(f"  {k} = {v}\n" for k, v in values.items())
                     for section, values in sections.items())


class Netdata:
    """A running one that measures `group`."""

    def __init__(self, stack, group, name):
        root = unpack()
        directory = stack.folder(name)
        config = directory / "netdata.conf"
        config.write_text(_configuration(directory, root / PLUGINS, group), encoding="utf-8")
        (directory / "etc/.opt-out-from-anonymous-statistics").touch()
        cloud = directory / "lib/cloud.d"
        cloud.mkdir()
        (cloud / "cloud.conf").write_text("[global]\n  enabled = no\n", encoding="utf-8")
        self.process = stack.start(name, [
            "env", f"LD_LIBRARY_PATH={debian.libraries_of(root)}", "DISABLE_TELEMETRY=1", "DO_NOT_TRACK=1",
            root / PROGRAM, "-D", "-c", config])
        # It tells of each group it has found by looking for the group's network interfaces.
        wait.until(lambda: group in (directory / "log/error.log").read_text(errors="replace")
                   if (directory / "log/error.log").exists() else False,
                   60, "Netdata finding the control group", needs=[self.process])
