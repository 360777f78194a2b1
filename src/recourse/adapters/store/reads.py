"""This file knows the reads of a unit of work, each one statement compiled beforehand."""

from typing import Any

import sqlalchemy as sa

from recourse.adapters.store.schema import METADATA
from recourse.adapters.store.statements import Statement, Statements
from recourse.model.assignments import (
    ASSIGNMENT_LIVE,
    Assignment,
    AssignmentStatus,
    Custody,
    Offer,
    OfferStatus,
)
from recourse.model.bonuses import Bonus
from recourse.model.cases import Case, CaseStatus
from recourse.model.couriers import Courier, Progress
from recourse.model.entitlements import Budget, Counter, Entitlement
from recourse.model.errands import Errand, ErrandTry, PushSubscription
from recourse.model.keys import Account, ApiKey, Identity, Link, LoginCode, Session
from recourse.model.orders import Order
from recourse.model.places import Site
from recourse.model.redress import Consent, Entry, Neighbour, Notice, Outcome, Remedy
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from recourse.model.slots import SlotPlace
from recourse.model.webhooks import Cursor, WebhookEndpoint, WebhookMessage, WebhookTry

__all__ = ["Reads"]

T = METADATA.tables
_KEYED: dict[type, str] = {
    **dict.fromkeys((Order, Courier, Site, Assignment, Offer, Case), "id"),
    **dict.fromkeys((Progress, Route), "courier_id"),
    **dict.fromkeys((WebhookEndpoint, WebhookMessage, ApiKey, Account, Errand), "id"),
    **dict.fromkeys((Entitlement, Budget, Counter), "id"),
    Bonus: "assignment_id",
    Entry: "key",
    Identity: "account_id",
    LoginCode: "courier_id",
    Session: "digest",
    Link: "digest",
}


def _param(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name)


class Reads:
    """Every read, compiled for one database.

    Parameters
    ----------
    statements : Statements
        Of the database.
    """

    def __init__(self, statements: Statements) -> None:
        self._s = statements
        where, member = statements.where, statements.member
        self.by_ids = {
            cls: where(cls, member(T[statements.kinds[cls].table].c[key], "ids"))
            for cls, key in _KEYED.items()
        }
        # Most reads ask for one; a list of one would cost as much again.
        self.by_id = {
            cls: where(cls, T[statements.kinds[cls].table].c[key] == _param("id"))
            for cls, key in _KEYED.items()
        }
        self.all = {cls: where(cls, order=(key,)) for cls, key in _KEYED.items()}
        log, tally = T["events"], T["tally"]
        newest = (
            sa.select(log.c.number)
            .where(log.c.number > _param("after"), member(log.c.name, "kinds"))
            .order_by(log.c.number.desc())
            .limit(sa.literal_column("1"))
        )
        self.newest = statements.compile(sa.select(tally.c.n_events, newest.scalar_subquery()))
        self.last_number = statements.compile(sa.select(tally.c.n_events))
        self.recorded_at = statements.compile(
            sa.select(log.c.recorded_at).where(log.c.number == _param("number"))
        )
        orders = T["orders"]
        in_statuses = member(orders.c.status, "statuses")
        self.orders_in = where(Order, in_statuses, order=("created_at", "id"))
        self.orders_in_station = where(
            Order,
            in_statuses,
            orders.c.station_id == _param("station_id"),
            order=("created_at", "id"),
        )
        self.order_by_external = where(
            Order,
            orders.c.merchant_id == _param("merchant_id"),
            orders.c.external_id == _param("external_id"),
        )
        self._add_assignments()
        self._add_cases()
        self._add_rest()
        self._add_webhooks()
        self._add_errands()
        self.counts = self._counts()

    def _add_assignments(self) -> None:
        where, member = self._s.where, self._s.member
        table, offers, custody = T["assignments"], T["offers"], T["custody"]
        live = table.c.status.in_([_literal(status) for status in sorted(ASSIGNMENT_LIVE)])
        offered = table.c.status == _literal(AssignmentStatus.OFFERED)
        of_orders = member(table.c.order_id, "ids")
        of_courier = table.c.courier_id == _param("courier_id")
        order = ("began_at", "id")
        self.live_of_orders = where(Assignment, of_orders, live, order=order)
        self.live_of_courier = where(Assignment, of_courier, live, order=order)
        self.offered_of_orders = where(Assignment, of_orders, offered, order=order)
        self.offered_of_courier = where(Assignment, of_courier, offered, order=order)
        self.assignments_of = where(Assignment, table.c.order_id == _param("order_id"), order=order)
        is_open = offers.c.status == _literal(OfferStatus.OPEN)
        self.open_offers = where(Offer, is_open, order=("made_at", "id"))
        self.open_offers_of = where(
            Offer, is_open, member(offers.c.courier_id, "ids"), order=("made_at", "id")
        )
        self.stored = self._s.compile(
            sa.select(custody.c.holder_id, sa.func.count())
            .where(sa.text("custodian = 'point' AND until_at IS NULL"))
            .group_by(custody.c.holder_id)
        )
        self.custody = where(
            Custody, member(custody.c.order_id, "ids"), custody.c.until_at.is_(None)
        )

    def _add_cases(self) -> None:
        where, cases = self._s.where, T["cases"]
        is_open = cases.c.status != _literal(CaseStatus.CLOSED)
        order = ("opened_at", "id")
        self.open_cases = where(Case, is_open, order=order)
        self.open_cases_of = where(
            Case, is_open, self._s.member(cases.c.order_id, "ids"), order=order
        )
        self.open_cases_in = where(
            Case, is_open, cases.c.disruption_id == _param("disruption_id"), order=order
        )
        self.cases_of = where(Case, cases.c.order_id == _param("order_id"), order=order)
        self.remedies = where(
            Remedy, T["remedies"].c.case_id == _param("case_id"), order=("granted_at", "id")
        )
        rights = T["entitlements"]
        of = {"merchant_id": rights.c.merchant_id, "customer_id": rights.c.customer_id}
        self.entitlements_of: dict[tuple[str, ...], Statement] = {
            names: self._s.compile(
                sa.select(*self._s.columns(Entitlement))
                .where(rights.c.id > _param("after"), *(of[n] == _param(n) for n in names))
                .order_by(rights.c.id)
                .limit(sa.bindparam("limit", type_=sa.Integer))
            )
            for names in ((), ("merchant_id",), ("customer_id",), ("merchant_id", "customer_id"))
        }
        self.consents = where(
            Consent, T["consents"].c.order_id == _param("order_id"), order=("given_at", "id")
        )
        self.links_of = where(
            Link, self._s.member(T["links"].c.order_id, "ids"), order=("order_id",)
        )
        places = T["slot_places"]
        self.slot_places = where(
            SlotPlace,
            places.c.ended_at.is_(None),
            (places.c.latest_at > _param("after")) | (places.c.order_id == _param("order_id")),
            order=("slot", "number"),
        )
        self.neighbours = where(
            Neighbour, T["neighbours"].c.order_id == _param("order_id"), order=("named_at", "id")
        )
        self.outcomes = where(Outcome, order=("ended_at", "assignment_id"))

    def _add_rest(self) -> None:
        s, notices, routes, road = self._s, T["notices"], T["routes"], T["road_events"]
        told = sa.select(notices.c.number, *s.columns(Notice)).where(
            notices.c.number > _param("after")
        )
        told = told.order_by(notices.c.number).limit(sa.bindparam("limit", type_=sa.Integer))
        self.notices = s.compile(told)
        self.notices_of = s.compile(told.where(notices.c.order_id == _param("order_id")))
        self.routes_changed = s.compile(
            sa.select(routes.c.mark, *s.columns(Route))
            .where(routes.c.mark > _param("after"))
            .order_by(routes.c.mark)
        )
        # Both bounds are one parameter each because a placeholder is given once.
        self.road_events = s.where(
            RoadEvent,
            road.c.from_at <= _param("now"),
            road.c.until_at > _param("then"),
            order=("from_at", "id"),
        )
        replies = T["replies"]
        names = ("caller", "key", "fingerprint", "status", "body", "at")
        self.reply = s.compile(
            sa.select(*(replies.c[name] for name in names)).where(
                replies.c.caller == _param("caller"), replies.c.key == _param("key")
            )
        )

    def _add_webhooks(self) -> None:
        where, messages = self._s.where, T["webhook_messages"]
        to_endpoint = messages.c.endpoint_id == _param("endpoint_id")
        self.webhook_messages_to = self._s.compile(
            sa.select(*self._s.columns(WebhookMessage))
            .where(to_endpoint, messages.c.number > _param("after"))
            .order_by(messages.c.number)
            .limit(sa.bindparam("limit", type_=sa.Integer))
        )
        self.webhook_sequences = self._s.compile(
            sa.select(messages.c.order_id, sa.func.max(messages.c.sequence))
            .where(to_endpoint, self._s.member(messages.c.order_id, "ids"))
            .group_by(messages.c.order_id)
        )
        tries = T["webhook_tries"]
        self.webhook_tries = where(
            WebhookTry, tries.c.message_id == _param("message_id"), order=("number",)
        )
        known = T["identities"]
        self.identity = where(
            Identity,
            known.c.issuer == _param("issuer"),
            known.c.subject == _param("subject"),
        )
        self.cursor = where(Cursor, T["cursors"].c.name == _param("name"))

    def _add_errands(self) -> None:
        where, errands, tries = self._s.where, T["errands"], T["errand_tries"]
        of_order = errands.c.order_id == _param("order_id")
        self.errands_of = where(Errand, of_order, order=("peer", "rank"))
        self.errands_for = where(
            Errand,
            errands.c.person_id == _param("person_id"),
            errands.c.made_at >= _param("since_at"),
            order=("made_at", "id"),
        )
        self.errands_in = self._s.compile(
            sa.select(*self._s.columns(Errand))
            .where(self._s.member(errands.c.state, "states"))
            .order_by(errands.c.made_at.desc(), errands.c.id.desc())
            .limit(sa.bindparam("limit", type_=sa.Integer))
        )
        self.errand_tries = where(
            ErrandTry, tries.c.errand_id == _param("errand_id"), order=("number",)
        )
        subscriptions = T["push_subscriptions"]
        self.push_subscriptions = where(
            PushSubscription,
            subscriptions.c.order_id == _param("order_id"),
            order=("made_at", "id"),
        )

    def events(self, *, kinds: bool, whom: tuple[str, ...]) -> Statement:
        """Select a part of the log: of some names, about one order, courier or case."""
        table = T["events"]
        wanted = sa.select(table.c.number, table.c.name, table.c.recorded_at, table.c.data)
        wanted = wanted.where(table.c.number > _param("after"))
        for name in whom:
            # The second rule says nothing new; it lets the partial index be used.
            wanted = wanted.where(table.c[name] == _param(name), table.c[name] != _literal(""))
        if kinds:
            wanted = wanted.where(self._s.member(table.c.name, "kinds"))
        return self._s.compile(
            wanted.order_by(table.c.number).limit(sa.bindparam("limit", type_=sa.Integer))
        )

    def _counts(self) -> Statement:
        """Count orders, couriers, cases and assignments by status."""
        parts = [
            sa.select(_literal(name), column, sa.func.count()).group_by(column)
            for name, column in (
                ("orders", T["orders"].c.status),
                ("couriers", T["couriers"].c.state),
                ("cases", T["cases"].c.status),
                ("assignments", T["assignments"].c.status),
            )
        ]
        return self._s.compile(sa.union_all(*parts))


def _literal(value: str) -> sa.ColumnElement[str]:
    """A constant in the text of the statement, so that partial indexes are seen to fit."""
    return sa.literal_column(f"'{value}'")
