"""This file knows who next door may take a parcel: whom its customer named, until taken back."""

from collections.abc import Sequence
from dataclasses import replace

from recourse.flow.consents import consent_given, consent_to
from recourse.flow.order import find
from recourse.flow.platform import Platform
from recourse.model.assignments import Custodian
from recourse.model.errors import Conflict, Forbidden
from recourse.model.orders import ORDER_ENDS, Order, OrderKind
from recourse.model.ports import Record, Transaction
from recourse.model.redress import Neighbour

__all__ = ["has_it", "may_name", "name_neighbour", "named_for", "taking", "unname"]


def name_neighbour(
    tx: Transaction, platform: Platform, order_id: str, *, name: str, door: str
) -> Neighbour:
    """Write down who may take an order, and the yes to it; the same one again changes nothing.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    platform : Platform
        Whose setting, clock and ids.
    order_id : str
        Which order.
    name, door : str
        Whom the courier asks for, and where.

    Returns
    -------
    Neighbour
        The only one who holds for this order.

    Raises
    ------
    NotFound
        If there is no such order.
    Conflict
        If nothing is left next door here, or it is too late for this order.
    """
    order = find(tx, order_id)
    if not may_name(tx, platform, order):
        raise Conflict(rule="no_neighbour", detail="this order is not left with anybody next door")
    now, before = platform.now(), named_for(tx, order_id)
    if before is not None and (before.name, before.door) == (name, door):
        return before
    named = Neighbour(
        id=platform.ids.new("neighbour"), order_id=order_id, name=name, door=door, named_at=now
    )
    consent = consent_to(platform, order_id, site_id=named.id, source="choice")
    values: list[Record] = [named, consent]
    if before is not None:
        values.append(replace(before, ended_at=now))
    tx.record(values, events=[consent_given(consent)])
    return named


def unname(tx: Transaction, platform: Platform, order_id: str) -> None:
    """Take back who was named; saying so twice changes nothing.

    Raises
    ------
    Conflict
        If the neighbour has the parcel already.
    """
    named = named_for(tx, order_id)
    if named is None:
        return
    if has_it(tx, named):
        raise Conflict(rule="neighbour_has_it", detail="it was left there already")
    tx.record([replace(named, ended_at=platform.now())])


def taking(tx: Transaction, neighbour_id: str, order_ids: Sequence[str]) -> tuple[Neighbour, str]:
    """Return who takes a parcel at the door, and the consent it rests on.

    The neighbour is written beside the change of hands: who takes it back at that instant and who
    leaves it meet there.

    Parameters
    ----------
    tx : Transaction
        To read in.
    neighbour_id : str
        With whom it is left.
    order_ids : sequence of str
        What is left there; a neighbour was named for one order.

    Returns
    -------
    tuple of Neighbour and str
        Who, and the id of the consent.

    Raises
    ------
    Forbidden
        If the customer of one of them did not say so, or took it back.
    """
    for order_id in order_ids:
        named = named_for(tx, order_id)
        consents = {one.site_id: one.id for one in tx.consents(order_id)}
        if len(order_ids) == 1 and named is not None and named.id == neighbour_id in consents:
            return named, consents[named.id]
    raise Forbidden(
        rule="the customer did not name this neighbour, or took it back",
        way_out="scan only the parcel it was said of, contact the customer, or bring it back",
    )


def named_for(tx: Transaction, order_id: str) -> Neighbour | None:
    """Return whom the customer named, if it still holds."""
    return next((one for one in tx.neighbours(order_id) if one.ended_at is None), None)


def has_it(tx: Transaction, named: Neighbour) -> bool:
    """Whether the parcel lies with a neighbour."""
    held = tx.custody([named.order_id])[named.order_id]
    return held.custodian is Custodian.NEIGHBOUR and held.holder_id == named.id


def may_name(tx: Transaction, platform: Platform, order: Order) -> bool:
    """Whether a neighbour may be named: the setting, and nobody has received it yet."""
    if not platform.params.ways.has_neighbours or order.kind is OrderKind.RETURN:
        return False
    held = tx.custody([order.id]).get(order.id)
    is_at_point = held is not None and held.custodian is Custodian.POINT
    return order.status not in ORDER_ENDS and not is_at_point
