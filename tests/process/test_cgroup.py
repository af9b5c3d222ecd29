"""Making a control group, over plain directories: each way in which hosts mount them."""

import pathlib
import tempfile
import unittest
from unittest import mock

from tests.stack.cgroup import CannotLimit, Group, mounts


class Groups(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        (self.root / "proc/self").mkdir(parents=True)

    def host(self, **hierarchies):
        """{directory: options of v1, or "2"}, as /proc/self/mountinfo tells."""
        lines = ["21 1 8:1 / / rw - ext4 /dev/vda rw"]
        for name, options in hierarchies.items():
            (self.root / name).mkdir()
            kind = "cgroup2 cgroup2 rw" if options == "2" else f"cgroup cgroup rw,{options}"
            lines.append(f"30 21 0:26 / {self.root / name} rw,nosuid shared:9 - {kind}")
        (self.root / "proc/self/mountinfo").write_text("\n".join(lines) + "\n", encoding="ascii")

    def made(self, limit=0.2):
        group = Group(limit, root=self.root)
        guard = mock.Mock()
        group.make(guard)
        told = [call.args for call in guard.order.call_args_list]
        self.assertEqual(told, [("cgroup", str(path)) for path in group.directories()])
        self.assertTrue(all(path.is_dir() for path in group.directories()))
        return group

    def read(self, group, name):
        return [(leaf / name).read_text(encoding="ascii").strip()
                for leaf in group.directories() if (leaf / name).exists()]

    def test_v1_with_cpu_and_cpuacct_apart(self):
        self.host(a="cpu", b="cpuacct", c="memory", d="2")
        group = self.made()
        self.assertEqual((group.version, len(group.directories())), ("v1", 6))
        self.assertEqual(self.read(group, "cpu.cfs_quota_us"), ["20000"])
        self.assertEqual(self.read(group, "cpu.cfs_period_us"), ["100000"])
        group.add(4711)
        self.assertEqual(self.read(group, "cgroup.procs"), ["4711"] * 3)

    def test_v1_with_cpu_and_cpuacct_as_one(self):
        self.host(a="cpu,cpuacct", c="memory")
        self.assertEqual(len(self.made().directories()), 4)

    def test_v2(self):
        self.host(unified="2")
        group = self.made(0.05)
        self.assertEqual((group.version, len(group.directories())), ("v2", 2))
        self.assertEqual(self.read(group, "cpu.max"), ["5000 100000"])
        self.assertIn("+cpu", (self.root / "unified/cgroup.subtree_control").read_text())
        group.add(4711)
        self.assertEqual(self.read(group, "cgroup.procs"), ["4711"])

    def test_none_at_all_is_told(self):
        self.host()
        self.assertEqual(mounts(self.root), {})
        self.assertRaisesRegex(CannotLimit, "no control groups", Group, 0.2, (), self.root)

    def test_a_refused_write_is_told(self):
        self.host(unified="2")
        group = Group(0.2, root=self.root)
        (self.root / "unified").rmdir()
        self.assertRaisesRegex(CannotLimit, "control groups v2: .+", group.make, mock.Mock())
