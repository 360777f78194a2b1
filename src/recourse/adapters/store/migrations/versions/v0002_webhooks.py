"""This file knows the tables that came with webhooks, and the queue of what waits outside."""

from recourse.adapters.store.migrations.frozen import run_frozen

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of webhooks, and split the commands that wait into two queues."""
    run_frozen(__file__)
