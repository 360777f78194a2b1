"""This file knows how the answers are described to the reader of the API.

The shapes of orders, couriers, offers and the rest are the words themselves: they are read from the
dataclasses of the model and from the text beside each field, so the two cannot drift apart.
"""

import dataclasses
import inspect
import re
from datetime import datetime
from typing import Any, get_type_hints

from pydantic import BaseModel, Field, create_model

from recourse.flow.quote import Quote
from recourse.model.assignments import Offer
from recourse.model.couriers import Courier
from recourse.model.orders import Order
from recourse.model.places import Site
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from recourse.model.webhooks import WebhookMessage, WebhookTry

__all__ = [
    "AcceptedOut",
    "CasesOut",
    "ChecksOut",
    "CourierOut",
    "CouriersOut",
    "EndpointOut",
    "EndpointSecretOut",
    "EndpointsOut",
    "EventsOut",
    "HealthOut",
    "LogOut",
    "MessagesOut",
    "OfferOut",
    "OrderOut",
    "OrdersOut",
    "PingsOut",
    "PlainOut",
    "QuoteOut",
    "RemediesOut",
    "ReplayedOut",
    "RoadEventOut",
    "RouteOut",
    "RouteReply",
    "SiteOut",
    "WebhooksOut",
    "WithdrawnOut",
    "described",
]

_ENTRY = re.compile(r"^(?P<names>[a-z_0-9, ]+) : .+\n(?P<text>(?:    .+\n?)+)", re.MULTILINE)


def described(kind: type, **extra: tuple[Any, Any]) -> type[BaseModel]:
    """Make a shape for the documentation out of a dataclass and its docstring.

    Parameters
    ----------
    kind : type
        A dataclass whose docstring has an Attributes section.
    **extra : tuple
        Further fields: their type and what `pydantic.Field` gave.

    Returns
    -------
    type
        A model of the same name; used to describe, never to check.

    Examples
    --------
    >>> from recourse.model.places import Site
    >>> described(Site).model_fields["opens_s"].description
    'Opening hours, seconds after local midnight.'
    """
    doc = (inspect.getdoc(kind) or "") + "\n"
    texts = {
        name.strip(): " ".join(entry["text"].split()).replace("`", "")
        for entry in _ENTRY.finditer(doc)
        for name in entry["names"].split(",")
    }
    hints = get_type_hints(kind)
    fields: dict[str, Any] = {
        field.name: (hints[field.name], Field(description=texts.get(field.name)))
        for field in dataclasses.fields(kind)
    }
    summary = doc.partition("\n")[0]
    return create_model(kind.__name__, __doc__=summary, **fields | extra)


SiteOut = described(Site)
OrderOut = described(
    Order, track_token=(str, Field(description="Opens the customer's page: /track/{track_token}."))
)
CourierOut = described(Courier)
OfferOut = described(Offer)
RoadEventOut = described(RoadEvent)


RouteOut = described(Route)


class PlainOut(BaseModel):
    """A view for a page; further fields may be added."""

    model_config = {"extra": "allow"}


class RouteReply(BaseModel):
    """The fresh route, so that a phone needs no second call."""

    route: RouteOut  # type: ignore[valid-type]


class AcceptedOut(BaseModel):
    """The offer as it stands now, and the new route."""

    offer: OfferOut  # type: ignore[valid-type]
    route: RouteOut  # type: ignore[valid-type]


class WithdrawnOut(BaseModel):
    """The courier as they stand now."""

    courier: CourierOut  # type: ignore[valid-type]


class OrdersOut(BaseModel):
    """A page of orders, oldest first."""

    orders: list[OrderOut]  # type: ignore[valid-type]
    next: str = Field(description="Give it as `after` for the next page; empty at the end.")


class CouriersOut(BaseModel):
    """A page of couriers, by id."""

    couriers: list[CourierOut]  # type: ignore[valid-type]
    next: str = Field(description="Give it as `after` for the next page; empty at the end.")


class EndpointOut(BaseModel):
    """An endpoint as its merchant sees it."""

    id: str
    merchant_id: str
    url: str
    kinds: list[str] = Field(description="Events that are told; empty for all.")
    state: str = Field(description="on or off.")
    why: str = Field(description="Why it is off.")
    created_at: datetime
    failing_since_at: datetime | None = Field(description="Since when nothing was taken.")


class EndpointSecretOut(EndpointOut):
    """An endpoint with its secret, which is shown once."""

    secret: str = Field(default="", description="whsec_ and base64; verifies every message.")


class EndpointsOut(BaseModel):
    """Endpoints, oldest first."""

    webhook_endpoints: list[EndpointOut]
    next: str = Field(description="Give it as `after` for the next page; empty at the end.")


class WebhookLine(BaseModel):
    """A message to an endpoint, and every try to send it."""

    message: described(WebhookMessage)  # type: ignore[valid-type]
    tries: list[described(WebhookTry)]  # type: ignore[valid-type]


class WebhooksOut(BaseModel):
    """A page of messages to an endpoint, oldest first."""

    messages: list[WebhookLine]
    next: int = Field(description="Give it as `after` for the next page.")


class ReplayedOut(BaseModel):
    """What is sent again."""

    n_again: int = Field(description="How many messages.")
    next: int = Field(description="Give it as `after` to go on; 0 when the range is done.")


QuoteOut = described(Quote)


class RemedyLine(BaseModel):
    """Something that was given to make good."""

    number: int = Field(description="Its place in the log.")
    at: datetime
    id: str
    case_id: str
    order_id: str
    beneficiary_id: str
    kind: str
    amount_cents: int
    currency: str
    rule: str


class RemediesOut(BaseModel):
    """A page of remedies, oldest first."""

    remedies: list[RemedyLine]
    next: int = Field(description="Give it as `after` for the next page.")


class PingsOut(BaseModel):
    """How many positions were believed."""

    accepted: int
    refused: int = Field(description="Unknown courier, or an instant that cannot be.")


class MessageOut(BaseModel):
    """One message to a phone."""

    number: int = Field(description="Place in the feed.")
    to: str = Field(description="`courier:<id>` or `customer:<order id>`.")
    kind: str = Field(description="offer, offer_over, route, notice or prompt.")
    data: dict[str, Any]
    at: datetime


class MessagesOut(BaseModel):
    """A piece of the feed."""

    messages: list[MessageOut]
    next: int = Field(description="Give it as `after` for what comes next.")


class LogLineOut(BaseModel):
    """One thing that happened."""

    number: int = Field(description="Place in the log.")
    name: str = Field(description="Dotted name.", examples=["assignment.ended"])
    at: datetime = Field(description="When it happened.")
    data: dict[str, Any] = Field(description="The fact, field by field.")


class EventOut(LogLineOut):
    """A fact of the log."""

    recorded_at: datetime = Field(description="When it was written down.")


class LogOut(BaseModel):
    """What happened to an order, oldest first."""

    log: list[LogLineOut]


class EventsOut(BaseModel):
    """A piece of the log."""

    events: list[EventOut]
    next: int = Field(description="Give it as `after` for what comes next.")


class CasesOut(BaseModel):
    """Cases, oldest first."""

    cases: list[PlainOut]
    next: str = Field(description="Give it as `after` for the next page; empty at the end.")


class HealthOut(BaseModel):
    """That the process is alive."""

    status: str


class ChecksOut(BaseModel):
    """That requests can be served, and what was looked at."""

    status: str
    checks: dict[str, bool]
