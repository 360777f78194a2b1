"""Two platforms over one database: what one planned on an old picture is not written."""

from collections.abc import Callable

import pytest

from recourse.adapters.ids import CountedIds
from recourse.model.couriers import Contract
from recourse.model.errors import Stale
from recourse.model.reasons import ReasonCode
from tests.flow.town import Town, at


class Interrupted(CountedIds):
    """Ids that let somebody else act at the moment the first stop is planned."""

    def __init__(self, meanwhile: Callable[[], object] | None = None) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def new(self, kind: str) -> str:
        """Return an id under a name of its own."""
        if kind == "stop" and self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return super().new(f"other-{kind}")


@pytest.mark.parametrize("contract", [Contract.ASSIGNED, Contract.ASKED])
def test_who_drops_an_order_while_another_is_planned_does_not_get_it_back(
    town: Town, contract: Contract
) -> None:
    ids = Interrupted()
    other = Town(town.url, ids=ids)
    town.on_duty("bo", at(2, 2), contract=contract)
    dropped = town.meal("a", at(5, 5))
    town.work()
    if contract is Contract.ASKED:
        town.accept("bo")
    later = town.meal("b", at(1, 6))
    other.clock.set(town.now)

    def drop() -> None:
        town.withdraw("bo", ReasonCode.COURIER_TOO_FAR, dropped.id)

    if contract is Contract.ASKED:
        town.work()
        ids.meanwhile = drop
        with pytest.raises(Stale):
            other.accept("bo")
        other.accept("bo")
    else:
        ids.meanwhile = drop
        other.work()
    assert ids.meanwhile is None
    on_route = {order_id for stop in town.route("bo").stops for order_id in stop.order_ids}
    assert on_route == {later.id}
    assert town.carrier(dropped.id) == ""
    other.close()
