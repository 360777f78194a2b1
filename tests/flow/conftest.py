"""What tests of the flow share: a town on each database, audited when its story has ended."""

from collections.abc import Iterator

import pytest

from recourse.model.places import SiteKind
from tests.flow.town import Town, at


@pytest.fixture
def town(store_url: str) -> Iterator[Town]:
    """A kitchen, a station and a pickup point; nobody on duty."""
    opened = Town(store_url)
    opened.site("kitchen", SiteKind.MERCHANT, at(2, 2))
    opened.site("station", SiteKind.STATION, at(1, 1))
    opened.site("point", SiteKind.POINT, at(4, 4))
    yield opened
    opened.check()
    opened.close()
