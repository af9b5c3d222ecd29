"""The folder: what is in it, that it is proved, and that it takes its place in one step."""

import hashlib
import json
import pathlib
import tempfile
import unittest

import numpy as np
import xgboost

from tests.training import small_model
from training import features, model_folder


class Folder(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.parent = pathlib.Path(made.name)
        self.folder = self.parent / "model"
        self.version = model_folder.write(small_model.trained(), self.folder)

    def json(self, name):
        return json.loads((self.folder / name).read_bytes())


class WriteTest(Folder):
    def test_the_files_and_their_hashes(self):
        names = ["golden.json", "meta.json", "model.json", "schema.json"]
        found = sorted(path.name for path in self.folder.iterdir())
        self.assertEqual(["SHA256SUMS", *names], found)
        lines = [f"{hashlib.sha256((self.folder / name).read_bytes()).hexdigest()}  {name}\n"
                 for name in names]
        self.assertEqual("".join(lines).encode(), (self.folder / "SHA256SUMS").read_bytes())

    def test_the_schema_hash_is_of_the_names_with_line_ends(self):
        schema = self.json("schema.json")
        self.assertEqual(list(features.NAMES), schema["features"])
        text = "\n".join(features.NAMES) + "\n"
        self.assertEqual(hashlib.sha256(text.encode()).hexdigest(), schema["sha256"])

    def test_meta_says_which_model_it_is(self):
        meta = self.json("meta.json")
        digest = hashlib.sha256((self.folder / "model.json").read_bytes()).hexdigest()
        self.assertEqual({"format", "model_version", "run_id", "threshold", "training"}, set(meta))
        self.assertEqual((1, f"handbook-{digest[:12]}", None),
                         (meta["format"], meta["model_version"], meta["run_id"]))
        self.assertEqual(self.version, meta["model_version"])
        self.assertEqual(small_model.trained().training, meta["training"])

    def test_golden_rows_are_floats_and_some_lack_columns(self):
        golden = self.json("golden.json")
        rows = np.array(golden["rows"], np.float64)
        self.assertGreaterEqual(len(rows), 64)
        self.assertEqual(len(rows), len(golden["scores"]))
        np.testing.assert_array_equal(rows, rows.astype(np.float32))
        self.assertEqual({0, 1, 6, 12}, set(np.isnan(rows).sum(axis=1).tolist()))
        self.assertGreater(max(golden["scores"]), 0.9)
        self.assertLess(min(golden["scores"]), 0.01)

    def test_a_run_id_is_kept(self):
        model_folder.write(small_model.trained(), self.folder, run_id="abc")
        self.assertEqual("abc", self.json("meta.json")["run_id"])

    def test_replaces_a_model_and_leaves_nothing_beside_it(self):
        (self.folder / "model.json").write_text("old")
        model_folder.write(small_model.trained(), self.folder)
        model_folder.check(self.folder)
        self.assertEqual([self.folder], list(self.parent.iterdir()))

    def test_a_folder_that_is_no_model_stays(self):
        stranger = self.parent / "stranger"
        stranger.mkdir()
        (stranger / "letter").write_text("dear")
        with self.assertRaisesRegex(ValueError, "is there and is no model folder"):
            model_folder.write(small_model.trained(), stranger)
        self.assertEqual("dear", (stranger / "letter").read_text())


class CheckTest(Folder):
    def spoil(self, name, change):
        """Changes a JSON file and signs the folder again."""
        value = self.json(name)
        change(value)
        (self.folder / name).write_text(json.dumps(value), encoding="utf-8")
        small_model.sign(self.folder)

    def refused(self, reason):
        with self.assertRaisesRegex(ValueError, reason):
            model_folder.check(self.folder)

    def test_what_was_written_is_good_to_the_bit(self):
        meta, error = model_folder.check(self.folder)
        self.assertEqual(self.version, meta["model_version"])
        self.assertEqual(0, error)

    def test_a_flipped_bit_in_any_file(self):
        for name in model_folder.FILES:
            good = (self.folder / name).read_bytes()
            (self.folder / name).write_bytes(good[:100] + bytes([good[100] ^ 1]) + good[101:])
            self.refused(f"{name}: the hash does not match SHA256SUMS")
            (self.folder / name).write_bytes(good)

    def test_a_list_that_is_not_of_the_four_files(self):
        sums = self.folder / "SHA256SUMS"
        lines = sums.read_text().splitlines(keepends=True)
        for wrong in ([], lines[:-1], [*lines[1:], lines[0]], [*lines, lines[0]],
                      [*lines, "0  ../letter\n"]):
            sums.write_text("".join(wrong))
            self.refused("SHA256SUMS must list golden.json, meta.json, model.json, schema.json")

    def test_a_model_in_the_other_format(self):
        (self.folder / "model.json").unlink()
        (self.folder / "model.ubj").write_bytes(small_model.trained().booster.save_raw("ubj"))
        small_model.sign(self.folder)
        self.assertEqual(0, model_folder.check(self.folder)[1])

    def test_a_golden_score_that_is_off(self):
        self.spoil("golden.json", lambda golden: golden["scores"].__setitem__(
            3, golden["scores"][3] + 1e-5))
        self.refused("a score is off by 1e-05")

    def test_golden_rows_of_another_shape(self):
        self.spoil("golden.json", lambda golden: golden["scores"].pop())
        self.refused("rows and scores do not belong together")

    def test_features_in_another_order(self):
        def swap(schema):
            names = schema["features"]
            names[0], names[1] = names[1], names[0]
            schema["sha256"] = model_folder.schema_sha256(names)
        self.spoil("schema.json", swap)
        self.refused("the model's features are not schema.json's")

    def test_a_schema_hash_of_other_names(self):
        self.spoil("schema.json", lambda schema: schema.update(sha256="0" * 64))
        self.refused("schema.json: the hash is wrong")

    def test_a_threshold_that_is_no_probability(self):
        self.spoil("meta.json", lambda meta: meta.update(threshold=1.5))
        self.refused("meta.json: bad format, version or threshold")

    def test_a_model_that_xgboost_cannot_read(self):
        (self.folder / "model.json").write_text('{"learner": ')
        small_model.sign(self.folder)
        self.refused("is no good model folder")

    def test_a_model_that_the_service_does_not_serve(self):
        x = np.tile(np.arange(len(features.NAMES), dtype=np.float32), (8, 1))
        data = xgboost.DMatrix(x, np.arange(8) % 2, feature_names=list(features.NAMES))
        for parameters, named in (({"objective": "binary:logistic", "booster": "dart"}, "dart"),
                                  ({"objective": "reg:squarederror"}, "reg:squarederror"),
                                  ({"objective": "multi:softprob", "num_class": 2}, "multi:softprob")):
            model = xgboost.train(parameters, data, num_boost_round=1)
            (self.folder / "model.json").write_bytes(model.save_raw("json"))
            small_model.sign(self.folder)
            self.refused(f"{named}.*fraud-model serves gbtree for binary:logistic")

    def test_both_formats_at_once(self):
        (self.folder / "model.ubj").write_bytes(b"")
        self.refused("both model.json and model.ubj")

    def test_no_folder(self):
        with self.assertRaises(OSError):
            model_folder.check(self.parent / "nothing")


if __name__ == "__main__":
    unittest.main()
