"""The auditor's own tables say what the words say, although neither was made from the other."""

import pytest

from recourse.audit import moves
from recourse.model.assignments import ASSIGNMENT_LIVE, ASSIGNMENT_MOVES
from recourse.model.cases import CASE_MOVES
from recourse.model.couriers import COURIER_MOVES
from recourse.model.orders import ORDER_ENDS, ORDER_MOVES


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (moves.ORDER, ORDER_MOVES),
        (moves.ASSIGNMENT, ASSIGNMENT_MOVES),
        (moves.CASE, CASE_MOVES),
        (moves.COURIER, COURIER_MOVES),
    ],
    ids=["order", "assignment", "case", "courier"],
)
def test_both_tables_allow_the_same_moves(
    mine: dict[str, frozenset[str]], theirs: dict[str, frozenset[str]]
) -> None:
    for was, allowed in theirs.items():
        for now in theirs:
            # Staying is no move: the product writes none, so neither table is asked about it.
            if was != now:
                assert moves.may(mine, was, now) == (now in allowed), f"{was} to {now}"


def test_ends_and_live_duties_are_the_same() -> None:
    assert {str(status) for status in ORDER_ENDS} == moves.ORDER_ENDS
    assert {str(status) for status in ASSIGNMENT_LIVE} == moves.LIVE


def test_a_parcel_in_the_customers_hands_goes_only_to_a_courier() -> None:
    assert moves.CUSTODY["customer"] == {"courier"}
