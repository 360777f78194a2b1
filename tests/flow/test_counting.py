"""What must not happen too often is counted once for all processes, also at one instant."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recourse.adapters.ids import CountedIds
from recourse.adapters.worker import Worker
from recourse.flow.counting import guess_wait_s, guessed
from recourse.flow.make_good import history_of
from recourse.flow.perform import perform
from recourse.model.commands import Command
from recourse.model.errors import Conflict, Stale
from recourse.model.events import RemedyGranted, RemedyWithheld, dotted
from recourse.model.orders import Customer
from recourse.model.ports import EventFilter, Transaction
from recourse.model.reasons import ReasonCode
from recourse.model.redress import RemedyKind
from recourse.redress import as_shipped
from recourse.redress.abuse import AbuseLimit
from tests.flow.town import Town, retry_at


class Other(CountedIds):
    """Ids of another process."""

    def new(self, kind: str) -> str:
        """Return an id under a name of its own."""
        return super().new(f"other-{kind}")


def _owed(town: Town) -> list[Command]:
    """Let two orders of one person be lost, and hold back what is then owed for both."""
    held: list[Command] = []

    def hold(tx: Transaction, command: Command) -> None:
        if command.name == "remedy":
            held.append(command)
        else:
            town.perform(tx, command)

    town.worker = Worker(
        store=town.store, clock=town.clock, perform=hold, retry_at=retry_at, lease_s=60
    )
    # Of two currencies, so that they do not meet in the budget of a day.
    for name, currency in (("a", "EUR"), ("b", "CNY")):
        town.on_duty(f"bo-{name}")
        town.meal(name, customer=Customer(id="anna"), currency=currency)
        town.work()
        town.accept(f"bo-{name}")
        town.withdraw(f"bo-{name}", ReasonCode.VEHICLE_BREAKDOWN)
        town.wait(town.platform.params.recovery.fallback_s + 60)
    return [one for one in held if one.payload["beneficiary"] == "customer"]


def _both_give(town: Town, other: Town, first: Command, second: Command) -> None:
    """Let the other one give while the first has decided and not yet written."""
    with town.store.begin() as tx:
        perform(tx, town.platform, first)
        other.do(perform, second)


def _both_guess(town: Town, other: Town) -> None:
    """Let the other one count while the first has counted and not yet written."""
    with town.store.begin() as tx:
        guessed(tx, town.platform, "192.0.2.1")
        other.do(guessed, "192.0.2.1")


def test_of_two_who_give_to_one_person_at_once_the_second_counts_the_first(town: Town) -> None:
    coupon = replace(
        as_shipped().customer[0], give=RemedyKind.COUPON, percent_of_value=0, cents=500
    )
    limit = AbuseLimit(by="person", days=30, most=1)
    policy = replace(as_shipped(), customer=(coupon,), abuse=(limit,))
    town.platform.params = replace(town.platform.params, redress=policy)
    other = Town(town.url, ids=Other())
    other.platform.params = town.platform.params
    first, second = _owed(town)
    other.clock.set(town.now)
    with pytest.raises(Conflict):
        _both_give(town, other, first, second)
    town.do(perform, first)
    given = [one for one in town.happened(RemedyGranted) if "customer" in one.beneficiary_id]
    (why,) = [one.why for one in town.happened(RemedyWithheld)]
    assert (len(given), why) == (1, "person: 1 remedies in 30 days, at most 1")
    other.close()


@pytest.mark.parametrize(("days", "n"), [(30, 0), (90, 1)])
def test_a_new_process_counts_as_far_back_as_the_limits_look_and_reads_no_more(
    town: Town, days: int, n: int
) -> None:
    coupon = replace(
        as_shipped().customer[0], give=RemedyKind.COUPON, percent_of_value=0, cents=500
    )
    limit = AbuseLimit(by="person", days=days, most=5)
    policy = replace(as_shipped(), customer=(coupon,), abuse=(limit,))
    town.platform.params = replace(town.platform.params, redress=policy)
    first, _ = _owed(town)
    town.do(perform, first)
    order = town.order(first.order_id)
    (granted,) = [
        one
        for one in town.read(lambda tx: tx.events(EventFilter(kinds=(dotted(RemedyGranted),))))
        if isinstance(one.event, RemedyGranted) and "customer" in one.event.beneficiary_id
    ]
    later = town.now + timedelta(days=60)
    other = Town(town.url, now=later, ids=Other())
    known = other.do(history_of, order, policy)
    count = other.platform.given.count(
        "person", f"m-1/{order.customer.id}", town.now - timedelta(1)
    )
    assert (known.n_given_30d, count) == (0, n)
    assert (other.platform.given.mark > granted.number) is (n == 0)
    other.close()


def test_events_are_found_by_when_they_were_written_down(town: Town) -> None:
    before_at = town.now - timedelta(seconds=1)
    town.on_duty("bo")
    one, one_at = town.store.last_number(), town.now
    town.clock.set(town.now + timedelta(hours=1))
    town.on_duty("mei")
    two = town.store.last_number()
    asked = (before_at, one_at, one_at + timedelta(minutes=1), town.now, town.now + timedelta(1))
    found = town.read(lambda tx: [tx.number_at(at) for at in asked])
    assert 0 < one < two
    assert found == [0, one, one, two, two]


def test_no_wrong_guess_is_lost_between_two_processes(town: Town) -> None:
    other = Town(town.url)
    for _ in range(9):
        town.do(guessed, "192.0.2.1")
        other.do(guessed, "192.0.2.1")
    with pytest.raises(Stale):
        _both_guess(town, other)
    assert town.do(guess_wait_s, "192.0.2.1") == 0
    town.do(guessed, "192.0.2.1")
    for place in (town, other):
        assert place.do(guess_wait_s, "192.0.2.1") == 60
        assert place.do(guess_wait_s, "192.0.2.2") == 0
    town.clock.set(town.now + timedelta(seconds=59))
    assert town.do(guess_wait_s, "192.0.2.1") == 1
    town.clock.set(town.now + timedelta(seconds=1))
    assert town.do(guess_wait_s, "192.0.2.1") == 0
    other.close()
