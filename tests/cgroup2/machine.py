"""A virtual machine with cgroup v2 that boots a script from memory, prints, and powers itself off."""

import itertools
import pathlib
import re
import subprocess
import tempfile

from tests.cgroup2 import packages

FOLDERS = ["bin", "dev", "etc", "proc", "sys", "tmp"]
_NUMBERS = itertools.count(1)


def initramfs(files, place):
    """An archive as the kernel takes it (cpio, "newc"). `files`: {path in the machine: path here}."""
    wanted = {"bin/busybox": place / "bin/busybox", **files}
    for program in list(wanted.values()):
        wanted.update({str(library).lstrip("/"): library for library in libraries(program)})
    above = {str(folder) for path in wanted for folder in pathlib.PurePath(path).parents} - {"."}
    parts = [_entry(folder, 0o040755) for folder in sorted(above.union(FOLDERS))]
    parts.append(_entry("dev/console", 0o020600, device=(5, 1)))
    for path, source in wanted.items():
        parts.append(_entry(path, 0o100755, _stripped(pathlib.Path(source))))
    return b"".join([*parts, _entry("TRAILER!!!", 0)])


def _stripped(file):
    """Its bytes; a program's without what is for debuggers only, which is ten times the program."""
    data = file.read_bytes()
    if not data.startswith(b"\x7fELF"):
        return data
    with tempfile.NamedTemporaryFile() as less:
        subprocess.run(["strip", "--strip-debug", "-o", less.name, file], check=True, timeout=60)
        return pathlib.Path(less.name).read_bytes()


def libraries(program):
    """What it loads, by path; nothing for a script and a static program."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return [pathlib.Path(found) for found in re.findall(r"(?:=> |^\s)(/\S+) \(0x", told, re.MULTILINE)]


def _entry(path, mode, data=b"", device=(0, 0)):
    name = path.encode() + b"\0"
    fields = (next(_NUMBERS), mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def run(stack, archive, place, seconds):
    """Boots it and gives what it printed until it powered off, or until it was ended after `seconds`. The
    stack's guard ends it also when we are ended."""
    path = stack.path("initramfs")
    path.write_bytes(archive)
    memory_mib = 256 + 3 * (len(archive) >> 20)  # it unpacks into at most half of it, with the archive beside
    folders = [f"LD_LIBRARY_PATH={packages.environment(place)['LD_LIBRARY_PATH']}"]
    process = stack.start("machine", [
        "env", *folders, place / "usr/bin/qemu-system-x86_64", "-accel", "tcg", "-m", str(memory_mib),
        "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
        "-L", place / "usr/share/seabios", "-L", place / "usr/share/qemu",
        "-kernel", packages.kernel(place), "-initrd", path,
        "-append", "console=ttyS0 panic=-1 quiet loglevel=3"])
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass  # what it printed tells how far it came
    finally:
        process.stop()
    return process.text().replace("\r", "")


def sections(text):
    """{name: lines} of what it printed between "@@ NAME" and "@@"."""
    return {name: body.strip() for name, body in
            re.findall(r"^@@ (\S+)\n(.*?)^@@$", text, re.MULTILINE | re.DOTALL)}
