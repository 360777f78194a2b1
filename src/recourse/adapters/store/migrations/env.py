"""This file knows how a migration is run: one transaction over the connection it is given."""

from alembic import context

connection = context.config.attributes["connection"]
# Begun before Alembic looks, so that Alembic leaves the end of the transaction to us.
connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")
context.configure(connection=connection)
try:
    context.run_migrations()
except BaseException:
    connection.rollback()
    raise
connection.commit()
