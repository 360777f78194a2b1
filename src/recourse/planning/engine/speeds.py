"""This file knows that a way takes longer at some times of the day."""

from dataclasses import dataclass

import numpy as np

from recourse.model.errors import Invalid
from recourse.planning.engine.arrays import Numbers, freeze

__all__ = ["Speeds"]

_USUAL = 1_000
_SLOWEST, _FASTEST = 10, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """How fast everybody of a profile gets on, by time of day.

    Speeds are given, not times: who leaves later never arrives earlier (Ichoua, Gendreau and
    Potvin 2003, 10.1016/S0377-2217(02)00147-9). What a way costs stays what it is.

    Attributes
    ----------
    begin_s : array of shape (n_periods,)
        When each period begins, in rising order; what is before the first is as the first, and
        the last goes on for ever.
    permille : array of shape (n_profiles, n_periods)
        Thousandths of the speed at which a way takes its ``time_s``; between 10 and 100,000.

    Examples
    --------
    From 08:00 on, for an hour, everything takes twice as long. Who has ten minutes of a way left
    then arrives at 08:20; who leaves at 08:55 with ten minutes to go is there at 09:02:30.

    >>> rush = Speeds(begin_s=np.array([0, 28_800, 32_400]), permille=np.array([[1000, 500, 1000]]))
    >>> rush.arrive_s(0, 28_500, 900) - 28_800, rush.arrive_s(0, 32_100, 600) - 32_400
    (1200, 450)
    """

    begin_s: Numbers
    permille: Numbers

    def __post_init__(self) -> None:
        """Check the shapes."""
        rows = np.atleast_2d(self.permille)
        object.__setattr__(self, "permille", rows)
        freeze(self, "begin_s", np.int32, (len(self.begin_s),))
        freeze(self, "permille", np.int32, (len(rows), len(self.begin_s)))
        if not len(self.begin_s) or (np.diff(self.begin_s) <= 0).any():
            raise Invalid(field="begin_s", why="must rise, and have one at least")
        if self.permille.min() < _SLOWEST or self.permille.max() > _FASTEST:
            raise Invalid(field="permille", why=f"must be between {_SLOWEST} and {_FASTEST}")

    def arrive_s(self, profile: int, leave_s: int, way_s: int) -> int:
        """When a way is done that takes so long at the usual speed.

        Parameters
        ----------
        profile : int
            Who goes it.
        leave_s : int
            When.
        way_s : int
            Seconds at the usual speed.

        Returns
        -------
        int
            A whole second, rounded up.
        """
        speeds = self.permille[profile].tolist()
        now, left = leave_s, way_s * _USUAL
        for end, speed in zip(self.begin_s[1:].tolist(), speeds, strict=False):
            if end <= now:
                continue
            if left <= (end - now) * speed:
                return int(now - (-left // speed))
            left -= (end - now) * speed
            now = end
        return int(now - (-left // speeds[-1]))
