"""Python environments that the tests and benches need, made in the cache from a list of pinned packages.

    /usr/bin/python3 -m tests.stack.venv REQUIREMENTS.txt      makes it when needed, prints its python

The name of an environment is the hash of its list, so a changed list is a new environment. May run several
times at once.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

from tests.stack.debian import cache


def python(requirements):
    """The interpreter of an environment with what that file lists. RuntimeError with one sentence."""
    requirements = pathlib.Path(requirements)
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    place = cache() / "venv" / digest
    if not (place / "complete").exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        _make(place, requirements)
    return place / "bin/python"


def _make(place, requirements):
    """In the place where it stays (environments cannot be moved), under a lock."""
    with open(f"{place}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (place / "complete").exists():
            return
        shutil.rmtree(place, ignore_errors=True)
        _run("/usr/bin/python3", "-m", "venv", place)
        _run(place / "bin/python", "-m", "pip", "--disable-pip-version-check", "-q", "install",
             "--no-deps", "-r", requirements)
        _run(place / "bin/python", "-m", "pip", "--disable-pip-version-check", "-q", "check")
        (place / "complete").touch()


def _run(*command):
    environment = {**os.environ, "PIP_NO_CACHE_DIR": "1"}
    done = subprocess.run([str(part) for part in command], env=environment, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        last = done.stdout.strip().splitlines()[-1:] or ["it said nothing"]
        raise RuntimeError(f"{' '.join(map(str, command[:4]))} failed: {last[0]}")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: /usr/bin/python3 -m tests.stack.venv REQUIREMENTS.txt")
    try:
        print(python(sys.argv[1]))
    except (RuntimeError, OSError) as problem:
        sys.exit(f"tests.stack.venv: {problem}")


if __name__ == "__main__":
    main()
