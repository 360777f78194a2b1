"""What the database says when a rule of its own is broken."""

import pytest
import sqlalchemy as sa

from recourse.adapters.store import SqlStore
from recourse.adapters.store.engine import open_engine
from recourse.model.errors import Conflict, Stale
from recourse.model.ports import Record
from tests.conformance.values import put


def refused(store: SqlStore, *values: Record) -> str:
    """Name of the rule that refuses these values."""
    with pytest.raises(Conflict) as caught:
        put(store, *values)
    assert not isinstance(caught.value, Stale)
    return caught.value.rule


def refused_sql(url: str, sql: str) -> str:
    """What the database says to a statement that goes past the store."""
    engine = open_engine(url, n_connections=1)
    try:
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
            connection.exec_driver_sql(sql)
    finally:
        engine.dispose()
    return str(caught.value.orig)
