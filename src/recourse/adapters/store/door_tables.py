"""This file knows the tables of the doors: who may come in, whom we tell, what came of it."""

import sqlalchemy as sa

from recourse.adapters.store.columns import (
    METADATA,
    at_column,
    check,
    flag_column,
    foreign,
    int_column,
    json_column,
    key_column,
    text_column,
    version_column,
)
from recourse.model.errands import ErrandState
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

sa.Table(
    "api_keys",
    METADATA,
    key_column("id"),
    text_column("merchant_id"),
    text_column("note"),
    text_column("digest"),
    json_column("scopes"),
    at_column("created_at"),
    at_column("expires_at", optional=True),
    version_column(),
    check("length(digest) = 64", "key_is_kept_as_a_digest"),
)

sa.Table(
    "accounts",
    METADATA,
    key_column("id"),
    text_column("role"),
    text_column("password_digest"),
    at_column("created_at"),
    flag_column("is_off"),
    int_column("n_wrong"),
    at_column("blocked_until_at", optional=True),
    version_column(),
    check("role IN ('admin', 'dispatcher', 'viewer')", "account_has_a_role"),
    check("substr(password_digest, 1, 10) = '$argon2id$'", "password_is_kept_as_a_digest"),
)

sa.Table(
    "identities",
    METADATA,
    key_column("account_id"),
    text_column("issuer"),
    text_column("subject"),
    at_column("began_at"),
    version_column(),
    sa.UniqueConstraint("issuer", "subject", name="identity_is_known_once"),
    check("issuer <> '' AND subject <> ''", "identity_names_somebody"),
    foreign(["account_id"], ["accounts.id"], "identity_has_an_account"),
)

sa.Table(
    "login_codes",
    METADATA,
    key_column("courier_id"),
    text_column("digest"),
    at_column("expires_at"),
    int_column("n_wrong"),
    at_column("used_at", optional=True),
    version_column(),
    check("length(digest) = 64", "code_is_kept_as_a_digest"),
    foreign(["courier_id"], ["couriers.id"], "code_is_for_a_courier"),
)

sa.Table(
    "sessions",
    METADATA,
    key_column("digest"),
    text_column("role"),
    text_column("subject_id"),
    at_column("began_at"),
    at_column("expires_at"),
    at_column("ended_at", optional=True),
    version_column(),
    check("length(digest) = 64", "session_is_kept_as_a_digest"),
)

errands = sa.Table(
    "errands",
    METADATA,
    key_column("id"),
    text_column("kind"),
    text_column("peer"),
    text_column("about"),
    text_column("what"),
    text_column("order_id"),
    text_column("person_id"),
    int_column("rank"),
    text_column("state"),
    at_column("made_at"),
    at_column("due_at"),
    at_column("give_up_at"),
    text_column("case_id"),
    int_column("n_tries"),
    int_column("turn"),
    text_column("detail"),
    at_column("ended_at", optional=True),
    version_column(),
    sa.UniqueConstraint("order_id", "peer", "rank", name="errand_has_its_place"),
    sa.UniqueConstraint("peer", "about", name="errand_is_given_once"),
    check("rank >= 1", "errand_counts_from_one"),
    check(f"(state = '{ErrandState.WAITING}') = (ended_at IS NULL)", "errand_end_has_its_time"),
)
sa.Index("errands_by_state", errands.c.state, errands.c.made_at)
sa.Index("errands_by_person", errands.c.person_id, errands.c.made_at)

sa.Table(
    "errand_tries",
    METADATA,
    key_column("errand_id"),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    text_column("act"),
    at_column("began_at"),
    text_column("outcome"),
    int_column("status"),
    text_column("detail"),
    at_column("ended_at", optional=True),
    version_column(),
    foreign(["errand_id"], ["errands.id"], "try_is_of_an_errand"),
)

subscriptions = sa.Table(
    "push_subscriptions",
    METADATA,
    key_column("id"),
    text_column("order_id"),
    text_column("customer_id"),
    text_column("endpoint"),
    text_column("p256dh"),
    text_column("auth"),
    at_column("made_at"),
    at_column("ended_at", optional=True),
    version_column(),
    foreign(["order_id"], ["orders.id"], "push_is_about_an_order"),
)
sa.Index("push_subscriptions_by_order", subscriptions.c.order_id)

sa.Table(
    "links",
    METADATA,
    key_column("digest"),
    text_column("order_id"),
    at_column("made_at"),
    version_column(),
    sa.UniqueConstraint("order_id", name="link_is_made_once"),
    check("length(digest) = 64", "link_is_kept_as_a_digest"),
    foreign(["order_id"], ["orders.id"], "link_is_of_an_order"),
)
