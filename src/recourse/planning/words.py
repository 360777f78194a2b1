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
        Way.EXPRESS: "a direct courier",
        Way.NEXT_WAVE: "the next wave",
        Way.SLOT: "another slot",
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
        Way.EXPRESS: "专人直送",
        Way.NEXT_WAVE: "下一波次",
        Way.SLOT: "其他时段",
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
        Loss.WAITS_FOR_THEM: "{who} waits to hand a parcel over to whoever has this one",
        Loss.LATE: "{who} would be {minutes} min late",
        Loss.OVER_CAPACITY: "{who} has no room: {amount} g or ml too much",
        Loss.BEYOND_SHIFT: "{who} would finish {minutes} min after the shift",
        Loss.BEYOND_HOURS: "{who} would work {minutes} min more than a day allows",
        Loss.NO_ACCESS: "{who} may not go there with this vehicle",
        Loss.NO_CONSENT: "{who}: the customer has not agreed",
        Loss.NO_POINT_NEAR: "{who}: the nearest point is {amount} m away",
        Loss.NO_WAVE_LEFT: "{who}: no wave leaves today any more",
        Loss.SLOTS_FULL: "{who}: every slot of today is full",
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
        Loss.WAITS_FOR_THEM: "{who}正等着把包裹移交给持有此单的骑手",
        Loss.LATE: "{who}会晚到 {minutes} 分钟",
        Loss.OVER_CAPACITY: "{who}装不下：超出 {amount} 克或毫升",
        Loss.BEYOND_SHIFT: "{who}会在下班 {minutes} 分钟后才送完",
        Loss.BEYOND_HOURS: "{who}会超出当日工时上限 {minutes} 分钟",
        Loss.NO_ACCESS: "{who}的车辆不能进入",
        Loss.NO_CONSENT: "{who}：顾客尚未同意",
        Loss.NO_POINT_NEAR: "{who}：最近的自提点在 {amount} 米外",
        Loss.NO_WAVE_LEFT: "{who}：今天已没有后续波次",
        Loss.SLOTS_FULL: "{who}：今天各时段均已约满",
        Loss.HOLDER_GONE: "{who}：无法与持有包裹的骑手会面",
        Loss.NOT_IN_HANDS: "{who}手中没有该包裹",
        Loss.PERISHABLE: "{who}：货品会变质",
        Loss.PRICE: "{who}要多花 {money}",
    },
}

_BY_A_COURIER = frozenset({Way.COURIER, Way.HANDOVER})

_OF_A_WAY: Mapping[str, Mapping[tuple[Way, Loss], str]] = {
    "en": {
        (Way.HANDOVER, Loss.HOLDER_GONE): "{who} has the parcel and cannot be met",
        (Way.NEXT_WAVE, Loss.PERISHABLE): "The goods would spoil before the next wave",
        (Way.NEXT_WAVE, Loss.NOT_IN_HANDS): "The next wave cannot take what is not at a station",
        (Way.NEXT_WAVE, Loss.NO_WAVE_LEFT): "No wave leaves today any more",
        (Way.EXPRESS, Loss.OFF_DUTY): "No courier is free to bring it straight",
        (Way.SLOT, Loss.PERISHABLE): "The goods would spoil before another slot",
        (Way.SLOT, Loss.NOT_IN_HANDS): "What lies on no shelf cannot wait for another slot",
        (Way.SLOT, Loss.NO_WAVE_LEFT): "Nobody works in another slot today",
        (Way.SLOT, Loss.SLOTS_FULL): "Every other slot of today is full",
        (Way.PICKUP_POINT, Loss.NO_POINT_NEAR): (
            "The nearest pickup point is {amount} m farther than a customer is asked to walk"
        ),
        (Way.PICKUP_POINT, Loss.BEYOND_HOURS): "The pickup point is closed when it would be there",
        (Way.PICKUP_POINT, Loss.OVER_CAPACITY): "The pickup point is full",
        (Way.PICKUP_POINT, Loss.NO_CONSENT): "The customer has not agreed to a pickup point",
        (Way.PICKUP_POINT, Loss.HOLDER_GONE): (
            "No courier can meet who has the parcel and take it to a pickup point"
        ),
        (Way.PICKUP_POINT, Loss.OFF_DUTY): "No courier on duty can take it to a pickup point",
        (Way.BRING_BACK, Loss.NOT_IN_HANDS): "No courier has the parcel to bring back",
        (Way.BRING_BACK, Loss.PERISHABLE): "The goods would spoil on the way back",
        (Way.BRING_BACK, Loss.HOLDER_GONE): "{who} has the parcel and cannot bring it back",
        (Way.RESHIP, Loss.NOT_IN_HANDS): "No replacement is needed: no courier has the parcel",
        (Way.RESHIP, Loss.HOLDER_GONE): "{who} has the parcel and there is no second one to send",
        (Way.NEXT_DAY, Loss.PERISHABLE): "The goods would spoil by tomorrow",
        (Way.NEXT_DAY, Loss.HOLDER_GONE): (
            "{who} has the parcel and cannot be met, so it cannot go out tomorrow"
        ),
    },
    "zh": {
        (Way.HANDOVER, Loss.HOLDER_GONE): "包裹在{who}手中，无法会面交接",
        (Way.NEXT_WAVE, Loss.PERISHABLE): "货品等不到下一波次就会变质",
        (Way.NEXT_WAVE, Loss.NOT_IN_HANDS): "包裹不在站点，赶不上下一波次",
        (Way.NEXT_WAVE, Loss.NO_WAVE_LEFT): "今天已没有后续波次",
        (Way.EXPRESS, Loss.OFF_DUTY): "没有空闲骑手可以专程直送",
        (Way.SLOT, Loss.PERISHABLE): "货品等不到其他时段就会变质",
        (Way.SLOT, Loss.NOT_IN_HANDS): "包裹不在货架上，无法改到其他时段",
        (Way.SLOT, Loss.NO_WAVE_LEFT): "今天其他时段都没有骑手在岗",
        (Way.SLOT, Loss.SLOTS_FULL): "今天其他时段都已约满",
        (Way.PICKUP_POINT, Loss.NO_POINT_NEAR): "最近的自提点超出顾客步行范围 {amount} 米",
        (Way.PICKUP_POINT, Loss.BEYOND_HOURS): "包裹送到时自提点已关门",
        (Way.PICKUP_POINT, Loss.OVER_CAPACITY): "自提点已放满",
        (Way.PICKUP_POINT, Loss.NO_CONSENT): "顾客尚未同意送到自提点",
        (Way.PICKUP_POINT, Loss.HOLDER_GONE): "无法与持有包裹的骑手会面，送不到自提点",
        (Way.PICKUP_POINT, Loss.OFF_DUTY): "没有在岗骑手能送到自提点",
        (Way.BRING_BACK, Loss.NOT_IN_HANDS): "包裹不在骑手手中，无从送回",
        (Way.BRING_BACK, Loss.PERISHABLE): "货品在送回途中会变质",
        (Way.BRING_BACK, Loss.HOLDER_GONE): "包裹在{who}手中，无法送回",
        (Way.RESHIP, Loss.NOT_IN_HANDS): "包裹不在骑手手中，无需补发",
        (Way.RESHIP, Loss.HOLDER_GONE): "包裹在{who}手中，没有第二件可以补发",
        (Way.NEXT_DAY, Loss.PERISHABLE): "货品放到明天会变质",
        (Way.NEXT_DAY, Loss.HOLDER_GONE): "包裹在{who}手中且无法会面，明天也送不出",
    },
}
"""Ways that mean more than who would carry it are refused in words of their own."""
_NO_POINT = {"en": "There is no pickup point", "zh": "没有自提点"}


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
    is_priced = lost.loss is Loss.PRICE and lost.way not in _BY_A_COURIER
    courier = "" if is_priced else names.get(lost.courier_id, lost.courier_id)
    text = _sentence(lost, locale).format(
        who=courier or _WAYS[locale][lost.way],
        amount=lost.amount,
        minutes=_minutes(lost.amount),
        money=f"{currency}{lost.amount / 100:.2f}",
    )
    return text if courier else text[0].upper() + text[1:]


def _sentence(lost: Rejection, locale: str) -> str:
    """The words for a loss, with places for names and amounts."""
    if (lost.way, lost.loss) == (Way.PICKUP_POINT, Loss.NO_POINT_NEAR) and not lost.amount:
        return _NO_POINT[locale]
    own = _OF_A_WAY[locale].get((lost.way, lost.loss))
    if own is not None:
        return own
    if lost.loss in _TIMES and lost.amount >= _NEVER_S:
        return _NO_WAY[locale]
    return _LOSSES[locale][lost.loss]


def _option(option: Option, locale: str, names: Mapping[str, str], currency: str) -> str:
    """What one option means."""
    way = _WAYS[locale][option.way]
    who = names.get(option.courier_id, option.courier_id)
    site = names.get(option.site_id, option.site_id)
    minutes = _minutes(option.late_s)
    money = f"{currency}{option.cost_cents / 100:.2f}"
    if locale == "zh":
        when = f"晚到 {minutes} 分钟" if option.late_s else "准时"
        what = f"由{who}配送，{when}" if who else f"选择{way}{f'（{site}）' if site else ''}"
        if who and option.way is Way.BRING_BACK:
            what = f"由{who}送回"
        elif who and option.way is Way.PICKUP_POINT:
            what = f"由{who}送到{site or way}，{when}"
        return f"{what}，费用 {money}"
    when = f"{minutes} min late" if option.late_s else "on time"
    what = f"{who} takes it {when}" if who else way[0].upper() + way[1:]
    if who and option.way is Way.BRING_BACK:
        what = f"{who} brings it back"
    elif who and option.way is Way.PICKUP_POINT:
        what = f"{who} takes it to {site or way} {when}"
    elif site and not who:
        what += f" ({site})"
    return f"{what} for {money}"
