"""This file knows how the terms of a price are said to people, in Chinese and in English."""

# ruff: noqa: RUF001, RUF002 - Chinese is written with its own punctuation

from collections.abc import Mapping

from recourse.model.errors import Invalid
from recourse.planning.engine.decide import Terms

__all__ = ["say_terms"]

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


def _money(cents: int, currency: str) -> str:
    """An amount with its sign."""
    return f"{'-' if cents < 0 else ''}{currency}{abs(cents) / 100:.2f}"
