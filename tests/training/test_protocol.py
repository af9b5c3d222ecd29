"""Who is in which week."""

import unittest

from tests.training import small
from training import protocol
from training.transactions import DAY_S, day_number

WEEKS = protocol.Weeks(begin=day_number("2018-06-01"), train_days=2, delay_days=2, test_days=2)


def noon(day, customer, fraud):
    return (day * DAY_S + DAY_S // 2, customer, 1, 10, fraud)


class ProtocolTest(unittest.TestCase):
    def test_the_handbooks_weeks(self):
        weeks = protocol.Weeks()
        self.assertEqual(day_number("2018-07-25"), weeks.begin)
        self.assertEqual(day_number("2018-08-08"), weeks.test_begin)
        self.assertEqual(day_number("2018-07-25"), weeks.before(14).test_begin)

    def test_a_card_leaves_the_test_when_its_fraud_is_known(self):
        rows = [
            noon(0, 1, 1), noon(1, 2, 0),  # training: card 1 is known as defrauded
            noon(2, 3, 1), noon(3, 5, 1),  # delay: known on the second and on no test day
            noon(4, 1, 1), noon(4, 3, 1), noon(4, 4, 0), noon(4, 5, 0),  # first test day
            noon(5, 3, 1), noon(5, 4, 1), noon(5, 5, 0),  # second test day
            noon(6, 4, 1),
        ]
        train, test = protocol.split(small.transactions(rows), WEEKS)
        self.assertEqual([0, 1], train.tolist())
        self.assertEqual([5, 6, 7, 9, 10], test.tolist())

    def test_data_that_does_not_cover_the_weeks_is_refused(self):
        with self.assertRaisesRegex(ValueError, "training week .* 2018-06-01 has no frauds"):
            protocol.split(small.transactions([noon(0, 1, 0), noon(1, 2, 0)]), WEEKS)
        with self.assertRaisesRegex(ValueError, "test week .* has no frauds, or nothing else"):
            protocol.split(small.transactions([noon(0, 1, 1), noon(1, 2, 0)]), WEEKS)


if __name__ == "__main__":
    unittest.main()
