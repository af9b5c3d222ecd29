"""A history on a disk that can be filled up."""

import os
import shutil
import unittest

from tests.process.fixture import SELF, StackTest
from tests.stack.process import as_root


@unittest.skipUnless(as_root(), "a disk that fills up needs root for its mount")
class SmallDiskTest(StackTest):
    """The history on a small tmpfs, mounted where only the sidecar sees it."""

    def small(self, *flags, **options):
        """A sidecar with its history there."""
        disk = self.stack.folder("disk")
        made = self.sidecar(
            *flags, prefix=["unshare", "--mount", "--propagation", "private", "sh", "-ec",
                            f'mount -t tmpfs -o size=3m tmpfs {disk}; exec "$@"', "sh"],
            database=disk / "history.db", target=SELF, **options)
        # The mount as the sidecar sees it.
        self._filler = f"/proc/{made.process.pid}/root{disk}/filler"
        return made

    def fill(self):
        with open(self._filler, "wb", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass
        self.assertEqual(shutil.disk_usage(os.path.dirname(self._filler)).free, 0)

    def make_room(self):
        os.unlink(self._filler)
