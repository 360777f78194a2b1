"""This file knows the tables of rights, budgets, bonuses, and what customers picked and named."""

import sqlalchemy as sa

from recourse.adapters.store.columns import (
    METADATA,
    among,
    at_column,
    check,
    foreign,
    int_column,
    json_column,
    key_column,
    text_column,
    unique_where,
    version_column,
)
from recourse.model.bonuses import BONUS_ENDS
from recourse.model.entitlements import EntitlementState

__all__ = ["bonuses", "entitlements", "neighbours", "slot_places"]

entitlements = sa.Table(
    "entitlements",
    METADATA,
    key_column("id"),
    text_column("case_id"),
    text_column("order_id"),
    text_column("merchant_id"),
    text_column("customer_id"),
    text_column("kind"),
    int_column("worth_cents"),
    text_column("currency"),
    at_column("from_at"),
    at_column("until_at"),
    text_column("item"),
    text_column("state"),
    at_column("ended_at", optional=True),
    version_column(),
    check("worth_cents > 0", "entitlement_is_worth_something"),
    check("until_at > from_at", "entitlement_ends_after_it_begins"),
    check(
        f"(state = '{EntitlementState.OPEN}') = (ended_at IS NULL)", "entitlement_end_has_its_time"
    ),
    foreign(["id"], ["remedies.id"], "entitlement_is_of_a_remedy"),
)
sa.Index("entitlements_by_customer", entitlements.c.customer_id, entitlements.c.id)

sa.Table(
    "budgets",
    METADATA,
    key_column("id"),
    int_column("most"),
    int_column("used"),
    version_column(),
    check("used >= 0", "budget_is_not_given_back"),
    check("used <= most", "budget_is_not_overdrawn"),
)

bonuses = sa.Table(
    "bonuses",
    METADATA,
    key_column("assignment_id"),
    text_column("order_id"),
    text_column("courier_id"),
    int_column("amount_cents"),
    text_column("currency"),
    text_column("budget_id"),
    at_column("made_at"),
    text_column("merchant_budget_id"),
    int_column("stage"),
    text_column("state"),
    at_column("ended_at", optional=True),
    version_column(),
    check("amount_cents > 0", "bonus_is_worth_something"),
    check("stage >= 0", "bonus_stage_is_not_negative"),
    check(
        f"(state IN ({among(frozenset(map(str, BONUS_ENDS)))})) = (ended_at IS NOT NULL)",
        "bonus_end_has_its_time",
    ),
    foreign(["assignment_id"], ["assignments.id"], "bonus_is_of_an_assignment"),
    foreign(["budget_id"], ["budgets.id"], "bonus_is_from_a_budget"),
)
sa.Index("bonuses_by_budget", bonuses.c.budget_id, bonuses.c.state)

sa.Table("counters", METADATA, key_column("id"), json_column("times"), version_column())

neighbours = sa.Table(
    "neighbours",
    METADATA,
    key_column("id"),
    text_column("order_id"),
    text_column("name"),
    text_column("door"),
    at_column("named_at"),
    at_column("ended_at", optional=True),
    version_column(),
    check("ended_at IS NULL OR ended_at >= named_at", "neighbour_ends_after_it_begins"),
    foreign(["order_id"], ["orders.id"], "neighbour_is_of_an_order"),
)
unique_where("one_neighbour", neighbours, ["order_id"], "ended_at IS NULL")

slot_places = sa.Table(
    "slot_places",
    METADATA,
    key_column("id"),
    text_column("slot"),
    int_column("number"),
    text_column("order_id"),
    text_column("station_id"),
    at_column("earliest_at"),
    at_column("latest_at"),
    at_column("taken_at"),
    at_column("ended_at", optional=True),
    version_column(),
    check("number >= 1", "slot_place_counts_from_one"),
    check("latest_at > earliest_at", "slot_ends_after_it_begins"),
    check("ended_at IS NULL OR ended_at >= taken_at", "slot_place_ends_after_it_is_taken"),
    foreign(["order_id"], ["orders.id"], "slot_place_is_of_an_order"),
)
unique_where("slot_place_is_taken_once", slot_places, ["slot", "number"], "ended_at IS NULL")
unique_where("order_has_one_slot_place", slot_places, ["order_id"], "ended_at IS NULL")
