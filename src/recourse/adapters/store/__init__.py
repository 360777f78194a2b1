"""The store: state, log and commands in SQLite or PostgreSQL, written in short transactions."""

from recourse.adapters.store.migrate import migrate, must_exist, schema_version
from recourse.adapters.store.store import SqlStore, open_store

__all__ = ["SqlStore", "migrate", "must_exist", "open_store", "schema_version"]
