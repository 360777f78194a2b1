"""BONUSES: the extra pay that goes with a question, staged, within the budget of a day."""

from recourse.bonuses.acceptance import AcceptanceModel, Asked, p_accept
from recourse.bonuses.earning import earn
from recourse.bonuses.pacing import pace_share, price_of
from recourse.bonuses.staging import BonusParams, choose_bonus, staged_bonuses

__all__ = [
    "AcceptanceModel",
    "Asked",
    "BonusParams",
    "choose_bonus",
    "earn",
    "p_accept",
    "pace_share",
    "price_of",
    "staged_bonuses",
]
