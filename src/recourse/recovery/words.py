# ruff: noqa: RUF001 - Chinese has its own commas and colons
"""This file knows what a customer reads, in Chinese and English.

A notice says what happened, what comes next and until when, in this order. It never names a
person's health or affairs: the cause is one of five groups. Times are those of the address.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from recourse.model.cases import Way
from recourse.model.orders import Order, Promise
from recourse.model.reasons import PublicGroup
from recourse.model.redress import NoticeKind, RemedyKind

__all__ = ["choice_text", "local_time", "notice_text", "notice_title"]

_CAUSE = {
    "en": {
        PublicGroup.VEHICLE: "the courier's vehicle cannot go on",
        PublicGroup.ROAD_AND_WEATHER: "road or weather conditions hold the courier up",
        PublicGroup.COURIER_CANNOT_CONTINUE: "the courier cannot continue",
        PublicGroup.DEMAND: "there is more to deliver than usual",
        PublicGroup.OUR_MISTAKE: "we made a mistake",
    },
    "zh": {
        PublicGroup.VEHICLE: "配送车辆无法继续行驶",
        PublicGroup.ROAD_AND_WEATHER: "道路或天气原因影响了配送",
        PublicGroup.COURIER_CANNOT_CONTINUE: "配送员无法继续配送",
        PublicGroup.DEMAND: "当前订单较多",
        PublicGroup.OUR_MISTAKE: "我们的安排出现了失误",
    },
}
_TEXT = {
    "en": {
        NoticeKind.MAY_BE_LATE: "Your order may be late because {cause}.{by} We are on it.",
        NoticeKind.COURIER_LOST: (
            "Your order needs a new courier because {cause}. We are finding one now;"
            " your order stays in place and you need not do anything."
        ),
        NoticeKind.NO_COURIER: (
            "We have found no courier for your order yet because {cause}. We are looking for"
            " another way now; your order stays in place and you need not do anything."
        ),
        NoticeKind.NEW_COURIER: "{courier} now brings your order.{by}",
        NoticeKind.NEW_TIME: "Your order comes later because {cause}.{who}{by} We are sorry.",
        NoticeKind.SLOT: "As you chose, your order comes between {window}.",
        NoticeKind.DIRECT: "As you chose, {courier} brings your order straight to you.{by}",
        NoticeKind.AT_POINT: "As agreed, your order is ready for you at {site}.",
        NoticeKind.AT_DOOR: (
            "{courier} is at your door with your order and cannot reach you."
            " Please open, or answer soon."
        ),
        NoticeKind.NEXT_DAY: (
            "We cannot deliver your order today because {cause}.{by} We are sorry."
        ),
        NoticeKind.REFUNDED: (
            "We cannot deliver your order because {cause}. You get your money back. We are sorry."
        ),
        NoticeKind.REOPENED: (
            "Your order was closed by mistake. It is open again and on its way to be delivered;"
            " we are sorry."
        ),
        NoticeKind.REMEDY: "We could not keep our promise because {cause}. {gift}.",
    },
    "zh": {
        NoticeKind.MAY_BE_LATE: "因{cause}，您的订单可能会晚到。{by}我们正在处理。",
        NoticeKind.COURIER_LOST: (
            "因{cause}，您的订单需要更换配送员。我们正在安排，订单依然有效，您无需任何操作。"
        ),
        NoticeKind.NO_COURIER: (
            "因{cause}，您的订单暂时没有配送员可接。我们正在安排其他办法，订单依然有效，您无需任何操作。"
        ),
        NoticeKind.NEW_COURIER: "您的订单现由{courier}配送。{by}",
        NoticeKind.NEW_TIME: "因{cause}，您的订单将晚些送到。{who}{by}非常抱歉。",
        NoticeKind.SLOT: "按您的选择，您的订单将在{window}之间送达。",
        NoticeKind.DIRECT: "按您的选择，{courier}将专程为您直送。{by}",
        NoticeKind.AT_POINT: "按照约定，您的订单已放在{site}，可随时领取。",
        NoticeKind.AT_DOOR: "{courier}已带着您的订单到达门口，但联系不上您。请您开门或尽快回复。",
        NoticeKind.NEXT_DAY: "因{cause}，您的订单今天无法送达。{by}非常抱歉。",
        NoticeKind.REFUNDED: "因{cause}，您的订单无法送达，您支付的款项将予以退还。非常抱歉。",
        NoticeKind.REOPENED: "您的订单此前被误关闭，现已恢复，我们正在继续为您配送。非常抱歉。",
        NoticeKind.REMEDY: "因{cause}，我们未能履行承诺。{gift}。",
    },
}
_GIFT = {
    "en": {
        RemedyKind.COUPON: "A coupon worth {amount} is in your account",
        RemedyKind.POINTS: "Points worth {amount} are in your account",
        RemedyKind.REFUND: "{amount} is on its way back to you",
        RemedyKind.FREE_UPGRADE: "Your next order goes by express at no charge{until}",
        RemedyKind.REFUND_GUARANTEE: (
            "If your next order is late, you get all of your money back{until}"
        ),
        RemedyKind.FREE_STORAGE: "We keep your orders for you at no charge{until}",
        RemedyKind.VIP_TRIAL: "You are a VIP member on trial{until}",
        RemedyKind.EXTENDED_WARRANTY: "The warranty of what you ordered is extended{until}",
        RemedyKind.GIFT: "A gift is yours: {item}{until}",
    },
    "zh": {
        RemedyKind.COUPON: "价值{amount}的优惠券已发放到您的账户",
        RemedyKind.POINTS: "价值{amount}的积分已发放到您的账户",
        RemedyKind.REFUND: "{amount}将退还给您",
        RemedyKind.FREE_UPGRADE: "您的下一单可免费升级为极速配送{until}",
        RemedyKind.REFUND_GUARANTEE: "下一单若晚到，将全额退款{until}",
        RemedyKind.FREE_STORAGE: "我们将免费为您保管包裹{until}",
        RemedyKind.VIP_TRIAL: "已为您开通会员体验{until}",
        RemedyKind.EXTENDED_WARRANTY: "您所购商品的保修期已延长{until}",
        RemedyKind.GIFT: "送您一份礼物：{item}{until}",
    },
}
_UNTIL = {"en": ", until {day}", "zh": "，有效期至{day}"}
_BY = {"en": " It arrives by {time}.", "zh": "预计{time}前送达。"}
_WHO = {"en": " {courier} brings it.", "zh": "由{courier}配送。"}
_SOMEBODY = {"en": "A new courier", "zh": "新的配送员"}
_POINT = {"en": "the pickup point", "zh": "自提点"}
_CHOICES = {
    "en": {
        Way.COURIER: "wait for a new courier",
        Way.HANDOVER: "wait for a new courier",
        Way.EXPRESS: "have a courier bring it straight",
        Way.SLOT: "pick another slot",
        Way.NEXT_WAVE: "later today",
        Way.PICKUP_POINT: "fetch it at a pickup point",
        Way.NEXT_DAY: "tomorrow",
        Way.REFUND: "cancel and get the money back",
    },
    "zh": {
        Way.COURIER: "等待新的配送员",
        Way.HANDOVER: "等待新的配送员",
        Way.EXPRESS: "专人直送",
        Way.SLOT: "改到其他时段",
        Way.NEXT_WAVE: "今天晚些时候送达",
        Way.PICKUP_POINT: "到自提点领取",
        Way.NEXT_DAY: "明天送达",
        Way.REFUND: "取消并退款",
    },
}
_CHOOSE = {"en": " You may choose: {ways}.", "zh": "您可以选择：{ways}。"}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_TITLE = {"en": "About your order", "zh": "您的订单有新消息"}
_AND = {"en": "{begins} and {ends}", "zh": "{begins}至{ends}"}
_JOIN = {"en": ", or ", "zh": "、"}


def notice_text(  # noqa: PLR0913 - one keyword per fact a notice may name
    kind: NoticeKind,
    *,
    group: PublicGroup,
    order: Order,
    zone: str,
    locale: str = "",
    promise: Promise | None = None,
    courier_name: str = "",
    site_name: str = "",
    amount_cents: int = 0,
    remedy: RemedyKind = RemedyKind.COUPON,
    item: str = "",
    until_at: datetime | None = None,
    choices: Sequence[Way] = (),
) -> str:
    """Write one notice in the customer's language.

    Parameters
    ----------
    kind : NoticeKind
        What it tells.
    group : PublicGroup
        What may be said about the cause.
    order : Order
        About which order.
    zone : str
        IANA zone of the address.
    locale : str
        ``"zh"`` or ``"en"``; empty for the customer's own.
    promise : Promise or None
        The window to name; None names none. Another day than the one it is told on is named.
    courier_name : str
        Who brings it; empty if it is not known.
    site_name : str
        The pickup point.
    amount_cents : int
        What is given, in minor units of the order's currency.
    remedy : RemedyKind
        What kind of thing it is.
    item : str
        Which, where the kind does not say it.
    until_at : datetime or None
        Until when it may be claimed; None names no end.
    choices : sequence of Way
        What else may be chosen.

    Returns
    -------
    str
        What the customer reads.

    Examples
    --------
    >>> from recourse.model.examples import PROMISE, ZONE, order_of
    >>> notice_text(
    ...     NoticeKind.NEW_COURIER,
    ...     group=PublicGroup.VEHICLE,
    ...     order=order_of(),
    ...     zone=ZONE,
    ...     promise=PROMISE,
    ...     courier_name="Mei",
    ... )
    'Mei now brings your order. It arrives by 13:00.'
    """
    locale = "zh" if (locale or order.customer.locale) == "zh" else "en"
    by = window = ""
    if promise is not None:
        window = _window(promise, zone=zone, locale=locale)
        when = local_time(promise.latest_at, zone=zone, now=promise.told_at, locale=locale)
        by = _BY[locale].format(time=when)
    text = _TEXT[locale][kind].format(
        cause=_CAUSE[locale][group],
        by=by,
        window=window,
        who=_WHO[locale].format(courier=courier_name) if courier_name else "",
        courier=courier_name or _SOMEBODY[locale],
        site=site_name or _POINT[locale],
        gift=_GIFT[locale][remedy].format(
            amount=f"{order.currency} {amount_cents / 100:.2f}",
            item=item,
            until=_until(until_at, zone=zone, locale=locale),
        ),
    )
    return text + choice_text(choices, locale=locale)


def _window(promise: Promise, *, zone: str, locale: str) -> str:
    """Both ends of a window; the day is said once."""
    begins, ends = (
        local_time(at, zone=zone, now=now, locale=locale)
        for at, now in (
            (promise.earliest_at, promise.told_at),
            (promise.latest_at, promise.earliest_at),
        )
    )
    return _AND[locale].format(begins=begins, ends=ends)


def notice_title(locale: str) -> str:
    """Say above a notice what it is about.

    Parameters
    ----------
    locale : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        A few words.

    Examples
    --------
    >>> notice_title("en")
    'About your order'
    """
    return _TITLE["zh" if locale == "zh" else "en"]


def _until(at: datetime | None, *, zone: str, locale: str) -> str:
    """Say the last day of something, as the wall at the address shows it."""
    if at is None:
        return ""
    there = at.astimezone(ZoneInfo(zone))
    day = f"{there.day} {_MONTHS[there.month - 1]} {there.year}"
    if locale == "zh":
        day = f"{there.year}年{there.month}月{there.day}日"
    return _UNTIL[locale].format(day=day)


def choice_text(choices: Sequence[Way], *, locale: str) -> str:
    """Say what may be chosen; an empty string for nothing.

    Parameters
    ----------
    choices : sequence of Way
        The open ways.
    locale : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        One sentence.
    """
    named = [_CHOICES[locale][way] for way in choices if way in _CHOICES[locale]]
    return _CHOOSE[locale].format(ways=_JOIN[locale].join(named)) if named else ""


def local_time(at: datetime, *, now: datetime, zone: str, locale: str) -> str:
    """Say a time as the wall at the address shows it; another day than today is named.

    Parameters
    ----------
    at, now : datetime
        The instant to name, and the present.
    zone : str
        IANA zone of the address.
    locale : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        For example ``"14:05"`` or ``"14:05 on 3 March"``.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 2, 20, tzinfo=UTC)
    >>> local_time(noon, zone="America/Vancouver", now=noon, locale="en")
    '12:00'
    """
    there, here = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    clock = f"{there:%H:%M}"
    if there.date() == here.date():
        return clock
    if locale == "zh":
        return f"{there.month}月{there.day}日{clock}"
    return f"{clock} on {there.day} {_MONTHS[there.month - 1]}"
