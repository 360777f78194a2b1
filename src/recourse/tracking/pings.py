"""This file knows what phones send: raw positions, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pings", "distance_m", "from_ms", "to_ms"]

EARTH_M = 6_371_008.8
"""Mean radius of the earth, metres (IUGG)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Pings:
    """A batch of raw positions; row i of every column belongs together.

    Attributes
    ----------
    courier_ids : tuple of str
        Whose phone.
    lons, lats : ndarray of float64, shape (n,)
        WGS-84 degrees.
    pinged_at_ms : ndarray of int64, shape (n,)
        When the phone measured it, milliseconds since 1970 UTC.
    """

    courier_ids: tuple[str, ...]
    lons: NDArray[np.float64]
    lats: NDArray[np.float64]
    pinged_at_ms: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Refuse columns of different length.

        Raises
        ------
        ValueError
            If the columns differ in length.
        """
        lengths = {len(self.courier_ids), len(self.lons), len(self.lats), len(self.pinged_at_ms)}
        if len(lengths) > 1:
            message = f"columns of pings differ in length: {sorted(lengths)}"
            raise ValueError(message)

    @classmethod
    def of(
        cls,
        courier_ids: Sequence[str],
        lons: Sequence[float],
        lats: Sequence[float],
        pinged_ats: Sequence[datetime],
    ) -> "Pings":
        """Make a batch from plain columns.

        Parameters
        ----------
        courier_ids : sequence of str
            Whose phone.
        lons, lats : sequence of float
            WGS-84 degrees.
        pinged_ats : sequence of datetime
            Aware instants.

        Returns
        -------
        Pings
            The batch.
        """
        return cls(
            tuple(courier_ids),
            np.asarray(lons, dtype=np.float64),
            np.asarray(lats, dtype=np.float64),
            np.asarray([to_ms(at) for at in pinged_ats], dtype=np.int64),
        )


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware instant."""
    return round(at.timestamp() * 1_000)


def from_ms(ms: int) -> datetime:
    """Aware UTC instant of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


def distance_m(lon_a: Any, lat_a: Any, lon_b: Any, lat_b: Any) -> NDArray[np.float64]:  # noqa: ANN401
    """Straight distance in metres, element by element; flat earth, good to 0.1 % within a city."""
    x = np.radians(np.subtract(lon_b, lon_a)) * np.cos(np.radians(np.add(lat_a, lat_b) / 2))
    y = np.radians(np.subtract(lat_b, lat_a))
    far: NDArray[np.float64] = EARTH_M * np.hypot(x, y)
    return far
