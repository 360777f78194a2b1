"""A town whose couriers are given extra pay, out of a budget of the day."""

from dataclasses import replace

from recourse.adapters.ids import CountedIds
from recourse.bonuses import AcceptanceModel, BonusParams
from tests.flow.town import Town

__all__ = ["PARAMS", "WANTED", "Other", "giving"]

# Couriers who hardly come without it: every question is worth something.
WANTED = AcceptanceModel(p_in_time=1.0, intercept=-3.0, per_100_cents=1.0, per_stage=-0.5)
PARAMS = BonusParams(
    day_cents=2_000, lost_cents=2_000, n_stages=3, ladder_cents=(0, 100, 200, 300, 400, 600)
)


def giving(town: Town, params: BonusParams) -> None:
    """Set a budget."""
    town.platform.params = replace(town.platform.params, bonuses=params)


class Other(CountedIds):
    """Ids of another process."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def new(self, kind: str) -> str:
        """Return an id under a name of its own."""
        return super().new(f"{kind}-of-{self._number}")
