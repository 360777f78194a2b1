"""This file knows how one unit of work reads, and what it reads of doors and of others outside."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy.pool import PoolProxiedConnection

from recourse.adapters.store.memory import Memory
from recourse.adapters.store.reads import Reads
from recourse.adapters.store.statements import Statement, Statements
from recourse.model.errands import Errand, ErrandState, ErrandTry, PushSubscription
from recourse.model.keys import Account, ApiKey, Identity, Link, LoginCode, Session
from recourse.model.redress import Entry
from recourse.model.webhooks import Cursor, WebhookEndpoint, WebhookMessage, WebhookTry

__all__ = ["Reading"]

V = TypeVar("V")


class Reading:
    """The reads that need nothing but a row of theirs, and how every read is run.

    Parameters
    ----------
    connect : callable
        Lends a connection; called at most once.
    statements : Statements
        SQL of every table, compiled when the store was opened.
    reads : Reads
        Every read, compiled likewise.
    memory : Memory
        How rows become values.
    """

    def __init__(
        self,
        connect: Callable[[], PoolProxiedConnection],
        *,
        statements: Statements,
        reads: Reads,
        memory: Memory,
    ) -> None:
        self._connect = connect
        self._connection: PoolProxiedConnection | None = None
        self._cursor = cast("Any", None)
        self._s, self._r, self._memory = statements, reads, memory

    @property
    def is_connected(self) -> bool:
        """Whether a connection was needed so far."""
        return self._connection is not None

    @property
    def connection(self) -> PoolProxiedConnection:
        """The connection of this unit of work, borrowed now if it had none yet."""
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def webhook_endpoints(self, ids: Collection[str] | None = None) -> dict[str, WebhookEndpoint]:
        """Endpoints of merchants by id, removed ones included; all of them for None."""
        return self._by_key(WebhookEndpoint, ids)

    def webhook_messages(self, ids: Collection[str]) -> dict[str, WebhookMessage]:
        """Messages to endpoints by id."""
        return self._by_key(WebhookMessage, ids)

    def webhook_messages_to(
        self, endpoint_id: str, *, after: int, limit: int
    ) -> list[WebhookMessage]:
        """Messages to one endpoint about events with a higher number, oldest first."""
        read = self._r.webhook_messages_to
        return self._list(WebhookMessage, read, endpoint_id=endpoint_id, after=after, limit=limit)

    def webhook_sequences(self, endpoint_id: str, order_ids: Collection[str]) -> dict[str, int]:
        """The last sequence number an endpoint was given for each of these orders."""
        ids = self._s.listed(order_ids)
        return dict(self._rows(self._r.webhook_sequences, endpoint_id=endpoint_id, ids=ids))

    def webhook_tries(self, message_id: str) -> list[WebhookTry]:
        """Every try to send a message, oldest first."""
        return self._list(WebhookTry, self._r.webhook_tries, message_id=message_id)

    def api_keys(self, ids: Collection[str] | None = None) -> dict[str, ApiKey]:
        """Keys of merchants by id; all of them for None."""
        return self._by_key(ApiKey, ids)

    def accounts(self, ids: Collection[str] | None = None) -> dict[str, Account]:
        """Accounts by name; all of them for None."""
        return self._by_key(Account, ids)

    def identities(self, account_ids: Collection[str] | None = None) -> dict[str, Identity]:
        """Whom providers know, by account; all of them for None."""
        return self._by_key(Identity, account_ids)

    def identity(self, issuer: str, subject: str) -> Identity | None:
        """Whom a provider knows under this name, or None."""
        found = self._list(Identity, self._r.identity, issuer=issuer, subject=subject)
        return found[0] if found else None

    def login_codes(self, courier_ids: Collection[str]) -> dict[str, LoginCode]:
        """The last code given to each of these couriers."""
        return self._by_key(LoginCode, courier_ids)

    def sessions(self, digests: Collection[str]) -> dict[str, Session]:
        """Sessions by the digest of their token."""
        return self._by_key(Session, digests)

    def entries(self, keys: Collection[str]) -> dict[str, Entry]:
        """Entries of the ledger by key."""
        return self._by_key(Entry, keys)

    def errands(self, ids: Collection[str]) -> dict[str, Errand]:
        """What is done outside, by key."""
        return self._by_key(Errand, ids)

    def errands_of(self, order_id: str) -> list[Errand]:
        """Every errand of an order, by peer and rank."""
        return self._list(Errand, self._r.errands_of, order_id=order_id)

    def errands_for(self, person_id: str, *, since_at: datetime) -> list[Errand]:
        """Errands that reach a person, made since then; oldest first."""
        since = self._s.flavour.instant_in(since_at)
        return self._list(Errand, self._r.errands_for, person_id=person_id, since_at=since)

    def errands_in(self, states: Collection[ErrandState], *, limit: int) -> list[Errand]:
        """Errands in any of these states, newest first."""
        listed = self._s.listed([state.value for state in states])
        return self._list(Errand, self._r.errands_in, states=listed, limit=limit)

    def errand_tries(self, errand_id: str) -> list[ErrandTry]:
        """Every call about an errand, oldest first."""
        return self._list(ErrandTry, self._r.errand_tries, errand_id=errand_id)

    def push_subscriptions(self, order_id: str) -> list[PushSubscription]:
        """Where browsers take messages about an order, those taken back included."""
        return self._list(PushSubscription, self._r.push_subscriptions, order_id=order_id)

    def links(self, digests: Collection[str]) -> dict[str, Link]:
        """Customers' links by the digest of their token."""
        return self._by_key(Link, digests)

    def links_of(self, order_ids: Collection[str]) -> list[Link]:
        """Links of these orders."""
        ids = self._s.listed(order_ids)
        return self._list(Link, self._r.links_of, ids=ids) if order_ids else []

    def cursor(self, name: str) -> Cursor | None:
        """How far a reader of the log has come; None before its first step."""
        return next(iter(self._list(Cursor, self._r.cursor, name=name)), None)

    def _rows(self, statement: Statement, **values: object) -> list[Any]:
        """Run a read and fetch everything."""
        if self._cursor is None:
            self._cursor = self.connection.cursor()
        self._cursor.execute(statement.sql, statement.given(**values))
        return cast("list[Any]", self._cursor.fetchall())

    def _list(self, cls: type[V], statement: Statement, **values: object) -> list[V]:
        """Values of a read."""
        decode = self._memory.decode[cls]
        return [decode(row) for row in self._rows(statement, **values)]

    def _by_key(self, cls: type[V], ids: Collection[str] | None) -> dict[str, V]:
        """Values of a kind by their key: those asked for, or all."""
        key_of = self._s.kinds[cls].key_of
        if ids is None:
            return {key_of(value): value for value in self._list(cls, self._r.all[cls])}
        if not ids:
            return {}
        if len(ids) == 1:
            found = self._list(cls, self._r.by_id[cls], id=next(iter(ids)))
        else:
            found = self._list(cls, self._r.by_ids[cls], ids=self._s.listed(ids))
        return {key_of(value): value for value in found}
