"""Every loss and every way can be said in both languages."""

import pytest

from recourse.model.cases import Decision, Loss, Option, Rejection, Way
from recourse.model.errors import Invalid
from recourse.planning import explain

NAMES = {"c-1": "Wang Lei", "p-1": "North Gate"}


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("loss", list(Loss))
def test_every_loss_has_a_sentence_with_the_name(loss: Loss, locale: str) -> None:
    said = explain(
        Rejection(way=Way.COURIER, loss=loss, courier_id="c-1", amount=61),
        locale=locale,
        names=NAMES,
    )
    assert said.startswith("Wang Lei") or "Wang Lei" in said
    assert "{" not in said


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("way", list(Way))
def test_every_way_has_a_name_where_there_is_no_courier(way: Way, locale: str) -> None:
    taken = explain(Option(way=way, site_id="p-1", cost_cents=5), locale=locale, names=NAMES)
    assert "North Gate" in taken
    assert "0.05" in taken
    lost = explain(Rejection(way=way, loss=Loss.PRICE, amount=250), locale=locale)
    assert "2.50" in lost


BY_COURIER = [
    Loss.DROPPED_IT,
    Loss.REFUSED_IT,
    Loss.OFF_DUTY,
    Loss.HAS_OPEN_OFFER,
    Loss.LATE,
    Loss.OVER_CAPACITY,
    Loss.BEYOND_SHIFT,
    Loss.BEYOND_HOURS,
    Loss.NO_ACCESS,
    Loss.WAITS_FOR_THEM,
    Loss.NOT_IN_HANDS,
    Loss.PRICE,
]
OCCURRING = [
    *((way, loss, "c-1", 61) for way in (Way.COURIER, Way.HANDOVER) for loss in BY_COURIER),
    (Way.HANDOVER, Loss.HOLDER_GONE, "c-1", 0),
    *((way, Loss.PRICE, "", 250) for way in Way if way not in {Way.COURIER, Way.HANDOVER}),
    (Way.BRING_BACK, Loss.PRICE, "c-1", 250),
    (Way.PICKUP_POINT, Loss.PRICE, "c-1", 250),
    *((Way.NEXT_WAVE, loss, "", 0) for loss in (Loss.PERISHABLE, Loss.NOT_IN_HANDS)),
    (Way.NEXT_WAVE, Loss.NO_WAVE_LEFT, "", 0),
    *((Way.SLOT, loss, "", 0) for loss in (Loss.NO_WAVE_LEFT, Loss.SLOTS_FULL)),
    (Way.PICKUP_POINT, Loss.NO_POINT_NEAR, "", 420),
    (Way.PICKUP_POINT, Loss.NO_POINT_NEAR, "", 0),
    (Way.PICKUP_POINT, Loss.BEYOND_HOURS, "", 600),
    *((Way.PICKUP_POINT, loss, "", 0) for loss in (Loss.OVER_CAPACITY, Loss.NO_CONSENT)),
    *((Way.PICKUP_POINT, loss, "", 0) for loss in (Loss.HOLDER_GONE, Loss.OFF_DUTY)),
    (Way.BRING_BACK, Loss.NOT_IN_HANDS, "", 0),
    *((Way.BRING_BACK, loss, "c-1", 0) for loss in (Loss.PERISHABLE, Loss.HOLDER_GONE)),
    (Way.RESHIP, Loss.NOT_IN_HANDS, "", 0),
    (Way.RESHIP, Loss.HOLDER_GONE, "c-1", 0),
    (Way.NEXT_DAY, Loss.PERISHABLE, "", 0),
    (Way.NEXT_DAY, Loss.HOLDER_GONE, "c-1", 0),
]
"""Every combination that the deciders give: way, loss, courier, amount."""
ONLY_PEOPLE = ("does not have", "is off duty", "has no room", "would work", "手中没有", "不在岗")


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(("way", "loss", "courier_id", "amount"), OCCURRING)
def test_what_only_a_person_can_be_or_do_is_said_of_persons_only(
    way: Way, loss: Loss, courier_id: str, amount: int, locale: str
) -> None:
    lost = Rejection(way=way, loss=loss, courier_id=courier_id, amount=amount)
    said = explain(lost, locale=locale, names=NAMES)
    assert said[0].isupper() or locale == "zh"
    assert "{" not in said
    assert "0 m " not in said or amount
    if any(words in said for words in ONLY_PEOPLE):
        assert "Wang Lei" in said
    if loss is Loss.HOLDER_GONE and courier_id:
        assert "Wang Lei" in said


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_no_two_ways_of_losing_are_said_in_the_same_words(locale: str) -> None:
    own = [one for one in OCCURRING if one[0] not in {Way.COURIER, Way.HANDOVER} and not one[2]]
    said = [
        explain(Rejection(way=way, loss=loss, amount=amount), locale=locale)
        for way, loss, _, amount in own
    ]
    assert len(set(said)) == len(said)


def test_who_brings_it_back_or_to_a_point_is_said_so() -> None:
    back = Option(way=Way.BRING_BACK, courier_id="c-1", cost_cents=100)
    assert explain(back, locale="en", names=NAMES) == "Wang Lei brings it back for ¥1.00"
    point = Option(way=Way.PICKUP_POINT, courier_id="c-1", site_id="p-1", cost_cents=100)
    said = explain(point, locale="en", names=NAMES)
    assert said == "Wang Lei takes it to North Gate on time for ¥1.00"


def test_minutes_are_rounded_up() -> None:
    late = Rejection(way=Way.COURIER, loss=Loss.LATE, courier_id="c-1", amount=301)
    assert explain(late, locale="en", names=NAMES) == "Wang Lei would be 6 min late"
    assert explain(late, locale="zh", names={"c-1": "王磊"}) == "王磊会晚到 6 分钟"


def test_a_place_without_a_way_is_not_said_in_minutes() -> None:
    cut_off = Rejection(way=Way.COURIER, loss=Loss.LATE, courier_id="c-1", amount=1_000_000)
    assert explain(cut_off, locale="en", names=NAMES) == "Wang Lei has no way to get there"


def test_a_late_decision_says_so() -> None:
    option = Option(way=Way.COURIER, courier_id="c-1", late_s=90, cost_cents=1_000)
    decision = Decision(order_id="o-1", option=option, rejections=())
    assert explain(decision, locale="en", names=NAMES) == (
        "Wang Lei takes it 2 min late for ¥10.00"
    )
    assert explain(decision, locale="zh") == "由c-1配送，晚到 2 分钟，费用 ¥10.00"  # noqa: RUF001


def test_another_language_is_refused() -> None:
    with pytest.raises(Invalid, match="locale"):
        explain(Option(way=Way.REFUND), locale="fr")
