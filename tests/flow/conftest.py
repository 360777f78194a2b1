"""What tests of the flow share: a town on each database, audited when its story has ended."""

from collections.abc import Iterator

import pytest

from recourse.flow.platform import Params
from recourse.model.places import SiteKind
from tests.flow.town import Town, at


@pytest.fixture
def params() -> Params:
    """What the town is run by; a file whose town is run otherwise has a fixture of this name."""
    return Params()


@pytest.fixture
def town(store_url: str, params: Params) -> Iterator[Town]:
    """A kitchen, a station and a pickup point; nobody on duty."""
    opened = Town(store_url, params=params)
    opened.site("kitchen", SiteKind.MERCHANT, at(2, 2))
    opened.site("station", SiteKind.STATION, at(1, 1))
    opened.site("point", SiteKind.POINT, at(4, 4))
    yield opened
    opened.check()
    opened.close()
