"""This file knows the door for changing many orders at once, each told on its own."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field, model_validator

from recourse.flow import order as order_flow
from recourse.flow.amend import amend
from recourse.flow.platform import Platform
from recourse.model.errors import NotFound
from recourse.model.ports import Transaction
from recourse.web.access import let_in, merchant_of
from recourse.web.bodies import CancelIn
from recourse.web.doors import Answer, Doors, doors_of, perform_each, written
from recourse.web.merchant import order_json
from recourse.web.merchant_bodies import OrderChangeIn
from recourse.web.wire import Body, Id, wrong

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Merchant"])

_MOST_LINES = 200


class LineIn(Body):
    """What happens to one of many orders: it is canceled, or changed."""

    order_id: Id
    cancel: CancelIn | None = None
    change: OrderChangeIn | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> "LineIn":
        """Refuse a line that says both or neither."""
        if (self.cancel is None) == (self.change is None):
            raise wrong(code="line", why="a line says cancel or change, one of them")
        return self


class ManyIn(Body):
    """What happens to many orders, one line each."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=_MOST_LINES)]


class LineOut(BaseModel):
    """What came of one line."""

    line: int = Field(description="Which line, from 0.")
    status: int = Field(description="HTTP status it would have had alone.")
    answer: dict[str, Any] = Field(description="The order, or the problem document.")


class ManyOut(BaseModel):
    """What came of every line; nothing is said to be done that is not."""

    n_done: int
    n_refused: int
    lines: list[LineOut]


@router.post(
    "/orders/changes",
    summary="Change many orders",
    responses={
        200: {"model": ManyOut, "description": "Every line was done."},
        207: {"model": ManyOut, "description": "Some lines were refused; each says why."},
    },
)
async def change_many(request: Request, body: ManyIn) -> Response:
    """Cancel or change many orders, each by itself: one that is refused stops none of the others.

    Sent again under its key, what was done is not done twice, and what a crash left over is done.

    Returns
    -------
    Response
        What came of each line.
    """
    doors, merchant_id = doors_of(request), merchant_of(request)
    return await perform_each(
        request, [_operation(doors, line, merchant_id=merchant_id) for line in body.lines]
    )


def _operation(
    doors: Doors, line: LineIn, *, merchant_id: str
) -> Callable[[Transaction, Platform], Answer]:
    """What one line does."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        order = order_flow.find(tx, line.order_id)
        if merchant_id not in {"", order.merchant_id}:
            raise NotFound(kind="order", id=line.order_id)
        if line.cancel is not None:
            order = order_flow.cancel(
                tx, platform, line.order_id, actor=line.cancel.actor, code=line.cancel.code
            )
        elif line.change is not None:
            order = amend(tx, platform, line.order_id, **line.change.fields())
        return Answer(200, order_json(doors, written(tx, order)))

    return operation
