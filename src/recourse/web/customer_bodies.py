"""This file knows what a customer sends from the page behind their link."""

from typing import Annotated, Literal

from pydantic import Field

from recourse.web.wire import Body, Cents, Instant, OptionalId

__all__ = ["ChoiceIn", "NextDoorIn"]


class ChoiceIn(Body):
    """What a customer chooses."""

    way: Literal["courier", "express", "next_wave", "slot", "pickup_point", "next_day", "refund"]
    site_id: OptionalId = Field(default="", description="Which pickup point.")
    slot_at: Instant | None = Field(
        default=None, description="Which slot: when it begins, as it was shown."
    )
    price_cents: Cents = Field(
        default=0, description="What a direct courier costs, as it was shown and agreed to."
    )
    consent: Literal[True] = Field(description="The customer was shown what it means and agreed.")


class NextDoorIn(Body):
    """Who next door may take a parcel."""

    name: Annotated[str, Field(min_length=1, max_length=80)] = Field(
        description="Whom the courier asks for."
    )
    door: Annotated[str, Field(min_length=1, max_length=120)] = Field(
        description="Where: number, floor, bell."
    )
    consent: Literal[True] = Field(description="The customer was shown what it means and agreed.")
