"""This file knows how patiently errands are done."""

from dataclasses import dataclass

from recourse.model.errands import Channel, PayoutPeer

__all__ = ["ErrandParams"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandParams:
    """Who is there to be called, and how patiently.

    Attributes
    ----------
    channels : tuple of Channel
        Ways to a customer besides the page, the preferred first; none by default.
    payouts : PayoutPeer or None
        Who pays remedies out; None leaves it at the ledger.
    first_s : int
        Longest pause after the first failure, in seconds; it doubles from there.
    eager_s : int
        Seconds since an errand was made for which nobody waits longer than `eager_cap_s`.
    eager_cap_s, cap_s : int
        Longest pause while it is new, and ever after, in seconds.
    notice_s : int
        Seconds after which a notice that reached nobody is given up: it is no news any more.
    payout_s : int
        Seconds after which a payout is left to people: three days.
    keyless_s : int
        Least seconds before a peer that takes no key is asked: what is under way must have come.
    """

    channels: tuple[Channel, ...] = ()
    payouts: PayoutPeer | None = None
    first_s: int = 2
    eager_s: int = 600
    eager_cap_s: int = 20
    cap_s: int = 1_800
    notice_s: int = 3_600
    payout_s: int = 3 * 86_400
    keyless_s: int = 30
