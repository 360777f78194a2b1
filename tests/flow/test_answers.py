"""Every question says what was weighed; what came of it is learned from, once, by all."""

from dataclasses import asdict, replace
from random import Random

import numpy as np
import pytest

from recourse.bonuses import AcceptanceModel, Asked, p_accept
from recourse.flow.learn import answers, catch_up_answers, retrain_answers
from recourse.model.assignments import OfferStatus
from recourse.model.events import AcceptanceLearned, BonusWeighed, Event, OfferAnswered
from recourse.model.places import SiteKind
from tests.flow.giving import PARAMS, WANTED, Other, giving
from tests.flow.town import Town, at

LEARNED = AcceptanceModel(p_in_time=0.9, intercept=1.0, per_100_cents=0.2, per_km=-0.3)


def test_every_question_under_a_budget_says_what_was_weighed(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED, day_cents=0))
    town.on_duty("bo")
    town.meal()
    town.work()
    (told,) = town.happened(BonusWeighed)
    assert (told.amount_cents, told.p_yes) == (0, told.p_yes_without)
    assert told.offer_id == town.offer_to("bo").id


def test_what_came_of_every_question_is_read_from_the_log_to_learn_from(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED))
    for name, place in (("bo", at(2, 3)), ("mei", at(3, 3)), ("li", at(0, 0)), ("wen", at(7, 7))):
        town.on_duty(name, place)
    order = town.meal()
    town.work()
    town.decline(town.open_offers()[0].courier_id)
    town.work()
    town.wait_until(town.open_offers()[0].deadline_at)
    second = town.open_offers()[0].courier_id
    town.accept(second)
    taken_back = town.meal("b")
    town.work()
    town.cancel(taken_back.id)
    told = town.happened(BonusWeighed)
    found = list(town.read(answers))
    assert [(one.is_in_time, one.is_yes) for one in found] == [
        (True, False),
        (False, False),
        (True, True),
    ]
    assert [one.asked.stage for one in found] == [0, 1, 2]
    assert [one.bonus_cents for one in found] == [one.amount_cents for one in told[:3]]
    assert town.carrier(order.id) == second
    # Three answers are too few to learn anything from.
    assert town.do(retrain_answers) == WANTED == town.platform.params.bonuses.model


def _learn(town: Town) -> None:
    """Let the log be full of answers as couriers of another kind would give them."""
    dice = Random(7)
    events: list[Event] = []
    for number in range(1_200):
        asked = Asked(stage=number % 3, pickup_m=float(dice.randrange(4_000)))
        cents = dice.choice([0, 100, 200, 300])
        p_yes = float(p_accept(asked, np.array([cents]), model=LEARNED)[0]) / LEARNED.p_in_time
        is_in_time = dice.random() < LEARNED.p_in_time
        yes_or_no = OfferStatus.ACCEPTED if dice.random() < p_yes else OfferStatus.DECLINED
        events += _question(town, number, asked, cents, yes_or_no if is_in_time else None)
    with town.store.begin() as tx:
        tx.record(events=events)


def _question(
    town: Town, number: int, asked: Asked, cents: int, answer: OfferStatus | None
) -> list[Event]:
    """One question as the log has it, and what came of it."""
    who = {"order_id": f"o-{number}", "courier_id": "bo", "offer_id": f"offer-x-{number}"}
    weighed = BonusWeighed(
        at=town.now,
        assignment_id=f"a-{number}",
        amount_cents=cents,
        currency="CNY",
        stage=asked.stage,
        n_orders=1,
        pickup_m=round(asked.pickup_m),
        local_h=asked.local_h,
        price=0.2,
        p_yes=0.5,
        p_yes_without=0.5,
        **who,
    )
    told = OfferAnswered(
        at=town.now,
        offer_id=who["offer_id"],
        courier_id="bo",
        order_ids=(who["order_id"],),
        case_ids=(),
        answer=answer or OfferStatus.EXPIRED,
    )
    return [weighed, told]


def test_what_was_learned_survives_a_restart_and_reaches_who_did_not_learn_it(
    store_url: str,
) -> None:
    # A town of its own: nobody asked these questions, so the auditor would not be content.
    town = Town(store_url)
    town.site("kitchen", SiteKind.MERCHANT, at(2, 2))
    giving(town, PARAMS)
    beside = Town(town.url, now=town.now)
    giving(beside, PARAMS)
    _learn(town)
    learned = town.do(retrain_answers)
    assert learned != PARAMS.model
    (told,) = town.happened(AcceptanceLearned)
    assert (told.n_answers, told.coefficients) == (900, asdict(learned))
    restarted = Town(town.url, now=town.now, ids=Other(1))
    giving(restarted, PARAMS)
    for one in (town, beside, restarted):
        assert one.platform.params.bonuses.model == PARAMS.model
    restarted.on_duty("bo")
    restarted.meal()
    restarted.work()
    weighed = restarted.happened(BonusWeighed)[-1]
    asked = Asked(stage=0, pickup_m=weighed.pickup_m, local_h=weighed.local_h)
    amounts = np.array([weighed.amount_cents])
    assert weighed.p_yes == pytest.approx(p_accept(asked, amounts, model=learned)[0], abs=1e-3)
    assert restarted.platform.params.bonuses.model == learned
    # Whoever was alive all the time has it too, and learns nothing from the same answers again.
    assert beside.do(catch_up_answers) == town.do(catch_up_answers) == learned
    for one in (town, beside, restarted):
        one.close()
