"""The command line, as it is typed in dags/."""

import contextlib
import io
import json
import pathlib
import tempfile
import unittest

import numpy as np

from tests.training import small
from training import cli, model_folder, sample, transactions
from training.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class CliTest(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.here = pathlib.Path(made.name)

    def run_(self, *words):
        """(exit code, stdout, stderr)."""
        out, problems = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(problems):
            try:
                code = cli.main([str(word) for word in words])
            except SystemExit as ended:
                code = ended.code
        return code, out.getvalue(), problems.getvalue()

    def refused(self, *words):
        """The one sentence."""
        code, out, problems = self.run_(*words)
        self.assertEqual((2, ""), (code, out), problems)
        last = problems.strip().splitlines()[-1]
        self.assertNotIn("Traceback", problems)
        return last

    def test_simulate_train_check(self):
        data, model = self.here / "data.npz", self.here / "model"
        code, out, steps = self.run_("simulate", "--out", data, "--customers", 300, "--days", 140)
        self.assertEqual((0, "simulate\nwrite\n"), (code, steps))
        world = small.world()
        self.assertEqual(f"{len(world)} transactions, {world.fraud.sum()} frauds\n", out)
        code, out, steps = self.run_("train", "--data", data, "--out", model)
        self.assertEqual((0, "train\nwrite\n"), (code, steps))
        meta, _ = model_folder.check(model)
        self.assertTrue(out.startswith(f"{meta['model_version']} threshold {meta['threshold']}\n"))
        code, out, _ = self.run_("check", model)
        self.assertEqual(0, code)
        self.assertIn(f"{meta['model_version']} is good", out)

    def test_sample(self):
        data, rows = self.here / "data.npz", self.here / "rows.ndjson"
        transactions.save(small.world(), data)
        words = ("sample", "--data", data, "--out", rows, "--rows", 50, "--seed", 3)
        self.assertEqual((0, "50 rows\n", "choose\nwrite\n"), self.run_(*words))
        expected = sample.build(small.world(), seed=3, rows=50)
        self.assertEqual(expected, [json.loads(line) for line in rows.read_text().splitlines()])
        self.assertIn("are asked for", self.refused(*words[:-3], 5_000))

    def test_help_names_the_commands(self):
        code, out, _ = self.run_("--help")
        self.assertEqual(0, code)
        for command in ("simulate", "train", "sample", "check"):
            self.assertIn(command, out)

    def test_wrong_words(self):
        self.assertIn("invalid choice", self.refused("bake"))
        self.assertIn("must be a whole number from 0 to 4000",
                      self.refused("train", "--out", self.here / "m", "--seed", "-1"))
        self.assertIn("must be a whole number from 1",
                      self.refused("simulate", "--out", self.here / "d", "--days", "many"))

    def test_no_place_to_write_is_said_before_the_work(self):
        place = self.here / "nothing/there"
        for command in ("simulate", "train", "sample"):
            self.assertEqual(f"training: there is no folder {place.parent}",
                             self.refused(command, "--out", place))

    def test_a_stranger_is_not_overwritten(self):
        (self.here / "letter").write_text("dear")
        self.assertIn("is there and is no model folder", self.refused("train", "--out", self.here))
        self.assertEqual(["letter"], [path.name for path in self.here.iterdir()])

    def test_a_file_that_is_no_data(self):
        data = self.here / "data.npz"
        words = ("train", "--out", self.here / "model", "--data", data)
        self.assertIn("No such file", self.refused(*words))
        transactions.save(small.world().take(slice(0, 100)), data)
        self.assertIn("has no frauds, or nothing else", self.refused(*words))
        good = data.read_bytes()
        spoiled = good[:300] + bytes(byte ^ 255 for byte in good[300:400]) + good[400:]
        for content in (b"", b"hello", b"PK\x03\x04 cut", good[:500], spoiled):
            data.write_bytes(content)
            self.assertIn("is no file of transactions", self.refused(*words))
        np.savez(data, second=np.arange(3))
        self.assertIn("is no file of transactions", self.refused(*words))
        with open(data, "wb") as file:
            np.save(file, np.arange(3))
        self.assertIn("is no file of transactions", self.refused(*words))

    def test_a_folder_that_is_not_good(self):
        self.assertIn("No such file", self.refused("check", self.here))


class ProgressTest(unittest.TestCase):
    def test_a_bar_at_a_terminal(self):
        stream = Terminal()
        with Progress(stream).step("simulate") as tell:
            tell(1, 4)
        self.assertRegex(stream.getvalue(), r"simulate .* 100% .*")


if __name__ == "__main__":
    unittest.main()
