"""MAKE GOOD: who is owed what after a case, and the ledger entry that pays it."""

from recourse.redress.assess import assess
from recourse.redress.facts import FACTS, is_no_fault, lateness
from recourse.redress.given import Given
from recourse.redress.ledger import post
from recourse.redress.policy import RemedyPolicy, as_shipped
from recourse.redress.proving import prove
from recourse.redress.reading import PolicyRefused, read_policy
from recourse.redress.trial import try_policy

__all__ = [
    "FACTS",
    "Given",
    "PolicyRefused",
    "RemedyPolicy",
    "as_shipped",
    "assess",
    "is_no_fault",
    "lateness",
    "post",
    "prove",
    "read_policy",
    "try_policy",
]
