"""Extra pay goes with a question, never beyond its budget, and is paid to who brought it, once."""

from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from recourse.adapters.store.engine import open_engine
from recourse.adapters.worker import Worker
from recourse.flow.bonuses import hear_assignment_ended
from recourse.flow.perform import perform
from recourse.model.assignments import AssignmentStatus
from recourse.model.bonuses import Bonus, BonusState
from recourse.model.commands import Command
from recourse.model.errors import CannotPlan, Conflict
from recourse.model.events import AssignmentEnded, BonusEnded, BonusWeighed, LedgerPosted, OfferMade
from recourse.model.ports import Transaction
from recourse.model.reasons import ReasonCode
from tests.flow.giving import PARAMS, WANTED, Other, giving
from tests.flow.town import Town, at, retry_at

DAY = "bonus/2026-03-02/CNY"


def used(town: Town, budget_id: str = DAY) -> int:
    """What was taken from a budget, and is not given back."""
    found = town.read(lambda tx: tx.budgets([budget_id])).get(budget_id)
    return found.used if found else 0


def bonuses_of(town: Town, order_id: str) -> list[Bonus]:
    """Every bonus of an order, oldest question first."""
    ids = [one.id for one in town.duties(order_id)]
    found = town.read(lambda tx: tx.bonuses(ids))
    return [found[id_] for id_ in ids if id_ in found]


def rows(town: Town, sql: str) -> list[tuple[Any, ...]]:
    """What the database says past the code."""
    engine = open_engine(town.url, n_connections=1)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(sql))]
    finally:
        engine.dispose()


def test_without_a_budget_a_case_has_its_fixed_bonus_and_no_row(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.on_duty("mei", at(1, 2))
    town.withdraw("bo")
    town.work()
    assert town.offer_to("mei").bonus_cents == town.platform.params.recovery.bonus_cents
    assert bonuses_of(town, order.id) == []
    assert town.happened(BonusWeighed) == []
    assert rows(town, "SELECT count(*) FROM bonuses") == [(0,)]


def test_it_rises_with_every_question_that_had_no_yes(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED))
    for name, place in (("bo", at(2, 3)), ("mei", at(3, 3)), ("li", at(0, 0))):
        town.on_duty(name, place)
    order = town.meal()
    town.work()
    asked = []
    for _ in range(3):
        (offer,) = town.open_offers()
        asked.append((offer.courier_id, offer.bonus_cents))
        town.decline(offer.courier_id)
        town.work()
    assert len({courier_id for courier_id, _ in asked}) == 3
    amounts = [cents for _, cents in asked]
    assert amounts == sorted(amounts)
    assert 0 < amounts[0] < amounts[-1]
    told = town.happened(BonusWeighed)
    assert [one.stage for one in told] == [0, 1, 2]
    assert [one.amount_cents for one in told] == amounts
    assert all(one.p_yes > one.p_yes_without for one in told)
    assert {one.state for one in bonuses_of(town, order.id)} == {BonusState.RELEASED}
    assert used(town) == 0


def test_it_is_reserved_promised_and_paid_once_brought(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED))
    town.on_duty("bo")
    order = town.meal()
    town.work()
    offer = town.offer_to("bo")
    assert town.happened(OfferMade)[-1].bonus_cents == offer.bonus_cents > 0
    assert used(town) == offer.bonus_cents
    (reserved,) = bonuses_of(town, order.id)
    assert reserved.state is BonusState.RESERVED
    town.accept("bo")
    assert bonuses_of(town, order.id)[0].state is BonusState.PROMISED
    town.work()
    assert not town.happened(LedgerPosted)
    town.finish("bo")
    (paid,) = bonuses_of(town, order.id)
    assert (paid.state, paid.ended_at) == (BonusState.PAID, town.now)
    assert used(town) == offer.bonus_cents
    (posted,) = town.happened(LedgerPosted)
    assert posted.key == f"{paid.assignment_id}/bonus"
    lines = {line.account: line.amount_cents for line in posted.postings}
    assert lines == {"expense:bonus": offer.bonus_cents, "courier:bo": -offer.bonus_cents}


def test_who_drops_it_after_the_yes_gives_the_bonus_back(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED))
    town.on_duty("bo")
    order = town.carried("bo")
    assert used(town) > 0
    town.withdraw("bo", ReasonCode.COURIER_TOO_FAR)
    town.work()
    assert [one.state for one in bonuses_of(town, order.id)] == [BonusState.RELEASED]
    assert used(town) == 0
    assert not town.happened(LedgerPosted)


def test_who_does_not_answer_gives_it_back(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED))
    town.on_duty("bo")
    order = town.meal()
    town.work()
    town.wait_until(town.offer_to("bo").deadline_at)
    assert bonuses_of(town, order.id)[0].state is BonusState.RELEASED
    assert used(town) == 0


def test_a_case_asks_with_the_bonus_of_its_stage_instead_of_the_fixed_one(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.on_duty("mei", at(1, 2))
    giving(town, replace(PARAMS, model=WANTED))
    town.withdraw("bo")
    town.work()
    offer = town.offer_to("mei")
    (bonus,) = bonuses_of(town, order.id)
    assert (bonus.amount_cents, bonus.stage) == (offer.bonus_cents, 0)
    assert bonus.amount_cents == used(town)


def test_an_empty_budget_gives_nothing(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED, day_cents=0))
    town.on_duty("bo")
    town.meal()
    town.work()
    assert town.offer_to("bo").bonus_cents == 0
    assert rows(town, "SELECT count(*) FROM bonuses") == [(0,)]


def test_a_merchant_is_bound_by_a_budget_of_its_own(town: Town) -> None:
    params = replace(PARAMS, model=WANTED, merchant_day_cents=150)
    giving(town, params)
    town.on_duty("bo", at(2, 3))
    town.on_duty("mei", at(3, 3))
    town.meal("a", merchant_id="m-1")
    town.work()
    town.meal("b", merchant_id="m-1")
    town.work()
    first, second = sorted(town.open_offers(), key=lambda offer: offer.id)
    assert (first.bonus_cents, second.bonus_cents) == (100, 0)
    assert used(town, f"{DAY}/m-1") == used(town) == 100


def test_the_database_refuses_what_is_beyond_a_budget(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED))
    town.on_duty("bo")
    town.meal()
    town.work()
    budget = town.read(lambda tx: tx.budgets([DAY]))[DAY]
    with pytest.raises(Conflict) as refused, town.store.begin() as tx:
        tx.record([replace(budget, used=budget.most + 1)])
    assert refused.value.rule == "budget_is_not_overdrawn"


N_RACING, N_EACH = 4, 5


def test_platforms_that_race_for_one_budget_never_pass_it(town: Town) -> None:
    for number in range(N_RACING * N_EACH):
        town.on_duty(f"k-{number}", at(number % 8, number // 8))
    params = replace(PARAMS, model=WANTED, day_cents=1_000, step=0.0)
    giving(town, params)
    orders = [town.meal(f"o-{number}") for number in range(N_RACING * N_EACH)]
    barrier = Barrier(N_RACING)

    def act(number: int) -> None:
        other = Town(town.url, ids=Other(number), now=town.now)
        giving(other, params)
        barrier.wait()
        for _ in range(40):
            other.work()
            for offer in other.open_offers():
                # Everybody answers what everybody asked: the first answer counts.
                is_yes = int(offer.courier_id.removeprefix("k-")) % 3 > 0
                _answer(other, offer.courier_id, is_yes=is_yes)
        other.close()

    racers = [Thread(target=act, args=(number,)) for number in range(N_RACING)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    town.work()
    states = {
        state: (n, cents)
        for state, n, cents in rows(
            town, "SELECT state, count(*), sum(amount_cents) FROM bonuses GROUP BY state"
        )
    }
    taken = sum(int(cents) for state, (_, cents) in states.items() if state != "released")
    assert used(town) == taken <= 1_000
    assert sum(one.amount_cents for one in town.happened(BonusWeighed)) >= 1_000
    # Whether anybody who was promised one said yes is a matter of who was first.
    accepted = [one for o in orders for one in bonuses_of(town, o.id) if one.state == "promised"]
    live = [one for o in orders for one in town.duties(o.id) if one.accepted_at is not None]
    assert {one.assignment_id for one in accepted} == {one.id for one in live if one.bonus_cents}


def _answer(town: Town, courier_id: str, *, is_yes: bool) -> None:
    """Answer, unless somebody was quicker."""
    try:
        if is_yes:
            town.accept(courier_id)
        else:
            town.decline(courier_id)
    except (CannotPlan, Conflict, ValueError):
        return


class Died(Exception):
    """The process ended here."""


def test_it_is_paid_once_however_often_the_worker_dies(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED))
    town.on_duty("bo")
    order = town.carried("bo")
    deaths: list[str] = []

    def die(tx: Transaction, command: Command) -> None:
        is_heard = command.name == "hear" and command.payload["hearer"] == "learn"
        if is_heard and not deaths:
            deaths.append("before it was decided")
            raise Died
        perform(tx, town.platform, command)
        if is_heard and len(deaths) == 1:
            deaths.append("before it was written")
            raise Died

    town.worker = Worker(
        store=town.store, clock=town.clock, perform=die, retry_at=retry_at, lease_s=60
    )
    town.finish("bo")
    town.wait(600)
    assert len(deaths) == 2
    (bonus,) = bonuses_of(town, order.id)
    assert bonus.state is BonusState.PAID
    assert [one.key for one in town.happened(LedgerPosted)] == [f"{bonus.assignment_id}/bonus"]
    assert len(town.happened(BonusEnded)) == 1
    assert used(town) == bonus.amount_cents


def test_an_end_that_is_heard_again_pays_nothing_more(town: Town) -> None:
    giving(town, replace(PARAMS, model=WANTED))
    town.on_duty("bo")
    order = town.carried("bo")
    town.finish("bo")
    (bonus,) = bonuses_of(town, order.id)
    again = AssignmentEnded(
        at=town.now,
        assignment_id=bonus.assignment_id,
        order_id=order.id,
        courier_id="bo",
        status=AssignmentStatus.COMPLETED,
    )
    town.do(hear_assignment_ended, again)
    assert len(town.happened(BonusEnded)) == len(town.happened(LedgerPosted)) == 1


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("UPDATE bonuses SET state = 'reserved', ended_at = NULL", "bonus_end_is_final"),
        ("UPDATE bonuses SET amount_cents = amount_cents + 1", "bonus_amount_stays"),
        ("DELETE FROM bonuses", "bonus_is_never_deleted"),
    ],
)
def test_the_database_keeps_how_a_bonus_ended(town: Town, sql: str, rule: str) -> None:
    giving(town, replace(PARAMS, model=WANTED))
    town.on_duty("bo")
    town.carried("bo")
    town.finish("bo")
    engine = open_engine(town.url, n_connections=1)
    try:
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=rule):
            connection.exec_driver_sql(sql)
    finally:
        engine.dispose()
