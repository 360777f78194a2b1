"""This file knows how prices and meetings are said to people, in Chinese and in English."""

# ruff: noqa: RUF001, RUF002 - Chinese is written with its own punctuation

from collections.abc import Mapping, Sequence

from recourse.model.errors import Invalid
from recourse.planning.engine.decide import Terms
from recourse.planning.engine.relay import Relay

__all__ = ["say_relay", "say_terms"]

_S_PER_MIN = 60

_TERMS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "legs": "longer ways",
        "late": "being late",
        "risk": "the risk of being late",
        "change": "changing what was told",
        "stops": "the stops themselves",
        "seconds": "working time",
        "way_out": "the way out without a courier",
    },
    "zh": {
        "legs": "多走的路",
        "late": "迟到",
        "risk": "迟到风险",
        "change": "改动已通知的安排",
        "stops": "停靠点费用",
        "seconds": "工作时间",
        "way_out": "无骑手的替代方案",
    },
}


def say_terms(terms: Terms, *, locale: str, currency: str = "¥") -> str:
    """Say what a price is made of; terms that are nothing are left out.

    Parameters
    ----------
    terms : Terms
        Of `recourse.planning.engine.decide.terms_of`, in cents.
    locale : str
        ``"zh"`` or ``"en"``.
    currency : str, optional
        Sign put before amounts of money.

    Returns
    -------
    str
        Without a full stop at the end.

    Raises
    ------
    Invalid
        If the locale is neither of the two.

    Examples
    --------
    >>> terms = Terms(legs=420, late=0, risk=35, change=-50, stops=0, seconds=0, way_out=0)
    >>> say_terms(terms, locale="en")
    '¥4.05: longer ways ¥4.20, the risk of being late ¥0.35, changing what was told -¥0.50'
    >>> say_terms(terms, locale="zh")
    '¥4.05：多走的路 ¥4.20，迟到风险 ¥0.35，改动已通知的安排 -¥0.50'
    """
    if locale not in _TERMS:
        raise Invalid(field="locale", why=f"must be 'zh' or 'en', got {locale!r}")
    names = _TERMS[locale]
    colon, comma = ("：", "，") if locale == "zh" else (": ", ", ")
    parts = [
        f"{names[name]} {_money(cents, currency)}"
        for name, cents in terms._asdict().items()
        if cents
    ]
    total = _money(terms.price, currency)
    return f"{total}{colon}{comma.join(parts)}" if parts else total


def say_relay(
    relay: Relay,
    *,
    locale: str,
    courier_names: Sequence[str],
    place_name: str,
    currency: str = "¥",
) -> str:
    """Say who hands a parcel to whom, and who waits how long.

    Parameters
    ----------
    relay : Relay
        With prices in cents.
    locale : str
        ``"zh"`` or ``"en"``.
    courier_names : sequence of str
        Names of couriers.
    place_name : str
        Where they meet.
    currency : str, optional
        Sign put before amounts of money.

    Returns
    -------
    str
        Minutes are rounded up, so that a wait never reads as none. No full stop at the end.

    Raises
    ------
    Invalid
        If the locale is neither of the two.

    Examples
    --------
    >>> relay = Relay(
    ...     order=4, giver=0, taker=1, place=9, at_s=600, giver_waits_s=130, taker_waits_s=0,
    ...     late_s=0, price=640, give_rank=0, take_rank=1, door_rank=1, handover_s=60,
    ... )  # fmt: skip
    >>> how = {"courier_names": ("Wang", "Li"), "place_name": "the bridge"}
    >>> say_relay(relay, locale="en", **how)
    'Wang hands it to Li at the bridge and waits 3 min there; Li brings it on time for ¥6.40'
    >>> say_relay(relay, locale="zh", **how)
    'Wang在the bridge把包裹交给Li，Wang等候 3 分钟；Li准时送达，费用 ¥6.40'
    """
    if locale not in _TERMS:
        raise Invalid(field="locale", why=f"must be 'zh' or 'en', got {locale!r}")
    giver, taker = courier_names[relay.giver], courier_names[relay.taker]
    minutes = -(-max(relay.giver_waits_s, relay.taker_waits_s) // _S_PER_MIN)
    late = -(-relay.late_s // _S_PER_MIN)
    who = giver if relay.giver_waits_s else taker
    money = _money(relay.price, currency)
    if locale == "zh":
        wait = f"，{who}等候 {minutes} 分钟" if minutes else "，无人等候"
        when = f"晚 {late} 分钟" if late else "准时"
        return f"{giver}在{place_name}把包裹交给{taker}{wait}；{taker}{when}送达，费用 {money}"
    what = f"{giver} hands it to {taker} at {place_name}"
    if not minutes:
        wait = ", and nobody waits"
    elif who == giver:
        wait = f" and waits {minutes} min there"
    else:
        wait = f", who waits {minutes} min there"
    when = f"{late} min late" if late else "on time"
    return f"{what}{wait}; {taker} brings it {when} for {money}"


def _money(cents: int, currency: str) -> str:
    """An amount with its sign."""
    return f"{'-' if cents < 0 else ''}{currency}{abs(cents) / 100:.2f}"
