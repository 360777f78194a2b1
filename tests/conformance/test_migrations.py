"""What the migrations make is what the code expects, and they can be run again."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from recourse.adapters.store import migrate, schema_version
from recourse.adapters.store.engine import open_engine
from recourse.adapters.store.rules import POSTGRESQL_RULES, SQLITE_RULES
from recourse.adapters.store.schema import METADATA


@pytest.fixture
def engine(store_url: str) -> Iterator[sa.Engine]:
    found = open_engine(store_url, n_connections=1)
    yield found
    found.dispose()


def test_migrated_tables_have_the_columns_the_code_knows(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        look = sa.inspect(connection)
        for table in METADATA.sorted_tables:
            found = {column["name"]: column for column in look.get_columns(table.name)}
            assert set(found) - {"parcel_no"} == {column.name for column in table.columns}
            for column in table.columns:
                assert found[column.name]["nullable"] == bool(column.nullable), column
                compiled = column.type.compile(engine.dialect)
                assert found[column.name]["type"].compile(engine.dialect) == compiled, column


def test_migrated_tables_have_the_rules_the_code_names(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        look = sa.inspect(connection)
        for table in METADATA.sorted_tables:
            found = {index["name"] for index in look.get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= found
            named = {one["name"] for one in look.get_unique_constraints(table.name)}
            named |= {one["name"] for one in look.get_foreign_keys(table.name)}
            named |= {one["name"] for one in look.get_check_constraints(table.name)}
            wanted = {
                one.name
                for one in table.constraints
                if one.name and not isinstance(one, sa.PrimaryKeyConstraint)
            }
            assert wanted <= named


def test_migrated_tables_have_every_trigger(engine: sa.Engine) -> None:
    is_sqlite = engine.dialect.name == "sqlite"
    rules = SQLITE_RULES if is_sqlite else POSTGRESQL_RULES
    wanted = {found[1] for rule in rules if (found := re.match(r"CREATE TRIGGER (\w+)", rule))}
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        assert set(connection.exec_driver_sql(sql).scalars()) == wanted
    assert len(wanted) > 20


def test_a_migration_can_be_run_again(store_url: str) -> None:
    version = schema_version(store_url)
    migrate(store_url)
    assert schema_version(store_url) == version == "0015"


def test_an_empty_database_has_no_version(pg_url: str, tmp_path: object) -> None:
    assert not schema_version(pg_url)
    assert not schema_version(f"sqlite:///{tmp_path}/new.db")
    migrate(pg_url)
    assert schema_version(pg_url) == "0015"
