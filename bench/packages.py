"""Programs of Debian packages with the libraries they need: what a bench compares with and nobody installs."""

import subprocess

from tests.stack import debian


def command(packages, libraries, program):
    """The first words of a command that runs `program`, a path inside of these packages, with the
    libraries that were unpacked beside it."""
    place = unpack(packages, libraries, program)
    return ["env", f"LD_LIBRARY_PATH={debian.libraries_of(place)}", str(place / program)]


def unpack(packages, libraries, program):
    """The folder that has all of `packages`, among them the file `program`. Of `libraries`, packages too,
    those that the system has are taken from there."""
    return debian.unpack(debian.cache() / packages[0], lambda: [*packages, *_missing(libraries)],
                         lambda place: (place / program).exists())


def _missing(packages):
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *packages]
    shown = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    have = {line.split()[1] for line in shown.splitlines() if line.startswith("installed ")}
    return [package for package in packages if package not in have]
