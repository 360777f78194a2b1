"""This file knows what a unit of work reads of doors, of the ledger, and of others outside."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from recourse.model.errands import Errand, ErrandState, ErrandTry, PushSubscription
from recourse.model.keys import Account, ApiKey, Identity, Link, LoginCode, Session
from recourse.model.redress import Entry
from recourse.model.webhooks import Cursor, WebhookEndpoint, WebhookMessage, WebhookTry

__all__ = ["OutsideReads"]


class OutsideReads(Protocol):
    """The reads that need nothing but a row of theirs."""

    def webhook_endpoints(self, ids: Collection[str] | None = None) -> dict[str, WebhookEndpoint]:
        """Endpoints of merchants by id, removed ones included; all of them for None."""
        ...

    def webhook_messages(self, ids: Collection[str]) -> dict[str, WebhookMessage]:
        """Messages to endpoints by id."""
        ...

    def webhook_messages_to(
        self, endpoint_id: str, *, after: int, limit: int
    ) -> list[WebhookMessage]:
        """Messages to one endpoint about events with a higher number, oldest first."""
        ...

    def webhook_sequences(self, endpoint_id: str, order_ids: Collection[str]) -> dict[str, int]:
        """The last sequence number an endpoint was given for each of these orders."""
        ...

    def webhook_tries(self, message_id: str) -> list[WebhookTry]:
        """Every try to send a message, oldest first."""
        ...

    def api_keys(self, ids: Collection[str] | None = None) -> dict[str, ApiKey]:
        """Keys of merchants by id; all of them for None."""
        ...

    def accounts(self, ids: Collection[str] | None = None) -> dict[str, Account]:
        """Accounts by name; all of them for None."""
        ...

    def identities(self, account_ids: Collection[str] | None = None) -> dict[str, Identity]:
        """Whom providers know, by account; all of them for None."""
        ...

    def identity(self, issuer: str, subject: str) -> Identity | None:
        """Whom a provider knows under this name, or None."""
        ...

    def login_codes(self, courier_ids: Collection[str]) -> dict[str, LoginCode]:
        """The last code given to each of these couriers."""
        ...

    def sessions(self, digests: Collection[str]) -> dict[str, Session]:
        """Sessions by the digest of their token."""
        ...

    def entries(self, keys: Collection[str]) -> dict[str, Entry]:
        """Entries of the ledger by key."""
        ...

    def errands(self, ids: Collection[str]) -> dict[str, Errand]:
        """What is done outside, by key."""
        ...

    def errands_of(self, order_id: str) -> list[Errand]:
        """Every errand of an order, by peer and rank."""
        ...

    def errands_for(self, person_id: str, *, since_at: datetime) -> list[Errand]:
        """Errands that reach a person, made since then; oldest first."""
        ...

    def errands_in(self, states: Collection[ErrandState], *, limit: int) -> list[Errand]:
        """Errands in any of these states, newest first."""
        ...

    def errand_tries(self, errand_id: str) -> list[ErrandTry]:
        """Every call about an errand, oldest first."""
        ...

    def push_subscriptions(self, order_id: str) -> list[PushSubscription]:
        """Where browsers take messages about an order, those taken back included."""

    def links(self, digests: Collection[str]) -> dict[str, Link]:
        """Customers' links by the digest of their token."""
        ...

    def links_of(self, order_ids: Collection[str]) -> list[Link]:
        """Links of these orders."""
        ...

    def cursor(self, name: str) -> Cursor | None:
        """How far a reader of the log has come; None before its first step."""
        ...
