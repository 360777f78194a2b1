"""This file knows every table, and the rules that a table can state by itself."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from recourse.model.assignments import ASSIGNMENT_LIVE, AssignmentStatus, OfferStatus
from recourse.model.cases import CaseStatus
from recourse.model.orders import ORDER_ENDS

__all__ = ["INSTANT", "JSON", "METADATA", "ORDER_END_LIST", "among"]

METADATA = sa.MetaData()
# SQLite has no instants: ISO 8601 in UTC with six decimals sorts as time does and can be read.
INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")
_NUMBER = sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite")


def among(values: frozenset[AssignmentStatus] | frozenset[str]) -> str:
    """List of SQL string literals, sorted: ``'a', 'b'``."""
    return ", ".join(f"'{value}'" for value in sorted(values))


ORDER_END_LIST = among(frozenset(str(status) for status in ORDER_ENDS))
_LIVE = among(ASSIGNMENT_LIVE)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _float(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=False)


def _at(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, INSTANT, nullable=optional)


def _json(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, JSON, nullable=optional)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.BigInteger, nullable=False)


def _check(rule: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=name)


def _foreign(columns: list[str], targets: list[str], name: str) -> sa.ForeignKeyConstraint:
    """Reference that is looked at when the transaction ends."""
    return sa.ForeignKeyConstraint(
        columns, targets, name=name, deferrable=True, initially="DEFERRED"
    )


def _unique_where(name: str, table: sa.Table, columns: list[str], where: str) -> sa.Index:
    """Index that lets only one row of a certain state be."""
    return sa.Index(
        name,
        *(table.c[column] for column in columns),
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


sa.Table(
    "sites",
    METADATA,
    _key("id"),
    _text("kind"),
    _text("name"),
    _json("place"),
    _int("capacity_parcels"),
    _int("opens_s"),
    _int("closes_s"),
    _version(),
    _check("capacity_parcels >= 0", "site_capacity_is_not_negative"),
)

couriers = sa.Table(
    "couriers",
    METADATA,
    _key("id"),
    _text("name"),
    _text("vehicle"),
    _text("contract"),
    _json("start"),
    _at("shift_start_at"),
    _at("shift_end_at"),
    _int("capacity_g"),
    _int("capacity_ml"),
    _text("state"),
    _at("state_since_at"),
    _text("station_id"),
    _at("duty_since_at", optional=True),
    _int("orders_before"),
    _int("worked_s"),
    _version(),
    _check("capacity_g >= 0 AND capacity_ml >= 0", "courier_capacity_is_not_negative"),
    _check("shift_end_at >= shift_start_at", "courier_shift_ends_after_it_starts"),
)
sa.Index("couriers_by_state", couriers.c.state)

orders = sa.Table(
    "orders",
    METADATA,
    _key("id"),
    _text("external_id"),
    _text("merchant_id"),
    _text("kind"),
    _text("status"),
    _json("pickup"),
    _json("dropoff"),
    _at("pickup_ready_at"),
    _json("promise"),
    _json("first_promise"),
    _json("customer"),
    _at("created_at"),
    _text("station_id"),
    sa.Column("step", sa.Text),
    _int("weight_g"),
    _int("volume_ml"),
    _int("service_s"),
    _flag("is_perishable"),
    _int("value_cents"),
    _text("currency"),
    _at("ended_at", optional=True),
    _version(),
    sa.UniqueConstraint("merchant_id", "external_id", name="order_is_admitted_once"),
    _check(f"(status IN ({ORDER_END_LIST})) = (ended_at IS NOT NULL)", "order_end_has_its_time"),
    _check("step IS NULL OR status = 'recovering'", "order_step_only_while_recovering"),
    _check("weight_g >= 0 AND volume_ml >= 0 AND service_s >= 0", "order_size_is_not_negative"),
    _check("value_cents >= 0", "order_value_is_not_negative"),
)
sa.Index("orders_by_status", orders.c.status, orders.c.station_id, orders.c.created_at)

consents = sa.Table(
    "consents",
    METADATA,
    _key("id"),
    _text("order_id"),
    _text("site_id"),
    _at("given_at"),
    _text("source"),
    sa.UniqueConstraint("order_id", "site_id", name="consent_is_given_once"),
    _foreign(["order_id"], ["orders.id"], "consent_is_for_an_order"),
)

offers = sa.Table(
    "offers",
    METADATA,
    _key("id"),
    _text("courier_id"),
    _json("order_ids"),
    _text("status"),
    _at("made_at"),
    _at("deadline_at"),
    _int("pay_cents"),
    _int("bonus_cents"),
    _json("case_ids"),
    _version(),
    _check("pay_cents >= 0 AND bonus_cents >= 0", "offer_pay_is_not_negative"),
    _check("deadline_at >= made_at", "offer_deadline_is_later"),
    _foreign(["courier_id"], ["couriers.id"], "offer_is_to_a_courier"),
)
_OPEN = f"status = '{OfferStatus.OPEN}'"
sa.Index(
    "offers_open",
    offers.c.courier_id,
    sqlite_where=sa.text(_OPEN),
    postgresql_where=sa.text(_OPEN),
)

assignments = sa.Table(
    "assignments",
    METADATA,
    _key("id"),
    _text("order_id"),
    _text("courier_id"),
    _text("status"),
    _at("began_at"),
    _text("offer_id"),
    _at("accepted_at", optional=True),
    _at("ended_at", optional=True),
    _json("reason", optional=True),
    _int("bonus_cents"),
    _version(),
    _check("bonus_cents >= 0", "assignment_bonus_is_not_negative"),
    _foreign(["order_id"], ["orders.id"], "assignment_is_of_an_order"),
    _foreign(["courier_id"], ["couriers.id"], "assignment_is_of_a_courier"),
)
_unique_where("one_live_assignment", assignments, ["order_id"], f"status IN ({_LIVE})")
_unique_where(
    "one_offered_assignment",
    assignments,
    # The second column changes nothing but the words of SQLite's refusal, which names columns only.
    ["order_id", "status"],
    f"status = '{AssignmentStatus.OFFERED}'",
)
sa.Index("assignments_by_order", assignments.c.order_id, assignments.c.began_at)
sa.Index("assignments_by_courier", assignments.c.courier_id, assignments.c.status)

custody = sa.Table(
    "custody",
    METADATA,
    _key("order_id"),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("custodian"),
    _text("holder_id"),
    _at("from_at"),
    _at("until_at", optional=True),
    _json("place", optional=True),
    _version(),
    sa.Column(
        "predecessor",
        sa.BigInteger,
        sa.Computed("CASE WHEN number > 1 THEN number - 1 END", persisted=True),
    ),
    sa.Column(
        "successor",
        sa.BigInteger,
        sa.Computed("CASE WHEN until_at IS NOT NULL THEN number + 1 END", persisted=True),
    ),
    sa.Column(
        "point_id",
        sa.Text,
        sa.Computed("CASE WHEN custodian = 'point' THEN holder_id END", persisted=True),
    ),
    sa.UniqueConstraint("order_id", "number", "from_at", name="custody_begins_once"),
    sa.UniqueConstraint("order_id", "number", "until_at", name="custody_ends_once"),
    _check("number >= 1", "custody_counts_from_one"),
    _check("until_at IS NULL OR until_at >= from_at", "custody_ends_after_it_begins"),
    _foreign(["order_id"], ["orders.id"], "custody_is_of_an_order"),
    # Both keys together leave no gap and no overlap: an interval that ended has a successor that
    # began at that instant, and one that is not the first has a predecessor that ended then.
    _foreign(
        ["order_id", "predecessor", "from_at"],
        ["custody.order_id", "custody.number", "custody.until_at"],
        "custody_has_predecessor",
    ),
    _foreign(
        ["order_id", "successor", "until_at"],
        ["custody.order_id", "custody.number", "custody.from_at"],
        "custody_has_successor",
    ),
    _foreign(
        ["order_id", "point_id"], ["consents.order_id", "consents.site_id"], "point_needs_consent"
    ),
)
_unique_where("one_custodian", custody, ["order_id"], "until_at IS NULL")

cases = sa.Table(
    "cases",
    METADATA,
    _key("id"),
    _text("disruption_id"),
    _text("order_id"),
    _text("from_courier_id"),
    _text("status"),
    _text("cause"),
    _at("opened_at"),
    _at("promised_by"),
    _text("held_by"),
    _json("decision", optional=True),
    _int("n_decisions"),
    _int("n_offers"),
    _int("n_notices"),
    _int("n_remedies"),
    _text("offer_id"),
    _json("excluded"),
    _at("told_at", optional=True),
    _at("new_courier_at", optional=True),
    _at("closed_at", optional=True),
    _text("outcome"),
    _int("protocol"),
    _int("policy"),
    _version(),
    _foreign(["order_id"], ["orders.id"], "case_is_of_an_order"),
    _check(f"(status = '{CaseStatus.CLOSED}') = (closed_at IS NOT NULL)", "case_end_has_its_time"),
)
_unique_where("one_open_case", cases, ["order_id"], f"status <> '{CaseStatus.CLOSED}'")
sa.Index("cases_by_order", cases.c.order_id, cases.c.opened_at)
sa.Index("cases_by_disruption", cases.c.disruption_id)
sa.Index("cases_by_status", cases.c.status, cases.c.opened_at)

sa.Table(
    "remedies",
    METADATA,
    _key("id"),
    _text("case_id"),
    _text("beneficiary_id"),
    _text("kind"),
    _int("amount_cents"),
    _text("currency"),
    _text("rule"),
    _at("granted_at"),
    _version(),
    sa.UniqueConstraint("case_id", "kind", "beneficiary_id", name="one_remedy"),
    _check("amount_cents > 0", "remedy_is_positive"),
    _foreign(["case_id"], ["cases.id"], "remedy_is_for_a_case"),
)

sa.Table(
    "entries",
    METADATA,
    _key("key"),
    _at("at"),
    _text("currency"),
    _json("postings"),
    _text("memo"),
)

notices = sa.Table(
    "notices",
    METADATA,
    _key("key"),
    _text("order_id"),
    _text("kind"),
    _text("locale"),
    _text("text"),
    _at("sent_at"),
    _text("case_id"),
    _at("latest_at", optional=True),
    sa.Column("number", sa.BigInteger, nullable=False, unique=True),
)
sa.Index("notices_by_order", notices.c.order_id, notices.c.number)

outcomes = sa.Table(
    "outcomes",
    METADATA,
    _key("assignment_id"),
    _at("began_at"),
    _at("ended_at"),
    _json("features"),
    _flag("has_failed"),
    _text("cause"),
)
sa.Index("outcomes_by_end", outcomes.c.ended_at, outcomes.c.assignment_id)

road_events = sa.Table(
    "road_events",
    METADATA,
    _key("id"),
    _float("lon"),
    _float("lat"),
    _int("radius_m"),
    _float("factor"),
    _at("from_at"),
    _at("until_at"),
    _text("source"),
    _version(),
    _check("factor >= 0", "road_factor_is_not_negative"),
)
sa.Index("road_events_by_end", road_events.c.until_at)

sa.Table(
    "progress",
    METADATA,
    _key("courier_id"),
    _float("lon"),
    _float("lat"),
    _at("pinged_at"),
    _at("still_since_at", optional=True),
    _at("next_arrival_at", optional=True),
    _int("delay_s"),
    _flag("is_silent"),
    _float("p_drop"),
    _version(),
    _check("p_drop >= 0 AND p_drop <= 1", "risk_is_a_probability"),
)

routes = sa.Table(
    "routes",
    METADATA,
    _key("courier_id"),
    _json("stops"),
    _at("changed_at"),
    _version(),
    sa.Column("mark", sa.BigInteger, nullable=False),
)
sa.Index("routes_by_mark", routes.c.mark)

events = sa.Table(
    "events",
    METADATA,
    sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
    _text("name"),
    _at("at"),
    _at("recorded_at"),
    _text("order_id"),
    _text("courier_id"),
    _text("case_id"),
    _json("data"),
)
sa.Index("events_by_name", events.c.name, events.c.number)
for _whom in ("order_id", "courier_id", "case_id"):
    sa.Index(
        f"events_by_{_whom[:-3]}",
        events.c[_whom],
        events.c.number,
        sqlite_where=sa.text(f"{_whom} <> ''"),
        postgresql_where=sa.text(f"{_whom} <> ''"),
    )

commands = sa.Table(
    "commands",
    METADATA,
    sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
    _text("key"),
    _text("name"),
    _at("due_at"),
    _json("payload"),
    _text("order_id"),
    _text("courier_id"),
    _text("case_id"),
    _at("ready_at"),
    sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("attempt", sa.BigInteger, nullable=False, server_default="0"),
    _text("worker", ""),
    _at("done_at", optional=True),
    sa.Column("parked_at", INSTANT),
    _text("error", ""),
    sa.UniqueConstraint("key", name="command_is_stored_once"),
)
_WAITING = "done_at IS NULL AND parked_at IS NULL"
sa.Index(
    "commands_waiting",
    commands.c.ready_at,
    commands.c.number,
    sqlite_where=sa.text(_WAITING),
    postgresql_where=sa.text(_WAITING),
)
_PARKED = "parked_at IS NOT NULL AND done_at IS NULL"
sa.Index(
    "commands_parked",
    commands.c.number,
    sqlite_where=sa.text(_PARKED),
    postgresql_where=sa.text(_PARKED),
)

sa.Table(
    "replies",
    METADATA,
    _key("caller"),
    _key("key"),
    _text("fingerprint"),
    _int("status"),
    _text("body"),
    _at("at"),
)

# One row, locked by whoever appends: numbers come in the order of the commits, without gaps.
sa.Table(
    "tally",
    METADATA,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    _int("n_events"),
    _int("n_notices"),
    _int("n_marks"),
    _check("one = 1", "tally_has_one_row"),
)
