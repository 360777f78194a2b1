"""This file knows every table of state, and the rules that a table can state by itself."""

import sqlalchemy as sa

from recourse.adapters.store import door_tables, log_tables, redress_tables
from recourse.adapters.store.columns import (
    INSTANT,
    JSON,
    LIVE_LIST,
    METADATA,
    ORDER_END_LIST,
    among,
    at_column,
    check,
    flag_column,
    float_column,
    foreign,
    int_column,
    json_column,
    key_column,
    text_column,
    unique_where,
    version_column,
)
from recourse.model.assignments import AssignmentStatus, OfferStatus
from recourse.model.cases import CaseStatus

# The other tables are named so that importing this file makes all of them known.
__all__ = [
    "INSTANT",
    "JSON",
    "METADATA",
    "ORDER_END_LIST",
    "among",
    "door_tables",
    "log_tables",
    "redress_tables",
]

sa.Table(
    "sites",
    METADATA,
    key_column("id"),
    text_column("kind"),
    text_column("name"),
    json_column("place"),
    int_column("capacity_parcels"),
    int_column("opens_s"),
    int_column("closes_s"),
    version_column(),
    check("capacity_parcels >= 0", "site_capacity_is_not_negative"),
)

couriers = sa.Table(
    "couriers",
    METADATA,
    key_column("id"),
    text_column("name"),
    text_column("vehicle"),
    text_column("contract"),
    json_column("start"),
    at_column("shift_start_at"),
    at_column("shift_end_at"),
    int_column("capacity_g"),
    int_column("capacity_ml"),
    text_column("state"),
    at_column("state_since_at"),
    text_column("station_id"),
    at_column("duty_since_at", optional=True),
    int_column("orders_before"),
    int_column("worked_s"),
    version_column(),
    check("capacity_g >= 0 AND capacity_ml >= 0", "courier_capacity_is_not_negative"),
    check("shift_end_at >= shift_start_at", "courier_shift_ends_after_it_starts"),
)
sa.Index("couriers_by_state", couriers.c.state)

orders = sa.Table(
    "orders",
    METADATA,
    key_column("id"),
    text_column("external_id"),
    text_column("merchant_id"),
    text_column("kind"),
    text_column("status"),
    json_column("pickup"),
    json_column("dropoff"),
    at_column("pickup_ready_at"),
    json_column("promise"),
    json_column("first_promise"),
    json_column("customer"),
    at_column("created_at"),
    text_column("station_id"),
    sa.Column("step", sa.Text),
    int_column("weight_g"),
    int_column("volume_ml"),
    int_column("service_s"),
    flag_column("is_perishable"),
    int_column("value_cents"),
    text_column("currency"),
    at_column("not_before_at", optional=True),
    at_column("ended_at", optional=True),
    version_column(),
    sa.UniqueConstraint("merchant_id", "external_id", name="order_is_admitted_once"),
    check(f"(status IN ({ORDER_END_LIST})) = (ended_at IS NOT NULL)", "order_end_has_its_time"),
    check("step IS NULL OR status = 'recovering'", "order_step_only_while_recovering"),
    check("weight_g >= 0 AND volume_ml >= 0 AND service_s >= 0", "order_size_is_not_negative"),
    check("value_cents >= 0", "order_value_is_not_negative"),
)
sa.Index("orders_by_status", orders.c.status, orders.c.station_id, orders.c.created_at)

# Written before the order it is about: without it no end of an order is undone.
sa.Table(
    "reopenings",
    METADATA,
    key_column("order_id"),
    sa.Column("ended_at", INSTANT, primary_key=True),
    text_column("case_id"),
    at_column("at"),
    text_column("actor"),
    text_column("why"),
    check("why <> ''", "reopening_has_a_reason"),
    foreign(["order_id"], ["orders.id"], "reopening_is_of_an_order"),
)

consents = sa.Table(
    "consents",
    METADATA,
    key_column("id"),
    text_column("order_id"),
    text_column("site_id"),
    at_column("given_at"),
    text_column("source"),
    sa.UniqueConstraint("order_id", "site_id", name="consent_is_given_once"),
    foreign(["order_id"], ["orders.id"], "consent_is_for_an_order"),
)

offers = sa.Table(
    "offers",
    METADATA,
    key_column("id"),
    text_column("courier_id"),
    json_column("order_ids"),
    text_column("status"),
    at_column("made_at"),
    at_column("deadline_at"),
    int_column("pay_cents"),
    int_column("bonus_cents"),
    json_column("case_ids"),
    version_column(),
    check("pay_cents >= 0 AND bonus_cents >= 0", "offer_pay_is_not_negative"),
    check("deadline_at >= made_at", "offer_deadline_is_later"),
    foreign(["courier_id"], ["couriers.id"], "offer_is_to_a_courier"),
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
    key_column("id"),
    text_column("order_id"),
    text_column("courier_id"),
    text_column("status"),
    at_column("began_at"),
    text_column("offer_id"),
    at_column("accepted_at", optional=True),
    at_column("ended_at", optional=True),
    json_column("reason", optional=True),
    int_column("bonus_cents"),
    version_column(),
    check("bonus_cents >= 0", "assignment_bonus_is_not_negative"),
    foreign(["order_id"], ["orders.id"], "assignment_is_of_an_order"),
    foreign(["courier_id"], ["couriers.id"], "assignment_is_of_a_courier"),
)
unique_where("one_live_assignment", assignments, ["order_id"], f"status IN ({LIVE_LIST})")
unique_where(
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
    key_column("order_id"),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    text_column("custodian"),
    text_column("holder_id"),
    at_column("from_at"),
    at_column("until_at", optional=True),
    json_column("place", optional=True),
    version_column(),
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
    check("number >= 1", "custody_counts_from_one"),
    check("until_at IS NULL OR until_at >= from_at", "custody_ends_after_it_begins"),
    foreign(["order_id"], ["orders.id"], "custody_is_of_an_order"),
    # Both keys together leave no gap and no overlap: an interval that ended has a successor that
    # began at that instant, and one that is not the first has a predecessor that ended then.
    foreign(
        ["order_id", "predecessor", "from_at"],
        ["custody.order_id", "custody.number", "custody.until_at"],
        "custody_has_predecessor",
    ),
    foreign(
        ["order_id", "successor", "until_at"],
        ["custody.order_id", "custody.number", "custody.from_at"],
        "custody_has_successor",
    ),
    foreign(
        ["order_id", "point_id"], ["consents.order_id", "consents.site_id"], "point_needs_consent"
    ),
)
unique_where("one_custodian", custody, ["order_id"], "until_at IS NULL")

cases = sa.Table(
    "cases",
    METADATA,
    key_column("id"),
    text_column("disruption_id"),
    text_column("order_id"),
    text_column("from_courier_id"),
    text_column("status"),
    text_column("cause"),
    at_column("opened_at"),
    at_column("promised_by"),
    text_column("held_by"),
    json_column("decision", optional=True),
    int_column("n_decisions"),
    int_column("n_offers"),
    int_column("n_notices"),
    int_column("n_remedies"),
    text_column("offer_id"),
    json_column("excluded"),
    at_column("told_at", optional=True),
    at_column("new_courier_at", optional=True),
    at_column("closed_at", optional=True),
    text_column("outcome"),
    int_column("protocol"),
    int_column("policy"),
    version_column(),
    foreign(["order_id"], ["orders.id"], "case_is_of_an_order"),
    check(f"(status = '{CaseStatus.CLOSED}') = (closed_at IS NOT NULL)", "case_end_has_its_time"),
)
unique_where("one_open_case", cases, ["order_id"], f"status <> '{CaseStatus.CLOSED}'")
sa.Index("cases_by_order", cases.c.order_id, cases.c.opened_at)
sa.Index("cases_by_disruption", cases.c.disruption_id)
sa.Index("cases_by_status", cases.c.status, cases.c.opened_at)

sa.Table(
    "remedies",
    METADATA,
    key_column("id"),
    text_column("case_id"),
    text_column("beneficiary_id"),
    text_column("kind"),
    int_column("amount_cents"),
    text_column("currency"),
    text_column("rule"),
    at_column("granted_at"),
    int_column("days"),
    text_column("item"),
    text_column("stock"),
    version_column(),
    sa.UniqueConstraint("case_id", "kind", "beneficiary_id", name="one_remedy"),
    check("amount_cents > 0", "remedy_is_positive"),
    foreign(["case_id"], ["cases.id"], "remedy_is_for_a_case"),
)

road_events = sa.Table(
    "road_events",
    METADATA,
    key_column("id"),
    float_column("lon"),
    float_column("lat"),
    int_column("radius_m"),
    float_column("factor"),
    at_column("from_at"),
    at_column("until_at"),
    text_column("source"),
    version_column(),
    check("factor >= 0", "road_factor_is_not_negative"),
)
sa.Index("road_events_by_end", road_events.c.until_at)

sa.Table(
    "progress",
    METADATA,
    key_column("courier_id"),
    float_column("lon"),
    float_column("lat"),
    at_column("pinged_at"),
    at_column("still_since_at", optional=True),
    at_column("next_arrival_at", optional=True),
    int_column("delay_s"),
    flag_column("is_silent"),
    float_column("p_drop"),
    version_column(),
    check("p_drop >= 0 AND p_drop <= 1", "risk_is_a_probability"),
)

routes = sa.Table(
    "routes",
    METADATA,
    key_column("courier_id"),
    json_column("stops"),
    at_column("changed_at"),
    version_column(),
    sa.Column("mark", sa.BigInteger, nullable=False),
)
sa.Index("routes_by_mark", routes.c.mark)
