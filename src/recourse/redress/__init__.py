"""MAKE GOOD: who is owed what after a case, and the ledger entry that pays it."""

from recourse.redress.assess import assess, is_no_fault
from recourse.redress.ledger import post
from recourse.redress.policy import LateTier, RedressParams

__all__ = ["LateTier", "RedressParams", "assess", "is_no_fault", "post"]
