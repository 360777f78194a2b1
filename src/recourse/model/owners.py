"""This file knows what it is to own an area: to be the one process that plans for it."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Ownership"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """A lease on an area.

    Attributes
    ----------
    area : str
        Which.
    owner : str
        Who has it.
    token : int
        Rises with every owner: what an earlier one decided is refused by it.
    until_at : datetime
        When somebody else may take the area, unless it is renewed.
    """

    area: str
    owner: str
    token: int
    until_at: datetime
