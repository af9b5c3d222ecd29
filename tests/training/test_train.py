"""The fit on a small world: same bits every time, and it bears missing columns."""

import dataclasses
import unittest

import numpy as np

from tests.training import small, small_model
from training import features, metrics, protocol, train


class CopiesTest(unittest.TestCase):
    def test_each_row_comes_again_without_some_columns(self):
        x = np.ones((50, len(features.NAMES)), np.float32)
        rows, label, weight = train.with_copies(x, np.arange(50), seed=0)
        missing = np.isnan(rows).sum(axis=1).reshape(5, 50)
        self.assertEqual([[0], [12], [6], [6], [1]], [sorted(set(part)) for part in missing])
        self.assertFalse(np.isnan(rows[:, :3]).any(), "amount, weekend and night are always there")
        np.testing.assert_array_equal(label, np.tile(np.arange(50), 5))
        self.assertEqual([1.0, 0.2, 0.2, 0.2, 0.2], weight[::50].tolist())
        self.assertFalse(np.isnan(x).any(), "the rows themselves stay")

    def test_the_single_column_hangs_on_the_seed(self):
        x = np.ones((50, len(features.NAMES)), np.float32)
        one, again, other = (train.with_copies(x, np.zeros(50), seed)[0] for seed in (1, 1, 2))
        np.testing.assert_array_equal(one, again)
        self.assertFalse(np.array_equal(one, other, equal_nan=True))


class TrainTest(unittest.TestCase):
    def test_the_same_bits_in_two_runs(self):
        again = train.train(small.world())
        self.assertEqual(small_model.trained().booster.save_raw("json"),
                         again.booster.save_raw("json"))
        self.assertEqual(small_model.trained().threshold, again.threshold)
        self.assertEqual(small_model.trained().training, again.training)

    def test_the_seed_counts(self):
        x = small_model.trained().test_x
        label = np.arange(len(x)) % 2
        one, other = (train.fit(x, label, seed, rounds=2).save_raw("json") for seed in (0, 1))
        self.assertNotEqual(one, other)

    def test_the_model_has_the_names_and_all_trees(self):
        booster = small_model.trained().booster
        self.assertEqual(list(features.NAMES), booster.feature_names)
        self.assertEqual(train.ROUNDS, booster.num_boosted_rounds())

    def test_a_large_amount_without_any_window_is_a_fraud(self):
        row = np.full((1, len(features.NAMES)), np.nan, np.float32)
        row[0, :3] = 300, 0, 0
        trained = small_model.trained()
        self.assertGreater(train.score(trained.booster, row)[0], trained.threshold)

    def test_the_report_is_of_the_test_week(self):
        trained, data = small_model.trained(), small.world()
        _, rows = protocol.split(data, protocol.Weeks())
        scores = train.score(trained.booster, trained.test_x)
        expected = metrics.judge(data, rows, scores) | metrics.at_threshold(
            data.fraud[rows], scores, trained.threshold)
        self.assertEqual(expected, trained.training["test_metrics"]["full"])
        self.assertEqual({"full", *train.MASKS}, set(trained.training["test_metrics"]))

    def test_nothing_that_is_learned_hangs_on_labels_of_later_weeks(self):
        """Labels from the delay week on may change the report, never the model or its threshold."""
        data = small.world()
        later = data.day >= protocol.Weeks().begin + 7
        frauds = np.where(later & (data.second % 5 == 0), 1 - data.fraud, data.fraud)
        other = train.train(dataclasses.replace(data, fraud=frauds.astype(np.int8)))
        trained = small_model.trained()
        self.assertEqual(trained.booster.save_raw("json"), other.booster.save_raw("json"))
        self.assertEqual(trained.threshold, other.threshold)
        self.assertNotEqual(trained.training, other.training)

    def test_progress_counts_both_fits(self):
        heard = []
        train.train(small.world(), progress=lambda done, total: heard.append((done, total)))
        total = 2 * train.ROUNDS
        self.assertEqual([(done + 1, total) for done in range(total)], heard)


if __name__ == "__main__":
    unittest.main()
