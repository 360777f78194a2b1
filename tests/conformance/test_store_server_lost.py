"""A killed server costs nothing acknowledged, and work goes on without a restart of ours."""

import psycopg
import pytest

from recourse.adapters.store import migrate
from recourse.audit import audit
from tests.conformance.day import Day
from tests.conformance.values import opened
from tests.servers import Postgres


def test_work_goes_on_after_the_server_was_killed() -> None:
    with Postgres() as server:
        url = server.url()
        migrate(url)
        with opened(url) as store:
            day = Day(store)
            for i in range(20):
                day.admit(f"o-{i}")
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                day.admit("o-20")
            server.start()
            day.admit("o-21")
            with store.begin() as tx:
                assert len(tx.orders([f"o-{i}" for i in range(20)])) == 20
                assert set(tx.orders(["o-21"])) == {"o-21"}
        assert audit(url).is_clean
