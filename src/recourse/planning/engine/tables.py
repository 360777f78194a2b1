"""This file knows columns of facts that grow and change without being copied as a whole."""

from dataclasses import fields
from typing import Generic, TypeVar

import numpy as np

from recourse.planning.engine.arrays import Int32s, Numbers
from recourse.planning.engine.facts import Couriers, Orders, Visits

__all__ = ["Table", "grown"]

Facts = TypeVar("Facts", Visits, Orders, Couriers)


def grown(column: Numbers, n_rows: int) -> Numbers:
    """Give a column room for so many rows; what is beyond is zero.

    Parameters
    ----------
    column : array of shape (n, ...)
        What there is.
    n_rows : int
        How many rows are wanted.

    Returns
    -------
    array
        The same if there is room, or a copy half as long again.
    """
    if n_rows <= len(column):
        return column
    wide = np.zeros((n_rows + n_rows // 2, *column.shape[1:]), dtype=column.dtype)
    wide[: len(column)] = column
    return wide


class Table(Generic[Facts]):
    """Facts about many things, of which a few at a time are asked for or changed.

    Parameters
    ----------
    facts : Visits, Orders or Couriers
        What is known at first.
    """

    def __init__(self, facts: Facts) -> None:
        self._kind: type[Facts] = type(facts)
        self._n = len(facts)
        self._columns: dict[str, Numbers]
        self._columns = {one.name: getattr(facts, one.name).copy() for one in fields(facts)}

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, name: str) -> Numbers:
        """One column."""
        column: Numbers = self._columns[name][: self._n]
        return column

    def rows(self, numbers: Int32s, **instead: Numbers) -> Facts:
        """Facts about some things.

        Parameters
        ----------
        numbers : array
            Which.
        **instead : array
            Columns that are to be something else.

        Returns
        -------
        Visits, Orders or Couriers
            In the sequence asked for.
        """
        taken = {name: column[numbers] for name, column in self._columns.items()}
        found: Facts = self._kind(**(taken | instead))
        return found

    def put(self, numbers: Int32s, facts: Facts) -> None:
        """Know something else about some things.

        Parameters
        ----------
        numbers : array
            Which.
        facts : Visits, Orders or Couriers
            As many rows.
        """
        for name, column in self._columns.items():
            column[numbers] = getattr(facts, name)

    def append(self, facts: Facts) -> Int32s:
        """Know more things; as long as it takes to copy them, all in all.

        Parameters
        ----------
        facts : Visits, Orders or Couriers
            Their rows.

        Returns
        -------
        array
            Their numbers.
        """
        numbers = self._n + np.arange(len(facts), dtype=np.int32)
        self._n += len(facts)
        self._columns = {name: grown(c, self._n) for name, c in self._columns.items()}
        self.put(numbers, facts)
        return numbers
