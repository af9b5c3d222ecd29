"""The columns against a slow reference that is written down the way the words go."""

import dataclasses
import unittest

import numpy as np

from tests.training import small
from training import features
from training.transactions import DAY_S

LATE = 7 * DAY_S  # the handbook's label delay


def reference(data, row):
    """One line of columns, by a loop over all transactions."""
    now = data.second[row]
    hour, date = now % DAY_S // 3600, np.datetime64(int(now), "s").astype("datetime64[D]")
    line = [data.amount[row], not np.is_busday(date), hour <= 6]
    spans = [days * DAY_S for days in (1, 7, 30)]
    mine = [[data.amount[i] for i in range(row + 1)
             if data.customer[i] == data.customer[row] and now - span < data.second[i]]
            for span in spans]
    there = [[data.fraud[i] for i in range(len(data)) if data.terminal[i] == data.terminal[row]
              and now - LATE - span < data.second[i] <= now - LATE] for span in spans]
    line += [len(amounts) for amounts in mine] + [np.mean(amounts) for amounts in mine]
    line += [len(frauds) for frauds in there]
    return line + [np.mean(frauds) if frauds else 0 for frauds in there]


def column(data, name, row=-1):
    rows = [range(len(data))[row]]
    return features.build(data, rows)[0, features.NAMES.index(name)]


class FeaturesTest(unittest.TestCase):
    def test_the_names_in_their_order(self):
        self.assertEqual(15, len(features.NAMES))
        self.assertEqual(("tx_amount", "tx_during_weekend", "tx_during_night"), features.NAMES[:3])
        self.assertEqual("customer_id_nb_tx_1day_window", features.NAMES[3])
        self.assertEqual("customer_id_avg_amount_30day_window", features.NAMES[8])
        self.assertEqual("terminal_id_nb_tx_7day_window", features.NAMES[10])
        self.assertEqual("terminal_id_risk_30day_window", features.NAMES[14])

    def test_equal_the_slow_reference(self):
        for seed in range(2):
            data = small.random_transactions(seed)
            rows = np.random.RandomState(seed).permutation(len(data))[:250]
            slow = np.array([reference(data, row) for row in rows])
            np.testing.assert_allclose(features.build(data, rows), slow, rtol=1e-6, atol=1e-6)

    def test_the_customers_window_is_open_at_its_old_end_to_the_second(self):
        for earlier, count in ((DAY_S, 1), (DAY_S - 1, 2)):
            data = small.transactions([(0, 1, 1, 10, 0), (earlier, 1, 2, 30, 0)])
            self.assertEqual(count, column(data, "customer_id_nb_tx_1day_window"))
            self.assertEqual(30 if count == 1 else 20,
                             column(data, "customer_id_avg_amount_1day_window"))

    def test_the_terminals_window_ends_a_delay_ago_to_the_second(self):
        for later, count in ((LATE - 1, 0), (LATE, 1), (LATE + DAY_S - 1, 1), (LATE + DAY_S, 0)):
            data = small.transactions([(0, 1, 1, 10, 1), (later, 2, 1, 10, 0)])
            self.assertEqual(count, column(data, "terminal_id_nb_tx_1day_window"))
            self.assertEqual(count, column(data, "terminal_id_risk_1day_window"))

    def test_of_equal_seconds_a_customer_sees_those_before(self):
        data = small.transactions([(5, 1, 1, 10, 0), (5, 1, 1, 20, 0), (5, 1, 1, 60, 0)])
        self.assertEqual([1, 2, 3], [column(data, "customer_id_nb_tx_1day_window", row)
                                     for row in range(3)])
        self.assertEqual(15, column(data, "customer_id_avg_amount_1day_window", 1))

    def test_a_terminal_without_transactions_has_no_risk(self):
        data = small.transactions([(0, 1, 1, 10, 1), (LATE + 5, 2, 2, 10, 1)])
        self.assertEqual(0, column(data, "terminal_id_risk_30day_window"))

    def test_weekend_and_night(self):
        hour = 3600  # 2018-06-01 is a Friday
        for second, weekend, night in ((6 * hour + 3599, 0, 1), (7 * hour, 0, 0),
                                       (DAY_S - 1, 0, 0), (DAY_S, 1, 1), (3 * DAY_S - 1, 1, 0),
                                       (3 * DAY_S, 0, 1)):
            data = small.transactions([(second, 1, 1, 10, 0)])
            self.assertEqual(weekend, column(data, "tx_during_weekend"), second)
            self.assertEqual(night, column(data, "tx_during_night"), second)

    def test_no_column_looks_at_labels_younger_than_the_delay(self):
        data = small.random_transactions(7)
        row = 1_000
        known = data.second <= data.second[row] - LATE
        for changed, same in ((~known, True), (known, False)):
            other = dataclasses.replace(data, fraud=np.where(changed, 1 - data.fraud, data.fraud))
            self.assertEqual(same, np.array_equal(features.build(data, [row]),
                                                  features.build(other, [row])))

    def test_no_column_looks_at_what_comes_later_or_at_the_scenario(self):
        data = small.random_transactions(8)
        rows = np.arange(900)
        until = data.take(slice(0, 900))
        until = dataclasses.replace(until, scenario=until.scenario + np.int8(3))
        np.testing.assert_array_equal(features.build(data, rows), features.build(until, rows))

    def test_the_numbers_of_customers_may_be_any(self):
        data = small.random_transactions(9, rows=200)
        huge = dataclasses.replace(data, customer=data.customer * 2**60 - 2**61)
        rows = np.arange(200)
        np.testing.assert_array_equal(features.build(data, rows), features.build(huge, rows))


if __name__ == "__main__":
    unittest.main()
