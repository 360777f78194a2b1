"""This file knows how what a caller gives becomes an array of one type that nobody can change."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recourse.model.errors import Invalid

__all__ = ["MAX_DIMS", "Int32s", "Numbers", "freeze", "freeze_loads"]

Int32s = NDArray[np.int32]
Numbers = NDArray[Any]
"""Given in any type of number; turned into the right one."""

MAX_DIMS = 4
"""How many dimensions a load may have."""


def _frozen(given: ArrayLike, dtype: type[np.generic]) -> NDArray[np.generic]:
    """A copy of the right type that nobody can write to."""
    array = np.array(given, dtype=dtype, order="C")
    array.flags.writeable = False
    return array


def freeze(value: object, name: str, dtype: type[np.generic], shape: tuple[int, ...]) -> None:
    """Put an array of the right type and shape into a frozen value; a scalar fills the shape.

    Parameters
    ----------
    value : object
        A frozen value with slots.
    name : str
        Which of its fields.
    dtype : type
        What its numbers become.
    shape : tuple of int
        What it must have.

    Raises
    ------
    Invalid
        If it has another shape.
    """
    given = np.asarray(getattr(value, name))
    array = _frozen(np.broadcast_to(given, shape) if given.ndim == 0 else given, dtype)
    if array.shape != shape:
        raise Invalid(field=name, why=f"has shape {array.shape}, not {shape}")
    object.__setattr__(value, name, array)


def freeze_loads(value: object, name: str, n_rows: int) -> None:
    """Do the same for loads, which may have several dimensions, or one without saying so.

    Parameters
    ----------
    value : object
        A frozen value with slots.
    name : str
        Which of its fields.
    n_rows : int
        How many there must be.

    Raises
    ------
    Invalid
        If it has another shape.
    """
    array = np.asarray(getattr(value, name))
    rows = array[:, None] if array.ndim == 1 else array
    if rows.ndim != 2 or rows.shape[0] != n_rows or rows.shape[1] > MAX_DIMS:  # noqa: PLR2004
        raise Invalid(field=name, why=f"has shape {array.shape}, not ({n_rows}, 1 to {MAX_DIMS})")
    padded = np.zeros((n_rows, MAX_DIMS), dtype=np.int32)
    padded[:, : rows.shape[1]] = rows
    object.__setattr__(value, name, _frozen(padded, np.int32))
