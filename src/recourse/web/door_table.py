"""This file knows every door and who may use it: what is not in the table stays shut."""

from collections.abc import Mapping
from types import MappingProxyType

from recourse.model.keys import Role

__all__ = ["ACCESS", "CUSTOMERS", "DESK", "KEYED", "PUBLIC"]

PUBLIC: frozenset[Role] = frozenset()
_OFFICE = frozenset({Role.VIEWER, Role.DISPATCHER, Role.ADMIN})
DESK = frozenset({Role.DISPATCHER, Role.ADMIN})
_MERCHANT_READS = _OFFICE | {Role.MERCHANT}
_MERCHANT_WRITES = DESK | {Role.MERCHANT}
_COURIER_READS = _OFFICE | {Role.COURIER}
_COURIER_WRITES = DESK | {Role.COURIER}
CUSTOMERS = frozenset({Role.CUSTOMER})

# Doors that are a lock themselves (a log-in, a customer's link) or hide nothing are public.
ACCESS: Mapping[tuple[str, str], frozenset[Role]] = MappingProxyType(
    {
        ("GET", "/"): PUBLIC,
        ("GET", "/courier"): PUBLIC,
        ("GET", "/login"): PUBLIC,
        ("GET", "/login.js"): PUBLIC,
        ("GET", "/login/oidc"): PUBLIC,
        ("GET", "/login/oidc/callback"): PUBLIC,
        ("GET", "/track/{token}"): PUBLIC,
        ("GET", "/track/worker.js"): PUBLIC,
        ("GET", "/docs"): PUBLIC,
        ("GET", "/docs/errors"): PUBLIC,
        ("GET", "/healthz"): PUBLIC,
        ("GET", "/readyz"): PUBLIC,
        ("GET", "/v1/city"): PUBLIC,
        ("GET", "/tiles/{z}/{x}/{y}.mvt"): PUBLIC,
        ("POST", "/v1/links"): PUBLIC,
        ("GET", "/v1/track/{order_id}"): CUSTOMERS,
        ("POST", "/v1/track/{order_id}/choice"): CUSTOMERS,
        ("POST", "/v1/track/{order_id}/neighbour"): CUSTOMERS,
        ("POST", "/v1/track/{order_id}/neighbour/end"): CUSTOMERS,
        ("POST", "/v1/track/{order_id}/push"): CUSTOMERS,
        ("POST", "/v1/track/{order_id}/push/end"): CUSTOMERS,
        ("POST", "/v1/sessions"): PUBLIC,
        ("POST", "/v1/courier_sessions"): PUBLIC,
        ("DELETE", "/v1/sessions/current"): PUBLIC,
        ("GET", "/metrics"): _OFFICE,
        ("GET", "/v1/messages"): _COURIER_READS,
        ("GET", "/v1/state"): _COURIER_READS,
        ("GET", "/v1/live"): _OFFICE,
        ("GET", "/v1/couriers"): _COURIER_READS,
        ("GET", "/v1/couriers/{courier_id}/path"): _OFFICE,
        ("GET", "/v1/cases"): _OFFICE,
        ("GET", "/v1/cases/{case_id}"): _OFFICE,
        ("GET", "/v1/orders/{order_id}/log"): _OFFICE,
        ("GET", "/v1/orders/{order_id}/story"): _OFFICE,
        ("GET", "/v1/orders/{order_id}/epcis"): _MERCHANT_READS,
        ("POST", "/v1/cases/{case_id}/decide"): DESK,
        ("POST", "/v1/cases/{case_id}/what-if"): DESK,
        ("POST", "/v1/cases/{case_id}/reopen"): DESK,
        ("GET", "/v1/remedies/waiting"): DESK,
        ("POST", "/v1/remedies/approve"): DESK,
        ("POST", "/v1/remedies/refuse"): DESK,
        ("GET", "/v1/errands"): _OFFICE,
        ("GET", "/v1/orders/{order_id}/errands"): _OFFICE,
        ("POST", "/v1/errands/settle"): DESK,
        ("GET", "/v1/commands/parked"): _OFFICE,
        ("GET", "/v1/commands/unparked"): _OFFICE,
        ("POST", "/v1/commands/unpark"): DESK,
        ("POST", "/v1/roads/events"): DESK,
        ("DELETE", "/v1/roads/events/{road_event_id}"): DESK,
        ("PUT", "/v1/references/{name}"): DESK,
        ("POST", "/v1/couriers"): DESK,
        ("POST", "/v1/couriers/{courier_id}/login_code"): DESK,
        ("POST", "/v1/sites"): DESK,
        ("GET", "/v1/events"): _MERCHANT_READS,
        ("GET", "/v1/remedies"): _MERCHANT_READS,
        ("GET", "/v1/entitlements"): _MERCHANT_READS,
        ("POST", "/v1/entitlements/redeem"): _MERCHANT_WRITES,
        ("GET", "/v1/orders"): _MERCHANT_READS,
        ("GET", "/v1/orders/{order_id}"): _MERCHANT_READS | {Role.COURIER},
        ("GET", "/v1/webhook_endpoints"): _MERCHANT_READS,
        ("GET", "/v1/webhook_endpoints/{endpoint_id}"): _MERCHANT_READS,
        ("GET", "/v1/webhook_endpoints/{endpoint_id}/messages"): _MERCHANT_READS,
        ("POST", "/v1/orders"): _MERCHANT_WRITES,
        ("POST", "/v1/orders/changes"): _MERCHANT_WRITES,
        ("PATCH", "/v1/orders/{order_id}"): _MERCHANT_WRITES,
        ("POST", "/v1/orders/{order_id}/cancel"): _MERCHANT_WRITES,
        ("POST", "/v1/orders/{order_id}/return"): _MERCHANT_WRITES,
        ("POST", "/v1/quotes"): _MERCHANT_WRITES,
        ("POST", "/v1/webhook_endpoints"): _MERCHANT_WRITES,
        ("PATCH", "/v1/webhook_endpoints/{endpoint_id}"): _MERCHANT_WRITES,
        ("DELETE", "/v1/webhook_endpoints/{endpoint_id}"): _MERCHANT_WRITES,
        ("POST", "/v1/webhook_endpoints/{endpoint_id}/replay"): _MERCHANT_WRITES,
        ("POST", "/v1/events/{number}/replay"): _MERCHANT_WRITES,
        ("GET", "/v1/couriers/{courier_id}"): _COURIER_READS,
        ("GET", "/v1/couriers/{courier_id}/route"): _COURIER_READS,
        ("POST", "/v1/pings"): _COURIER_WRITES,
        ("POST", "/v1/couriers/{courier_id}/duty"): _COURIER_WRITES,
        ("POST", "/v1/couriers/{courier_id}/withdraw"): _COURIER_WRITES,
        ("POST", "/v1/couriers/{courier_id}/sos"): _COURIER_WRITES,
        ("POST", "/v1/couriers/{courier_id}/deliveries"): _COURIER_WRITES,
        ("POST", "/v1/couriers/{courier_id}/stops/{stop_id}/arrive"): _COURIER_WRITES,
        ("POST", "/v1/couriers/{courier_id}/stops/{stop_id}/complete"): _COURIER_WRITES,
        ("POST", "/v1/couriers/{courier_id}/stops/{stop_id}/fail"): _COURIER_WRITES,
        ("POST", "/v1/couriers/{courier_id}/stops/{stop_id}/contact"): _COURIER_WRITES,
        ("GET", "/v1/couriers/{courier_id}/stops/{stop_id}/neighbours"): _COURIER_READS,
        ("POST", "/v1/offers/{offer_id}/accept"): _COURIER_WRITES,
        ("POST", "/v1/offers/{offer_id}/decline"): _COURIER_WRITES,
        ("POST", "/v1/assignments/{assignment_id}/withdraw"): _COURIER_WRITES,
    }
)


KEYED: frozenset[tuple[str, str]] = frozenset(
    {
        ("POST", "/v1/orders"),
        ("POST", "/v1/orders/changes"),
        ("POST", "/v1/orders/{order_id}/cancel"),
        ("POST", "/v1/orders/{order_id}/return"),
        ("POST", "/v1/entitlements/redeem"),
        ("POST", "/v1/sites"),
        ("POST", "/v1/webhook_endpoints"),
        ("POST", "/v1/webhook_endpoints/{endpoint_id}/replay"),
        ("POST", "/v1/events/{number}/replay"),
        ("POST", "/v1/roads/events"),
    }
)
"""Doors that need an idempotency key: what is asked there twice by mistake is to be done once."""

KEYLESS: frozenset[tuple[str, str]] = frozenset(
    {("POST", "/v1/links"), ("POST", "/v1/sessions"), ("POST", "/v1/courier_sessions")}
)
"""Doors that refuse an idempotency key: a session is begun anew, and its secret is never kept."""
