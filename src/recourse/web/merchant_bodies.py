"""This file knows what a merchant's request may bring, beside the orders themselves."""

from datetime import datetime
from typing import Annotated, TypedDict

from pydantic import Field, model_validator

from recourse.flow.quote import QuoteWanted
from recourse.model.places import Place
from recourse.web.bodies import Grams, Millilitres, PlaceIn
from recourse.web.wire import MAX_NUMBER, Body, Id, Instant, OptionalId, Text, wrong

__all__ = ["EndpointChangeIn", "EndpointIn", "OrderChangeIn", "QuoteIn", "ReplayIn", "ReturnIn"]

Url = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[\x21-\x7e]+$")]
Kinds = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=64)]


class EndpointIn(Body):
    """Where a merchant wants to be told, and of what."""

    merchant_id: Id = Field(description="Whose orders.", examples=["m-1"])
    url: Url = Field(description="https on port 443.", examples=["https://shop.example/hooks"])
    kinds: Kinds = Field(default=[], description="Names of events; empty for all that are told.")


class EndpointChangeIn(Body):
    """What changes about an endpoint; what is left out stays."""

    url: Url | None = Field(default=None, description="https on port 443.")
    kinds: Kinds | None = Field(default=None, description="Names of events; empty for all.")
    is_on: bool | None = Field(default=None, description="Whether anything is sent.")
    new_secret: bool = Field(
        default=False, description="Sign with a new secret; the old one signs too for a day."
    )


class ReplayIn(Body):
    """Which part of the log is told again."""

    after: Annotated[int, Field(ge=0, le=MAX_NUMBER)] = Field(
        default=0, description="Only events with a higher number."
    )
    until: Annotated[int, Field(ge=0, le=MAX_NUMBER)] = Field(
        default=MAX_NUMBER, description="Only events up to this number."
    )


class OrderChangeIn(Body):
    """What changes about an order before it is fetched; what is left out stays."""

    dropoff: PlaceIn | None = Field(default=None, description="Where it goes now.")
    dropoff_ready_at: Instant | None = Field(default=None, description="Start of the new window.")
    dropoff_deadline_at: Instant | None = Field(default=None, description="End of the new window.")
    note: Text | None = Field(default=None, description="What the courier should know.")

    @model_validator(mode="after")
    def _has_whole_window(self) -> "OrderChangeIn":
        """Refuse half a window."""
        if (self.dropoff_ready_at is None) != (self.dropoff_deadline_at is None):
            raise wrong(code="window", why="a window has a start and an end: give both")
        return self

    def fields(self) -> "Changed":
        """Return it in our words."""
        window = None
        if self.dropoff_ready_at is not None and self.dropoff_deadline_at is not None:
            window = (self.dropoff_ready_at, self.dropoff_deadline_at)
        return {
            "dropoff": self.dropoff.value() if self.dropoff else None,
            "window": window,
            "note": self.note,
        }


class Changed(TypedDict):
    """What changes about an order, in our words; None where it stays."""

    dropoff: Place | None
    window: tuple[datetime, datetime] | None
    note: str | None


class ReturnIn(Body):
    """When what is sent back can be fetched."""

    ready_at: Instant = Field(description="From when it can be fetched at the customer's door.")
    until_at: Instant = Field(description="By when it is to be back.")


class QuoteIn(Body):
    """What a promise is asked for."""

    dropoff: PlaceIn
    pickup: PlaceIn | None = Field(default=None, description="Default: the site's place.")
    site_id: OptionalId = Field(default="", description="Station or merchant's door it leaves.")
    ready_at: Instant | None = Field(default=None, description="When it can be collected.")
    weight_g: Grams = 1_000
    volume_ml: Millilitres = 5_000
    service_s: Annotated[int, Field(ge=0, le=3_600, description="Seconds at the door.")] = 120

    def value(self) -> QuoteWanted:
        """Return it in our words."""
        return QuoteWanted(
            dropoff=self.dropoff.value(),
            pickup=self.pickup.value() if self.pickup else None,
            site_id=self.site_id,
            ready_at=self.ready_at,
            weight_g=self.weight_g,
            volume_ml=self.volume_ml,
            service_s=self.service_s,
        )
