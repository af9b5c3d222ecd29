"""Card transactions as numpy columns, and their file."""

import dataclasses
import zipfile
import zlib

import numpy as np

DAY_S = 86_400


@dataclasses.dataclass(frozen=True)
class Transactions:
    """One row per transaction, all columns of one length, in the order of time.

    `scenario` tells how a simulated fraud came about (0: none). It is never trained on.
    """

    second: np.ndarray  # int64, UTC, since 1970
    customer: np.ndarray  # int64
    terminal: np.ndarray  # int64
    amount: np.ndarray  # float64, two decimals
    fraud: np.ndarray  # int8, 0 or 1
    scenario: np.ndarray  # int8

    def __len__(self):
        return len(self.second)

    @property
    def day(self):
        """Days since 1970, UTC."""
        return self.second // DAY_S

    def take(self, rows):
        """The same columns with these rows only (a slice, a mask or positions)."""
        return Transactions(**{name: column[rows] for name, column in self.columns().items()})

    def columns(self):
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


TYPES = {"second": np.int64, "customer": np.int64, "terminal": np.int64, "amount": np.float64,
         "fraud": np.int8, "scenario": np.int8}


def day_number(date):
    """'2018-07-25' as days since 1970."""
    return int(np.datetime64(date, "D").astype(np.int64))


def save(data, path):
    """An .npz file. OSError when it cannot be written."""
    with open(path, "wb") as file:
        np.savez_compressed(file, **data.columns())


def load(path):
    """What save() wrote. OSError, or ValueError with one sentence when it is no such file."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as table:
            columns = {name: table[name] for name in TYPES}
    except (KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as problem:
        raise ValueError(f"{path} is no file of transactions: {problem}") from None
    return checked(columns, path)


def checked(columns, origin):
    """Transactions of these columns. ValueError with one sentence for what cannot be trained on."""
    length = len(columns["second"]) if columns["second"].ndim == 1 else -1
    for name, kind in TYPES.items():
        if columns[name].shape != (length,) or columns[name].dtype != kind:
            raise ValueError(f"{origin}: the column {name} is not {np.dtype(kind)} in one row each")
    data = Transactions(**columns)
    if np.any(np.diff(data.second) < 0):
        raise ValueError(f"{origin}: the rows are not in the order of time")
    if not np.all(np.isfinite(data.amount)) or np.any((data.fraud != 0) & (data.fraud != 1)):
        raise ValueError(f"{origin}: an amount is not finite, or a label is not 0 or 1")
    return data
