"""This file knows everything the platform can refuse, each with a code, its facts and the way out.

The tree::

    RecourseError
    |-- NotFound          a thing that was named does not exist
    |-- Invalid           a field of a request is wrong
    |-- IllegalMove       a state was asked to become one it cannot
    |-- Conflict          somebody else was first; read again and decide again
    |   `-- Stale         the value was read before somebody changed it
    |-- Forbidden         the rules do not allow it, whoever asks
    |-- Unproven          somebody's word for who they are does not hold
    |-- Unreachable       somebody outside who is needed for it does not answer
    |-- CannotPlan        no plan can be made, and what makes it so
    `-- LeaseLost         a worker came back after its lease had run out
"""

__all__ = [
    "CannotPlan",
    "Conflict",
    "Forbidden",
    "IllegalMove",
    "Invalid",
    "LeaseLost",
    "NotFound",
    "RecourseError",
    "Stale",
    "Unproven",
    "Unreachable",
]


class RecourseError(Exception):
    """Anything the platform refuses, with a stable code."""

    code = "error"


class NotFound(RecourseError):
    """A thing that was named does not exist."""

    code = "not_found"

    def __init__(self, *, kind: str, id: str) -> None:  # noqa: A002 - the word users read
        self.kind, self.id = kind, id
        super().__init__(f"there is no {kind} {id!r}")


class Invalid(RecourseError):
    """A field of a request is wrong."""

    code = "invalid"

    def __init__(self, *, field: str, why: str) -> None:
        self.field, self.why = field, why
        super().__init__(f"{field}: {why}")


class IllegalMove(RecourseError):
    """A state was asked to become one it cannot."""

    code = "illegal_move"

    def __init__(self, *, at: str, to: str) -> None:
        self.at, self.to = at, to
        super().__init__(f"{at} cannot become {to}")


class Conflict(RecourseError):
    """Somebody else was first; read again and decide again."""

    code = "conflict"

    def __init__(self, *, rule: str, detail: str = "") -> None:
        self.rule, self.detail = rule, detail
        super().__init__(f"{rule}: {detail}" if detail else rule)


class Stale(Conflict):
    """The value was read before somebody changed it."""

    code = "stale"

    def __init__(self, *, kind: str, id: str, given: int) -> None:  # noqa: A002
        self.kind, self.id, self.given = kind, id, given
        super().__init__(rule="stale", detail=f"{kind} {id!r} is past version {given}")


class Forbidden(RecourseError):
    """The rules do not allow it, whoever asks."""

    code = "forbidden"

    def __init__(self, *, rule: str, way_out: str) -> None:
        self.rule, self.way_out = rule, way_out
        super().__init__(f"{rule}; {way_out}")


class Unproven(RecourseError):
    """Somebody's word for who they are does not hold."""

    code = "unauthorized"

    def __init__(self, *, why: str) -> None:
        self.why = why
        super().__init__(why)


class Unreachable(RecourseError):
    """Somebody outside who is needed for it does not answer."""

    code = "not_ready"

    def __init__(self, *, whom: str, why: str) -> None:
        self.whom, self.why = whom, why
        super().__init__(f"{whom}: {why}")


class CannotPlan(RecourseError):
    """No plan can be made, and what makes it so."""

    code = "cannot_plan"

    def __init__(self, *, constraint: str, order_id: str, courier_id: str = "") -> None:
        self.constraint, self.order_id, self.courier_id = constraint, order_id, courier_id
        who = f" with courier {courier_id}" if courier_id else ""
        super().__init__(f"order {order_id} cannot be planned{who}: {constraint}")


class LeaseLost(RecourseError):
    """A worker came back after its lease had run out."""

    code = "lease_lost"

    def __init__(self, *, key: str, token: int) -> None:
        self.key, self.token = key, token
        super().__init__(f"the lease {token} on {key!r} has run out; another worker has it")
