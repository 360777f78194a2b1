"""A slot takes as many orders as those in shift have time for, and not one more."""

from datetime import datetime, timedelta

import pytest

from recourse.model.cases import Loss
from recourse.model.examples import NOON, courier_of, on_shelf, order_of
from recourse.recovery import RecoveryParams
from recourse.recovery.slots import Due, Load, slots_of

PARAMS = RecoveryParams(n_slots=3, slot_s=7_200, slot_order_s=2_400)
FIRST, SECOND = NOON + timedelta(hours=1), NOON + timedelta(hours=3)
N_EACH = 3
ENDS = NOON + timedelta(hours=9)


def _offered(*due: Due, kept_at: datetime | None = None, n_couriers: int = 1) -> list[datetime]:
    """Begins of the slots that an order at its station is offered, of two waves."""
    crew = [
        courier_of(f"k-{number}", shift_end_at=ENDS, station_id="s-1")
        for number in range(n_couriers)
    ]
    # Of another station: neither their time nor what they bring counts here.
    crew.append(courier_of("k-far", shift_end_at=ENDS, station_id="s-2"))
    found = slots_of(
        order_of(),
        on_shelf(),
        crew=crew,
        waves=[FIRST, SECOND],
        load=Load(due=due, kept_at=kept_at),
        zone="UTC",
        now=NOON,
        params=PARAMS,
    )
    return [] if isinstance(found, Loss) else [one.earliest_at for one in found]


def _due(
    number: int,
    at: datetime = FIRST + timedelta(hours=1),
    *,
    courier_id: str = "",
    station_id: str = "",
) -> Due:
    """Another order that is due then, on a route or at a station."""
    order_id = f"o-{number + 100}"
    return Due(order_id=order_id, at=at, courier_id=courier_id, station_id=station_id)


@pytest.mark.parametrize(("courier_id", "station_id"), [("k-0", ""), ("", "s-1")])
def test_the_last_place_is_offered_and_none_beyond_it(courier_id: str, station_id: str) -> None:
    due = [_due(n, courier_id=courier_id, station_id=station_id) for n in range(N_EACH)]
    assert _offered(*due[:-1]) == [FIRST, SECOND]
    assert _offered(*due) == [SECOND]
    assert _offered(*due, n_couriers=2) == [FIRST, SECOND]


def test_what_is_planned_and_promised_counts_once() -> None:
    twice = [_due(0, courier_id="k-0"), _due(0, station_id="s-1"), _due(1, station_id="s-1")]
    assert _offered(*twice) == [FIRST, SECOND]


def test_what_others_bring_or_what_is_due_at_other_times_takes_no_place() -> None:
    before, end = FIRST, FIRST + timedelta(hours=2)
    elsewhere = [
        *(_due(number, courier_id="k-far") for number in range(3)),
        *(_due(number, station_id="s-2") for number in range(3, 6)),
        *(_due(number, before, station_id="s-1") for number in range(6, 9)),
    ]
    assert _offered(*elsewhere) == [FIRST, SECOND]
    # The end of a promise belongs to the slot that ends with it.
    assert _offered(*(_due(number, end, station_id="s-1") for number in range(3))) == [SECOND]


def test_who_has_a_place_keeps_it_and_an_order_is_never_in_its_own_way() -> None:
    due = [_due(number, courier_id="k-0") for number in range(N_EACH)]
    assert _offered(*due, kept_at=FIRST) == [FIRST, SECOND]
    own = Due(order_id=order_of().id, at=FIRST + timedelta(hours=2), station_id="s-1")
    assert _offered(*due[1:], own) == [FIRST, SECOND]


def test_where_every_slot_is_full_it_is_said_so() -> None:
    due = [_due(number, courier_id="k-0") for number in range(N_EACH)]
    due += [_due(number, SECOND + timedelta(hours=1), station_id="s-1") for number in range(3, 6)]
    found = slots_of(
        order_of(),
        on_shelf(),
        crew=[courier_of("k-0", shift_end_at=ENDS, station_id="s-1")],
        waves=[FIRST, SECOND],
        load=Load(due=tuple(due)),
        zone="UTC",
        now=NOON,
        params=PARAMS,
    )
    assert found is Loss.SLOTS_FULL
