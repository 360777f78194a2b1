"""This file knows what a merchant's request may bring, beside the orders themselves."""

from typing import Annotated

from pydantic import Field

from recourse.web.wire import MAX_NUMBER, Body, Id

__all__ = ["EndpointChangeIn", "EndpointIn", "ReplayIn"]

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
