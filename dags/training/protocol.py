"""Which transactions train and which judge: the handbook's weeks with the label delay between.

    | train 7 days | delay 7 days | test 7 days |

The labels of the delay week are not known when the model is trained. Cards whose fraud is known by
the morning of a test day are blocked in real life: they leave that day's test pool.
"""

import dataclasses

import numpy as np

from training.transactions import day_number

TRAIN_BEGIN = "2018-07-25"


@dataclasses.dataclass(frozen=True)
class Weeks:
    """Day numbers; every stretch is [begin, begin + its days)."""

    begin: int = day_number(TRAIN_BEGIN)
    train_days: int = 7
    delay_days: int = 7
    test_days: int = 7

    @property
    def test_begin(self):
        return self.begin + self.train_days + self.delay_days

    def before(self, days):
        """The same weeks so many days earlier."""
        return dataclasses.replace(self, begin=self.begin - days)


def split(data, weeks):
    """Positions of the training rows and of the test rows. ValueError when one of them is empty."""
    day = data.day
    train = _days(day, weeks.begin, weeks.train_days)
    blocked = set(_defrauded(data, train))
    test = []
    for after in range(weeks.test_days):
        # Each morning the labels of one more day of the delay week have come in.
        blocked.update(_defrauded(data, _days(day, weeks.begin + weeks.train_days + after - 1, 1)))
        rows = _days(day, weeks.test_begin + after, 1)
        test.append(rows[~np.isin(data.customer[rows], list(blocked))])
    test = np.concatenate(test)
    for name, rows in (("training", train), ("test", test)):
        if not len(rows) or not 0 < data.fraud[rows].sum() < len(rows):
            raise ValueError(f"the {name} week that belongs to {np.datetime64(weeks.begin, 'D')}"
                             " has no frauds, or nothing else, in this data")
    return train, test


def _days(day, begin, count):
    """Positions of the rows of these days; the rows are in the order of time."""
    return np.arange(*np.searchsorted(day, [begin, begin + count]))


def _defrauded(data, rows):
    return data.customer[rows][data.fraud[rows] == 1].tolist()
