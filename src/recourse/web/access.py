"""This file knows how the table of doors is held against who comes, and for whom.

A merchant sees its own orders, a courier their own route; of anybody else's thing they are told
that it is not there, so that nobody learns what exists.
"""

from collections.abc import Callable, Mapping

from fastapi import Request

from recourse.flow.keys import Visitor, visitor_of
from recourse.flow.links import LINK
from recourse.model.errors import NotFound
from recourse.model.keys import Role, Scope
from recourse.model.ports import Transaction
from recourse.web import guesses
from recourse.web.door_table import ACCESS, CUSTOMERS, DESK, KEYED, PUBLIC
from recourse.web.doors import Doors, doors_of
from recourse.web.problems import Refusal

__all__ = [
    "ACCESS",
    "COOKIE",
    "KEYED",
    "PUBLIC",
    "courier_of",
    "credential_of",
    "is_known",
    "let_in",
    "link_cookie",
    "merchant_of",
    "must_be",
    "must_sign",
]

COOKIE = "recourse_session"
_BEARER = "bearer "

_NOT_IN_A_NAME = str.maketrans({":": "."})


async def let_in(request: Request) -> None:
    """Let a request through, or refuse it; every endpoint depends on it.

    Parameters
    ----------
    request : Request
        Its visitor is kept in its state, for whoever answers it.

    Raises
    ------
    Refusal
        If a key is needed and there is none, or it opens another door; if an idempotency key is
        needed and there is none.
    """
    doors = doors_of(request)
    request.state.visitor = None
    door = request.method, request.scope["route"].path
    # A door that is not in the table stays shut.
    roles = ACCESS[door] if door in ACCESS or not doors.is_open else PUBLIC
    # A customer's door is locked on every machine: it is for one order, and the link says which.
    if roles is not PUBLIC and (not doors.is_open or roles is CUSTOMERS):
        await _identify(request, doors, roles)
    if door in KEYED and "idempotency-key" not in request.headers:
        detail = "send a new key for a new request, and the same key for the same request"
        raise Refusal(code="key_missing", detail=detail, param="Idempotency-Key")


async def _identify(request: Request, doors: Doors, roles: frozenset[Role]) -> None:
    """Find out who comes, and refuse whom the door is not for."""
    credential = credential_of(request)
    visitor: Visitor | None = None
    is_link = credential.startswith(LINK)
    if is_link:
        await guesses.check(request)
    if credential:
        visitor = await doors.runner.read(lambda: _look_up(doors, request, credential))
    if visitor is None:
        if is_link:
            await guesses.wrong(request)
        raise Refusal(code="unauthorized", detail="a key or a session that holds is needed")
    if visitor.role not in roles:
        raise Refusal(code="forbidden", detail=f"this door is not for a {visitor.role.value}")
    _check_scope(request, visitor)
    request.state.visitor = visitor


async def is_known(request: Request) -> bool:
    """Whether a request comes with a key or session that holds.

    Parameters
    ----------
    request : Request
        Whose.

    Returns
    -------
    bool
        Also for a door that is public.
    """
    doors, credential = doors_of(request), credential_of(request)
    if not credential:
        return False
    return await doors.runner.read(lambda: _look_up(doors, request, credential)) is not None


def credential_of(request: Request) -> str:
    """What a request brings: the bearer token, else the cookie; empty for neither.

    Parameters
    ----------
    request : Request
        Whose.

    Returns
    -------
    str
        As it came.
    """
    header = request.headers.get("authorization", "")
    if header.lower().startswith(_BEARER):
        return header[len(_BEARER) :].strip()
    order_id = request.path_params.get("order_id", "")
    return request.cookies.get(link_cookie(order_id), "") or request.cookies.get(COOKIE, "")


def link_cookie(order_id: str) -> str:
    """Name of the cookie in which a browser keeps the session of a customer's link.

    Parameters
    ----------
    order_id : str
        Which order; a customer may have links of several.

    Returns
    -------
    str
        Letters, digits and dots.

    Examples
    --------
    >>> link_cookie("order-7")
    'recourse_link_order-7'
    """
    return f"recourse_link_{order_id.translate(_NOT_IN_A_NAME)}"


def _look_up(doors: Doors, request: Request, credential: str) -> Visitor | None:
    """Find who comes with a key, and whether what the path names is theirs."""
    with doors.platform.store.begin() as tx:
        visitor = visitor_of(tx, doors.platform, credential)
        if visitor is not None:
            _check_theirs(tx, visitor, request.path_params)
        return visitor


def _check_theirs(tx: Transaction, visitor: Visitor, named: Mapping[str, str]) -> None:
    """Say of anybody else's thing that it is not there."""
    for kind, find in _OWNERS.get(visitor.role, {}).items():
        name = named.get(f"{kind}_id")
        if name is not None and find(tx, str(name)) != visitor.id:
            raise NotFound(kind="webhook_endpoint" if kind == "endpoint" else kind, id=str(name))


def _merchant_of_order(tx: Transaction, order_id: str) -> str:
    order = tx.orders([order_id]).get(order_id)
    return order.merchant_id if order else ""


def _merchant_of_endpoint(tx: Transaction, endpoint_id: str) -> str:
    endpoint = tx.webhook_endpoints([endpoint_id]).get(endpoint_id)
    return endpoint.merchant_id if endpoint else ""


def _courier_of_offer(tx: Transaction, offer_id: str) -> str:
    offer = tx.offers([offer_id]).get(offer_id)
    return offer.courier_id if offer else ""


def _courier_of_assignment(tx: Transaction, assignment_id: str) -> str:
    assignment = tx.assignments([assignment_id]).get(assignment_id)
    return assignment.courier_id if assignment else ""


def _courier_of_order(tx: Transaction, order_id: str) -> str:
    """Who carries an order now, or is asked to."""
    found = [*tx.live_assignments(order_ids=[order_id])]
    found += tx.offered_assignments(order_ids=[order_id])
    return found[0].courier_id if found else ""


_OWNERS: Mapping[Role, Mapping[str, Callable[[Transaction, str], str]]] = {
    Role.MERCHANT: {"order": _merchant_of_order, "endpoint": _merchant_of_endpoint},
    Role.CUSTOMER: {"order": lambda _, order_id: order_id},
    Role.COURIER: {
        "courier": lambda _, courier_id: courier_id,
        "order": _courier_of_order,
        "offer": _courier_of_offer,
        "assignment": _courier_of_assignment,
    },
}


def _check_scope(request: Request, visitor: Visitor) -> None:
    """Refuse a merchant's key that was made for something else."""
    if visitor.role is not Role.MERCHANT:
        return
    is_webhook = "/webhook_endpoints" in request.url.path or request.url.path.endswith("/replay")
    needed = Scope.READ if request.method == "GET" else Scope.WRITE
    needed = Scope.WEBHOOKS if is_webhook else needed
    if needed not in visitor.scopes:
        raise Refusal(code="forbidden", detail=f"this key lacks the scope {needed.value}")


def merchant_of(request: Request) -> str:
    """Merchant whose key a request brings; empty for everybody who may see all.

    Parameters
    ----------
    request : Request
        That was let in.

    Returns
    -------
    str
        Merchant id, or empty.
    """
    return _id_of(request, Role.MERCHANT)


def courier_of(request: Request) -> str:
    """Courier whose device a request comes from; empty for everybody who may see all.

    Parameters
    ----------
    request : Request
        That was let in.

    Returns
    -------
    str
        Courier id, or empty.
    """
    return _id_of(request, Role.COURIER)


def _id_of(request: Request, role: Role) -> str:
    """Id of a visitor of a role; empty for others."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    return visitor.id if visitor is not None and visitor.role is role else ""


def must_be(request: Request, role: Role, *names: str) -> None:
    """Refuse a merchant or courier who speaks for another one in the body.

    Parameters
    ----------
    request : Request
        That was let in.
    role : Role
        Of those whose word is checked.
    *names : str
        For whom they speak.

    Raises
    ------
    Refusal
        If a name is not theirs.
    """
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is not None and visitor.role is role and any(n != visitor.id for n in names):
        raise Refusal(code="forbidden", detail=f"this key speaks for {role.value} {visitor.id}")


def must_sign(request: Request, name: str) -> None:
    """Refuse a dispatcher who signs with another's name; four eyes are two people.

    Parameters
    ----------
    request : Request
        That was let in.
    name : str
        Who is said to decide.

    Raises
    ------
    Refusal
        If somebody else is signed in.
    """
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is not None and visitor.role in DESK and visitor.id != name:
        raise Refusal(code="forbidden", detail=f"signed in is {visitor.id}, not {name}")
