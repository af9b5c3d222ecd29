"""The load driver's rows: shares, kinds, exact features, the same bytes again."""

import collections
import json
import pathlib
import tempfile
import unittest

import numpy as np

from tests.training import small
from training import features, sample, sample_malformed
from training.transactions import DAY_S, day_number

TEST_WEEK = ("2018-08-08", "2018-08-15")


def second_of(row):
    moment = row["transaction"]["tx_datetime"].replace(" ", "T")
    return int(np.datetime64(moment, "s").astype(np.int64))


class SampleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = small.world()
        cls.rows = sample.build(cls.data, rows=600)

    def of(self, kind):
        return [row for row in self.rows if row["kind"] == kind]

    def test_the_shares_of_the_table(self):
        self.assertAlmostEqual(1, sum(sample.SHARES.values()))
        counts = collections.Counter(row["kind"] for row in self.rows)
        self.assertEqual({kind: round(600 * share) for kind, share in sample.SHARES.items()}, counts)

    def test_any_number_of_rows(self):
        for rows in (1, 2, 9, 37, 100):
            self.assertEqual(rows, len(sample.build(self.data, rows=rows)))

    def test_transactions_are_those_of_the_data(self):
        for row in self.of("normal") + self.of("compromised_terminal"):
            given, position = row["transaction"], row["transaction"]["transaction_id"]
            self.assertEqual(self.data.second[position], second_of(row))
            self.assertEqual([column[position] for column in (
                self.data.customer, self.data.terminal, self.data.amount)],
                [given["customer_id"], given["terminal_id"], given["tx_amount"]])

    def test_features_are_the_floats_of_the_training(self):
        rows = self.of("normal") + self.of("compromised_terminal")
        positions = np.array([row["transaction"]["transaction_id"] for row in rows])
        names = features.CUSTOMER + features.TERMINAL
        read = [json.loads(json.dumps(row["features"])) for row in rows]
        self.assertEqual(set(names), set(read[0]))
        columns = [features.NAMES.index(name) for name in names]
        np.testing.assert_array_equal(
            np.array([[row[name] for name in names] for row in read], np.float32),
            features.build(self.data, positions)[:, columns])

    def test_normal_is_the_test_week_without_frauds(self):
        begin, end = (day_number(date) * DAY_S for date in TEST_WEEK)
        for row in self.of("normal"):
            self.assertTrue(begin <= second_of(row) < end)
            self.assertEqual(0, self.data.fraud[row["transaction"]["transaction_id"]])

    def test_compromised_terminals_have_a_risk(self):
        for row in self.of("compromised_terminal"):
            self.assertEqual(2, self.data.scenario[row["transaction"]["transaction_id"]])
            self.assertGreater(max(row["features"][f"terminal_id_risk_{days}day_window"]
                                   for days in features.WINDOW_DAYS), 0)

    def test_a_flood_is_simulated_first_and_then_made(self):
        simulated = set(np.flatnonzero(self.data.scenario == 1).tolist())
        flood = self.of("amount_flood")
        known = [row for row in flood if row["transaction"]["transaction_id"] in simulated]
        self.assertTrue(0 < len(known) < len(flood), "the small world must have both")
        for row in flood:
            amount, own = row["transaction"]["tx_amount"], row["features"]
            self.assertGreater(amount, 220)
            # The mean of a day includes this amount.
            day = "customer_id_{}_1day_window"
            self.assertGreaterEqual(own[day.format("avg_amount")] * own[day.format("nb_tx")] + 0.01,
                                    amount)
        (few,) = [row for row in sample.build(self.data, rows=7) if row["kind"] == "amount_flood"]
        self.assertIn(few["transaction"]["transaction_id"], simulated)

    def test_a_replay_is_an_earlier_row(self):
        earlier = []
        for row in self.rows:
            if row["kind"] == "replay":
                self.assertIn({**row, "kind": None}, earlier)
            earlier.append({**row, "kind": None})

    def test_nothing_but_replays_comes_twice(self):
        ids = [row["transaction"]["transaction_id"] for row in self.rows
               if row["kind"] not in ("replay", "malformed")]
        self.assertEqual(len(ids), len(set(ids)))

    def test_every_way_of_being_malformed(self):
        self.assertGreaterEqual(len({row["body"] for row in self.of("malformed")}),
                                len(sample_malformed.WAYS))
        good = self.of("normal")[0]
        self.assertEqual({**good["transaction"], "features": good["features"]},
                         json.loads(sample_malformed.text_of(good)))
        made = {way(good) for way in sample_malformed.WAYS.values()}
        self.assertEqual(len(sample_malformed.WAYS), len(made))
        self.assertNotIn(sample_malformed.text_of(good), made)

    def test_the_same_bytes_again_and_others_for_another_seed(self):
        with tempfile.TemporaryDirectory() as folder:
            texts = []
            for number, seed in enumerate((0, 0, 1)):
                path = pathlib.Path(folder, str(number))
                sample.write(sample.build(self.data, seed, 600), path)
                texts.append(path.read_bytes())
        self.assertEqual(texts[0], texts[1])
        self.assertNotEqual(texts[0], texts[2])
        self.assertEqual(self.rows, [json.loads(line) for line in texts[0].splitlines()])

    def test_too_little_data_is_one_sentence(self):
        with self.assertRaisesRegex(ValueError, "rows of kind normal are asked for, the data has"):
            sample.build(self.data, rows=100_000)
        calm = self.data.take(self.data.amount <= 220)
        with self.assertRaisesRegex(ValueError, "no amount of the data is over 220"):
            sample.build(calm, rows=100)


if __name__ == "__main__":
    unittest.main()
