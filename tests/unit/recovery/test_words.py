"""What a customer reads, for every notice, cause and language."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from recourse.model.cases import Way
from recourse.model.entitlements import ENTITLING
from recourse.model.examples import NOON, ZONE, order_of
from recourse.model.orders import Customer, Promise
from recourse.model.reasons import PublicGroup
from recourse.model.redress import NoticeKind, RemedyKind
from recourse.recovery import notice_text
from recourse.recovery.words import choice_text, local_time

PROMISE = Promise(earliest_at=NOON, latest_at=NOON + timedelta(minutes=65), told_at=NOON)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PRIVATE = re.compile(
    r"\bill(ness)?\b|sick|accident|hurt|emergency|fatigue|病|事故|受伤|疲劳|紧急", re.IGNORECASE
)
TIMED = {NoticeKind.NEW_COURIER, NoticeKind.NEW_TIME, NoticeKind.NEXT_DAY, NoticeKind.MAY_BE_LATE}
CAUSELESS = {
    NoticeKind.NEW_COURIER,
    NoticeKind.SLOT,
    NoticeKind.DIRECT,
    NoticeKind.AT_POINT,
    NoticeKind.AT_DOOR,
    NoticeKind.REOPENED,
}


# What the platform decides by itself, or people do: a customer is never asked for it.
NOT_THEIRS = {Way.BRING_BACK, Way.RESHIP, Way.HUMAN}


def text(
    kind: NoticeKind,
    group: PublicGroup,
    locale: str,
    promise: Promise = PROMISE,
    *,
    choices: tuple[Way, ...] = (),
    remedy: RemedyKind = RemedyKind.COUPON,
) -> str:
    return notice_text(
        kind,
        group=group,
        order=order_of(customer=Customer(id="c", locale=locale)),
        zone=ZONE,
        promise=promise,
        courier_name="Mei",
        site_name="Kiosk 4",
        amount_cents=500,
        choices=choices,
        remedy=remedy,
        item="Tea",
        until_at=datetime(2026, 4, 1, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("kind", "group", "locale"), list(product(NoticeKind, PublicGroup, ["zh", "en"]))
)
def test_every_notice_is_whole_in_its_language_and_private(
    kind: NoticeKind, group: PublicGroup, locale: str
) -> None:
    said = text(kind, group, locale)
    assert said
    assert "{" not in said
    assert "  " not in said
    assert said.endswith("。" if locale == "zh" else ".")
    assert bool(CHINESE.search(said)) == (locale == "zh")
    assert not PRIVATE.search(said)
    if kind in TIMED:
        assert "13:05" in said, "the time of the address"


@pytest.mark.parametrize(
    ("kind", "group", "way", "locale"), list(product(NoticeKind, PublicGroup, Way, ["zh", "en"]))
)
def test_every_notice_offers_every_way_out_a_customer_may_take(
    kind: NoticeKind, group: PublicGroup, way: Way, locale: str
) -> None:
    plain = text(kind, group, locale)
    said = text(kind, group, locale, choices=(way,))
    assert (said == plain) == (way in NOT_THEIRS)
    assert said.startswith(plain)
    assert said.endswith("。" if locale == "zh" else ".")
    assert "{" not in said
    assert not PRIVATE.search(said)


@pytest.mark.parametrize(("remedy", "locale"), list(product(RemedyKind, ["zh", "en"])))
def test_whatever_a_customer_can_be_given_has_its_words(remedy: RemedyKind, locale: str) -> None:
    if remedy is RemedyKind.COURIER_PAY:
        return
    said = text(NoticeKind.REMEDY, PublicGroup.VEHICLE, locale, remedy=remedy)
    if remedy in ENTITLING:
        assert ("2026年4月1日" if locale == "zh" else "1 April 2026") in said
    else:
        assert "CNY 5.00" in said
    assert ("Tea" in said) == (remedy is RemedyKind.GIFT)
    assert bool(CHINESE.search(said)) == (locale == "zh")


@pytest.mark.parametrize(("kind", "locale"), list(product(NoticeKind, ["zh", "en"])))
def test_a_notice_says_which_of_the_five_causes_it_was(kind: NoticeKind, locale: str) -> None:
    said = {text(kind, group, locale) for group in PublicGroup}
    assert len(said) == (1 if kind in CAUSELESS else len(PublicGroup))


def test_a_notice_may_be_in_another_language_than_the_customers_own() -> None:
    said = notice_text(
        NoticeKind.COURIER_LOST,
        group=PublicGroup.VEHICLE,
        order=order_of(),
        zone=ZONE,
        locale="zh",
    )
    assert CHINESE.search(said)


def test_without_a_name_or_a_time_the_sentence_is_still_whole() -> None:
    said = notice_text(
        NoticeKind.NEW_COURIER, group=PublicGroup.VEHICLE, order=order_of(), zone=ZONE
    )
    assert said == "A new courier now brings your order."


def test_another_day_than_today_is_named() -> None:
    tomorrow = NOON + timedelta(days=1)
    assert local_time(tomorrow, zone=ZONE, now=NOON, locale="en") == "12:00 on 3 March"
    assert local_time(tomorrow, zone=ZONE, now=NOON, locale="zh") == "3月3日12:00"


def test_the_wall_of_the_address_counts_and_not_the_day_in_utc() -> None:
    late_evening = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)
    assert local_time(late_evening, zone=ZONE, now=NOON, locale="en") == "21:30"


def test_choices_are_said_in_words() -> None:
    ways = (Way.PICKUP_POINT, Way.REFUND)
    assert choice_text(ways, locale="en") == (
        " You may choose: fetch it at a pickup point, or cancel and get the money back."
    )
    assert choice_text(ways, locale="zh").count("、") == 1
    assert choice_text((), locale="en") == ""
