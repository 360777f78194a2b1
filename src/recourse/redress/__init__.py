"""MAKE GOOD: who is owed what after a case, and the ledger entry that pays it."""

from recourse.redress.assess import assess
from recourse.redress.facts import is_no_fault, lateness
from recourse.redress.given import Given
from recourse.redress.ledger import post
from recourse.redress.policy import RemedyPolicy, as_shipped

__all__ = [
    "Given",
    "RemedyPolicy",
    "as_shipped",
    "assess",
    "is_no_fault",
    "lateness",
    "post",
]
