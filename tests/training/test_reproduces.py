"""The whole pipeline afresh: the published totals, and byte for byte the shipped model and the load
driver's rows. Slow."""

import pathlib
import tempfile
import unittest

import numpy as np

from training import model_folder, protocol, sample, simulator, train

ROOT = pathlib.Path(__file__).parents[2]
SHIPPED = ROOT / "model-svc/models/default"
ROWS = ROOT / "bench/load/rows.ndjson"
# The handbook's chapter on performance, for XGBoost on these weeks: AUC, AP, CP@100.
PUBLISHED = {"auc": 0.862, "average_precision": 0.639, "card_precision_100": 0.273}


class ReproducesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = simulator.simulate()
        cls.trained = train.train(cls.data)

    def test_the_published_totals(self):
        self.assertEqual((1_754_155, 14_681), (len(self.data), int(self.data.fraud.sum())))
        self.assertEqual([973, 9_077, 4_631], np.bincount(self.data.scenario)[1:].tolist())

    def test_the_published_weeks(self):
        train_rows, test_rows = protocol.split(self.data, protocol.Weeks())
        frauds = self.data.fraud
        self.assertEqual((67_240, 598), (len(train_rows), int(frauds[train_rows].sum())))
        self.assertEqual((58_264, 385), (len(test_rows), int(frauds[test_rows].sum())))

    def test_the_shipped_model_byte_for_byte(self):
        fresh = model_folder.contents(self.trained)
        self.assertEqual(sorted(fresh), sorted(path.name for path in SHIPPED.iterdir()))
        for name, content in fresh.items():
            self.assertTrue(content == (SHIPPED / name).read_bytes(), f"{name} is not the same")

    def test_the_rows_of_the_load_driver_byte_for_byte(self):
        with tempfile.TemporaryDirectory() as folder:
            fresh = pathlib.Path(folder, "rows")
            sample.write(sample.build(self.data), fresh)
            self.assertTrue(fresh.read_bytes() == ROWS.read_bytes(), f"{ROWS} is not the same")

    def test_at_least_as_good_as_published(self):
        figures = self.trained.training["test_metrics"]["full"]
        for name, published in PUBLISHED.items():
            self.assertGreaterEqual(figures[name], published, name)

    def test_the_shipped_model_is_good(self):
        self.assertEqual(0, model_folder.check(SHIPPED)[1])


if __name__ == "__main__":
    unittest.main()
