"""This file knows how a decision and its losers are said to people, in Chinese and in English."""

# ruff: noqa: RUF001 - Chinese is written with its own punctuation

from collections.abc import Mapping

from recourse.model.cases import Decision, Loss, Option, Rejection, Way
from recourse.model.errors import Invalid

__all__ = ["explain"]

_S_PER_MIN = 60
_NEVER_S = 500_000
"""Nobody is so late: there is no way there."""
_NO_WAY = {"en": "{who} has no way to get there", "zh": "{who}无路可达"}

_TIMES = frozenset({Loss.LATE, Loss.BEYOND_SHIFT, Loss.BEYOND_HOURS})

_WAYS: Mapping[str, Mapping[Way, str]] = {
    "en": {
        Way.COURIER: "another courier",
        Way.HANDOVER: "a handover",
        Way.NEXT_WAVE: "the next wave",
        Way.PICKUP_POINT: "a pickup point",
        Way.BRING_BACK: "bringing it back",
        Way.RESHIP: "a replacement",
        Way.NEXT_DAY: "delivery tomorrow",
        Way.REFUND: "a refund",
        Way.HUMAN: "a dispatcher",
    },
    "zh": {
        Way.COURIER: "换骑手",
        Way.HANDOVER: "当面交接",
        Way.NEXT_WAVE: "下一波次",
        Way.PICKUP_POINT: "自提点",
        Way.BRING_BACK: "送回站点",
        Way.RESHIP: "补发",
        Way.NEXT_DAY: "次日送达",
        Way.REFUND: "退款",
        Way.HUMAN: "人工调度",
    },
}

_LOSSES: Mapping[str, Mapping[Loss, str]] = {
    "en": {
        Loss.DROPPED_IT: "{who} dropped this order",
        Loss.REFUSED_IT: "{who} has refused this order",
        Loss.OFF_DUTY: "{who} is off duty",
        Loss.HAS_OPEN_OFFER: "{who} is still deciding about another offer",
        Loss.LATE: "{who} would be {minutes} min late",
        Loss.OVER_CAPACITY: "{who} has no room: {amount} g or ml too much",
        Loss.BEYOND_SHIFT: "{who} would finish {minutes} min after the shift",
        Loss.BEYOND_HOURS: "{who} would work {minutes} min more than a day allows",
        Loss.NO_ACCESS: "{who} may not go there with this vehicle",
        Loss.NO_CONSENT: "{who}: the customer has not agreed",
        Loss.NO_POINT_NEAR: "{who}: the nearest point is {amount} m away",
        Loss.NO_WAVE_LEFT: "{who}: no wave leaves today any more",
        Loss.HOLDER_GONE: "{who}: the courier who has the parcel cannot be met",
        Loss.NOT_IN_HANDS: "{who} does not have the parcel",
        Loss.PERISHABLE: "{who}: the goods would spoil",
        Loss.PRICE: "{who} would cost {money} more",
    },
    "zh": {
        Loss.DROPPED_IT: "{who}已放弃此单",
        Loss.REFUSED_IT: "{who}已拒绝此单",
        Loss.OFF_DUTY: "{who}不在岗",
        Loss.HAS_OPEN_OFFER: "{who}还有一单邀请未答复",
        Loss.LATE: "{who}会晚到 {minutes} 分钟",
        Loss.OVER_CAPACITY: "{who}装不下：超出 {amount} 克或毫升",
        Loss.BEYOND_SHIFT: "{who}会在下班 {minutes} 分钟后才送完",
        Loss.BEYOND_HOURS: "{who}会超出当日工时上限 {minutes} 分钟",
        Loss.NO_ACCESS: "{who}的车辆不能进入",
        Loss.NO_CONSENT: "{who}：顾客尚未同意",
        Loss.NO_POINT_NEAR: "{who}：最近的自提点在 {amount} 米外",
        Loss.NO_WAVE_LEFT: "{who}：今天已没有后续波次",
        Loss.HOLDER_GONE: "{who}：无法与持有包裹的骑手会面",
        Loss.NOT_IN_HANDS: "{who}手中没有该包裹",
        Loss.PERISHABLE: "{who}：货品会变质",
        Loss.PRICE: "{who}要多花 {money}",
    },
}


def explain(
    what: Rejection | Option | Decision,
    *,
    locale: str,
    names: Mapping[str, str] | None = None,
    currency: str = "¥",
) -> str:
    """Say a decision, an option or a rejection as a sentence.

    Parameters
    ----------
    what : Rejection, Option or Decision
        A decision is its option followed by every loser.
    locale : str
        ``"zh"`` or ``"en"``.
    names : mapping of str to str, optional
        Names of couriers and sites by id; the id stands in for a name that is missing.
    currency : str, optional
        Sign put before amounts of money.

    Returns
    -------
    str
        Minutes are rounded up, so that a delay never reads as none. No full stop at the end.

    Raises
    ------
    Invalid
        If the locale is neither of the two.

    Examples
    --------
    >>> late = Rejection(way=Way.COURIER, loss=Loss.LATE, courier_id="c-7", amount=340)
    >>> explain(late, locale="en", names={"c-7": "Wang Lei"})
    'Wang Lei would be 6 min late'
    >>> explain(late, locale="zh", names={"c-7": "王磊"})
    '王磊会晚到 6 分钟'
    >>> taken = Option(way=Way.COURIER, courier_id="c-8", cost_cents=420)
    >>> explain(Decision(order_id="o-1", option=taken, rejections=(late,)), locale="en")
    'c-8 takes it on time for ¥4.20; c-7 would be 6 min late'
    """
    if locale not in _LOSSES:
        raise Invalid(field="locale", why=f"must be 'zh' or 'en', got {locale!r}")
    known = names or {}
    if isinstance(what, Rejection):
        return _rejection(what, locale, known, currency)
    if isinstance(what, Option):
        return _option(what, locale, known, currency)
    said = [_option(what.option, locale, known, currency)]
    said += [_rejection(loser, locale, known, currency) for loser in what.rejections]
    return ("；" if locale == "zh" else "; ").join(said)


def _minutes(seconds: int) -> int:
    """Whole minutes, rounded up."""
    return -(-seconds // _S_PER_MIN)


def _rejection(lost: Rejection, locale: str, names: Mapping[str, str], currency: str) -> str:
    """Why one option lost."""
    who = names.get(lost.courier_id, lost.courier_id) or _WAYS[locale][lost.way]
    is_cut_off = lost.loss in _TIMES and lost.amount >= _NEVER_S
    text = (_NO_WAY[locale] if is_cut_off else _LOSSES[locale][lost.loss]).format(
        who=who,
        amount=lost.amount,
        minutes=_minutes(lost.amount),
        money=f"{currency}{lost.amount / 100:.2f}",
    )
    return text[0].upper() + text[1:] if not lost.courier_id else text


def _option(option: Option, locale: str, names: Mapping[str, str], currency: str) -> str:
    """What one option means."""
    who = names.get(option.courier_id, option.courier_id) or _WAYS[locale][option.way]
    money = f"{currency}{option.cost_cents / 100:.2f}"
    site = names.get(option.site_id, option.site_id)
    if locale == "zh":
        when = f"晚到 {_minutes(option.late_s)} 分钟" if option.late_s else "准时"
        if option.courier_id:
            return f"由{who}配送，{when}，费用 {money}"
        return f"选择{who}{f'（{site}）' if site else ''}，费用 {money}"
    when = f"{_minutes(option.late_s)} min late" if option.late_s else "on time"
    if option.courier_id:
        return f"{who} takes it {when} for {money}"
    return f"{who[0].upper()}{who[1:]}{f' ({site})' if site else ''} for {money}"
