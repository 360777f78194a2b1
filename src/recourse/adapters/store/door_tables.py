"""This file knows the tables of the doors: whom outside we tell, and what came of it."""

import sqlalchemy as sa

from recourse.adapters.store.columns import (
    METADATA,
    at_column,
    check,
    foreign,
    int_column,
    json_column,
    key_column,
    text_column,
    version_column,
)
from recourse.model.webhooks import WebhookState

__all__ = ["messages"]

sa.Table(
    "webhook_endpoints",
    METADATA,
    key_column("id"),
    text_column("merchant_id"),
    text_column("url"),
    json_column("kinds"),
    text_column("state"),
    int_column("from_number"),
    at_column("created_at"),
    text_column("why"),
    int_column("secret_number"),
    at_column("secret_changed_at", optional=True),
    at_column("failing_since_at", optional=True),
    int_column("n_failures"),
    at_column("quiet_until_at", optional=True),
    version_column(),
)

messages = sa.Table(
    "webhook_messages",
    METADATA,
    key_column("id"),
    text_column("endpoint_id"),
    int_column("number"),
    text_column("kind"),
    text_column("order_id"),
    int_column("sequence"),
    text_column("state"),
    at_column("made_at"),
    at_column("wanted_at"),
    int_column("n_sends"),
    int_column("n_tries"),
    at_column("ended_at", optional=True),
    version_column(),
    sa.UniqueConstraint("endpoint_id", "number", name="webhook_is_made_once"),
    sa.UniqueConstraint(
        "endpoint_id", "order_id", "sequence", name="webhook_sequence_is_given_once"
    ),
    check("sequence >= 1", "webhook_sequence_counts_from_one"),
    check(f"(state = '{WebhookState.WAITING}') = (ended_at IS NULL)", "webhook_end_has_its_time"),
    foreign(["endpoint_id"], ["webhook_endpoints.id"], "webhook_is_for_an_endpoint"),
)

sa.Table(
    "webhook_tries",
    METADATA,
    key_column("message_id"),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    at_column("began_at"),
    text_column("outcome"),
    int_column("status"),
    text_column("detail"),
    at_column("ended_at", optional=True),
    version_column(),
    foreign(["message_id"], ["webhook_messages.id"], "webhook_try_is_of_a_message"),
)

sa.Table(
    "cursors",
    METADATA,
    key_column("name"),
    int_column("number"),
    version_column(),
)
