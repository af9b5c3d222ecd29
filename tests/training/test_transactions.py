"""The file of transactions, and what is refused in it."""

import dataclasses
import pathlib
import tempfile
import unittest

import numpy as np

from tests.training import small
from training import transactions


class TransactionsTest(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.path = pathlib.Path(made.name, "data.npz")
        self.data = small.random_transactions(1, rows=20)

    def test_comes_back_as_it_was(self):
        transactions.save(self.data, self.path)
        again = transactions.load(self.path)
        for name, column in self.data.columns().items():
            np.testing.assert_array_equal(column, getattr(again, name))
            self.assertEqual(column.dtype, getattr(again, name).dtype)

    def test_the_same_data_is_the_same_file(self):
        transactions.save(self.data, self.path)
        first = self.path.read_bytes()
        transactions.save(self.data, self.path)
        self.assertEqual(first, self.path.read_bytes())

    def test_what_cannot_be_trained_on_is_refused(self):
        bad = {
            "not in the order of time": {"second": self.data.second[::-1]},
            "amount is not finite": {"amount": self.data.amount * np.inf},
            "label is not 0 or 1": {"fraud": self.data.fraud + np.int8(2)},
            "column customer is not int64": {"customer": self.data.customer * 1.5},
            "column terminal is not": {"terminal": self.data.terminal[1:]},
            "column second is not": {"second": self.data.second.reshape(4, 5)},
        }
        for reason, change in bad.items():
            transactions.save(dataclasses.replace(self.data, **change), self.path)
            with self.assertRaisesRegex(ValueError, reason):
                transactions.load(self.path)

    def test_pickled_objects_are_not_read(self):
        np.savez(self.path, **self.data.columns() | {"second": np.array([{}], object)})
        with self.assertRaisesRegex(ValueError, "is no file of transactions"):
            transactions.load(self.path)


if __name__ == "__main__":
    unittest.main()
