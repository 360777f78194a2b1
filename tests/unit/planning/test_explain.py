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
