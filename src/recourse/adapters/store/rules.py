"""This file knows the rules that take a trigger, in the words of each database."""

from recourse.adapters.store.schema import METADATA, ORDER_END_LIST, among
from recourse.model.assignments import ASSIGNMENT_MOVES, OFFER_MOVES
from recourse.model.bonuses import BONUS_ENDS
from recourse.model.errands import ErrandState
from recourse.model.orders import ORDER_REOPENS

__all__ = ["POSTGRESQL_RULES", "SQLITE_RULES"]

_ASSIGNMENT_ENDS = among(frozenset(str(s) for s, moves in ASSIGNMENT_MOVES.items() if not moves))
_BONUS_ENDS = among(frozenset(map(str, BONUS_ENDS)))
_OFFER_ENDS = among(frozenset(str(s) for s, moves in OFFER_MOVES.items() if not moves))


def _same(table: str, *but: str) -> str:
    """Every column of a table stays as it was, but these."""
    columns = [column for column in METADATA.tables[table].columns if column.name not in but]
    return " AND ".join(_is_same(column.name, optional=bool(column.nullable)) for column in columns)


def _is_same(name: str, *, optional: bool) -> str:
    """A column stays as it was; also where there is nothing in it."""
    same = f"NEW.{name} = OLD.{name}"
    return f"coalesce({same}, NEW.{name} IS NULL AND OLD.{name} IS NULL)" if optional else same


# What is known of an errand stays; what is not known may become known.
_ERRAND_KNOWN = among(
    frozenset(map(str, (ErrandState.DONE, ErrandState.REFUSED, ErrandState.DROPPED)))
)

# (rule, table, what it guards, when it refuses)
_UPDATES = (
    ("order_beginning_stays", "orders", "NEW.created_at <> OLD.created_at"),
    (
        "assignment_end_is_final",
        "assignments",
        f"OLD.status IN ({_ASSIGNMENT_ENDS}) AND NEW.status <> OLD.status",
    ),
    (
        "offer_end_is_final",
        "offers",
        f"OLD.status IN ({_OFFER_ENDS}) AND NEW.status <> OLD.status",
    ),
    (
        "custody_is_not_rewritten",
        "custody",
        (
            # Where a person was may be forgotten, and nothing else.
            "OLD.until_at IS NOT NULL AND (NEW.place IS NOT NULL OR NEW.until_at IS NULL"
            " OR NEW.until_at <> OLD.until_at) OR NEW.custodian <> OLD.custodian"
            " OR NEW.holder_id <> OLD.holder_id OR NEW.from_at <> OLD.from_at"
        ),
    ),
    ("command_done_stays_done", "commands", "OLD.done_at IS NOT NULL"),
    (
        "errand_end_is_final",
        "errands",
        f"OLD.state IN ({_ERRAND_KNOWN}) AND NEW.state <> OLD.state",
    ),
    (
        "bonus_end_is_final",
        "bonuses",
        f"OLD.state IN ({_BONUS_ENDS}) AND NEW.state <> OLD.state",
    ),
    ("bonus_amount_stays", "bonuses", "NEW.amount_cents <> OLD.amount_cents"),
    (
        # A person may be erased: the salt goes, and with it what was said; the links stay.
        "events_are_append_only",
        "events",
        f"NOT (OLD.salt IS NOT NULL AND NEW.salt IS NULL AND {_same('events', 'data', 'salt')})",
    ),
    (
        "notices_are_append_only",
        "notices",
        f"NOT (NEW.text = '' AND {_same('notices', 'text')})",
    ),
)
# An end is undone only by somebody's recorded word about this very end, and only where nobody has
# received anything. A WHEN clause of PostgreSQL may not look into another table: a function does.
_MAY_REOPEN = (
    f"NEW.status = 'recovering' AND OLD.status IN ({among(frozenset(map(str, ORDER_REOPENS)))})"  # noqa: S608
    " AND EXISTS (SELECT 1 FROM reopenings AS word"
    " WHERE word.order_id = OLD.id AND word.ended_at = OLD.ended_at)"
)
_ENDED = f"OLD.status IN ({ORDER_END_LIST}) AND NEW.status <> OLD.status"
_END_POSTGRESQL = (
    f"""
CREATE FUNCTION order_end_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT ({_MAY_REOPEN}) THEN
        RAISE EXCEPTION 'order_end_is_final'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'order_end_is_final';
    END IF;
    RETURN NEW;
END $$
""",
    f"""
CREATE TRIGGER order_end_is_final_update BEFORE UPDATE ON orders
FOR EACH ROW WHEN ({_ENDED}) EXECUTE FUNCTION order_end_is_final()
""",
)
# A parcel is left next door only with whom its customer named, said yes to, and did not take back.
_NO_YES = (
    "NEW.custodian = 'neighbour' AND NOT EXISTS (SELECT 1 FROM consents AS yes"
    " JOIN neighbours AS named ON named.id = yes.site_id AND named.ended_at IS NULL"
    " WHERE yes.order_id = NEW.order_id AND yes.site_id = NEW.holder_id)"
)
_NEIGHBOUR_POSTGRESQL = (
    f"""
CREATE FUNCTION neighbour_needs_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_NO_YES} THEN
        RAISE EXCEPTION 'neighbour_needs_consent'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'neighbour_needs_consent';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER neighbour_needs_consent_insert BEFORE INSERT ON custody
FOR EACH ROW EXECUTE FUNCTION neighbour_needs_consent()
""",
)
_FIRST_PROMISE = "order_first_promise_stays"
# Text of JSON may differ in nothing but the order of its keys, so SQLite compares what it means.
_FIRST_PROMISE_SQLITE = " OR ".join(
    f"json_extract(NEW.first_promise, '$.{end}') <> json_extract(OLD.first_promise, '$.{end}')"
    for end in ("earliest_at", "latest_at", "told_at")
)
_NO_UPDATE = (
    ("ledger_is_append_only", "entries"),
    ("consents_are_append_only", "consents"),
    ("reopenings_are_append_only", "reopenings"),
)
_NO_DELETE = (
    *_NO_UPDATE,
    ("events_are_append_only", "events"),
    ("notices_are_append_only", "notices"),
    ("order_is_never_deleted", "orders"),
    ("custody_is_never_deleted", "custody"),
    ("assignment_is_never_deleted", "assignments"),
    ("case_is_never_deleted", "cases"),
    ("remedy_is_never_deleted", "remedies"),
    ("bonus_is_never_deleted", "bonuses"),
    ("command_is_never_deleted", "commands"),
    ("errand_is_never_deleted", "errands"),
)


def _sqlite(rule: str, table: str, moment: str, when: str = "") -> str:
    """Trigger that refuses, on SQLite; the message is the name of the rule."""
    guard = f"WHEN {when} " if when else ""
    return (
        f"CREATE TRIGGER {rule}_{moment.lower()} BEFORE {moment} ON {table} {guard}"
        f"BEGIN SELECT RAISE(ABORT, '{rule}'); END"
    )


def _postgresql(rule: str, table: str, moment: str, when: str = "") -> str:
    """Trigger that refuses, on PostgreSQL; the shared function raises the name it is given."""
    guard = f"WHEN ({when}) " if when else ""
    return (
        f"CREATE TRIGGER {rule}_{moment.lower()} BEFORE {moment} ON {table} FOR EACH ROW {guard}"
        f"EXECUTE FUNCTION refuse('{rule}')"
    )


_ENTRY_SQLITE = """
CREATE TRIGGER ledger_sums_to_zero_insert BEFORE INSERT ON entries
WHEN (SELECT coalesce(sum(json_extract(line.value, '$.amount_cents')), 1) <> 0
          OR count(*) < 2
          OR coalesce(min(abs(json_extract(line.value, '$.amount_cents'))), 0) = 0
          OR sum(json_type(line.value, '$.amount_cents') <> 'integer') <> 0
      FROM json_each(NEW.postings) AS line)
BEGIN SELECT RAISE(ABORT, 'ledger_sums_to_zero'); END
"""
_ENTRY_POSTGRESQL = (
    """
CREATE FUNCTION ledger_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
    n_lines integer;
    least numeric;
BEGIN
    SELECT sum(line.amount_cents), count(*), coalesce(min(abs(line.amount_cents)), 0)
    INTO total, n_lines, least
    FROM jsonb_to_recordset(NEW.postings) AS line(amount_cents bigint);
    IF total IS DISTINCT FROM 0 OR n_lines < 2 OR least = 0 THEN
        RAISE EXCEPTION 'ledger_sums_to_zero'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_sums_to_zero';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER ledger_sums_to_zero_insert BEFORE INSERT ON entries
FOR EACH ROW EXECUTE FUNCTION ledger_sums_to_zero()
""",
)
_REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        MESSAGE = TG_ARGV[0], ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
END $$
"""
# Time ranges of one parcel may not overlap. The parcel has a number of its own because a plain
# server has no operator class that puts text into a GiST index beside a range.
_EXCLUSION = (
    "ALTER TABLE orders ADD COLUMN parcel_no bigint GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE custody ADD COLUMN parcel_no bigint NOT NULL",
    """
CREATE FUNCTION custody_parcel_no() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.parcel_no := (SELECT orders.parcel_no FROM orders WHERE orders.id = NEW.order_id);
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER custody_parcel_no_insert BEFORE INSERT ON custody
FOR EACH ROW EXECUTE FUNCTION custody_parcel_no()
""",
    """
ALTER TABLE custody ADD CONSTRAINT custody_never_overlaps EXCLUDE USING gist (
    int8range(parcel_no, parcel_no, '[]') WITH &&,
    tstzrange(from_at, until_at) WITH &&
) DEFERRABLE INITIALLY DEFERRED
""",
)
_POSTINGS_SQLITE = """
CREATE VIEW postings AS
SELECT entries.key AS entry_key, line.key + 1 AS line, entries.at, entries.currency,
       json_extract(line.value, '$.account') AS account,
       json_extract(line.value, '$.amount_cents') AS amount_cents
FROM entries, json_each(entries.postings) AS line
"""
_POSTINGS_POSTGRESQL = """
CREATE VIEW postings AS
SELECT entries.key AS entry_key, line.ordinality AS line, entries.at, entries.currency,
       line.value ->> 'account' AS account,
       (line.value ->> 'amount_cents')::bigint AS amount_cents
FROM entries, jsonb_array_elements(entries.postings) WITH ORDINALITY AS line(value, ordinality)
"""
_FIRST_TALLY = "INSERT INTO tally (one, n_events, n_notices, n_marks) VALUES (1, 0, 0, 0)"

SQLITE_RULES: tuple[str, ...] = (
    _sqlite("order_end_is_final", "orders", "UPDATE", f"{_ENDED} AND NOT ({_MAY_REOPEN})"),
    *(_sqlite(rule, table, "UPDATE", when) for rule, table, when in _UPDATES),
    _sqlite(_FIRST_PROMISE, "orders", "UPDATE", _FIRST_PROMISE_SQLITE),
    *(_sqlite(rule, table, "UPDATE") for rule, table in _NO_UPDATE),
    *(_sqlite(rule, table, "DELETE") for rule, table in _NO_DELETE),
    _sqlite("neighbour_needs_consent", "custody", "INSERT", _NO_YES),
    _ENTRY_SQLITE.strip(),
    _POSTINGS_SQLITE.strip(),
    _FIRST_TALLY,
)
POSTGRESQL_RULES: tuple[str, ...] = (
    _REFUSE.strip(),
    *(statement.strip() for statement in _END_POSTGRESQL),
    *(_postgresql(rule, table, "UPDATE", when) for rule, table, when in _UPDATES),
    _postgresql(_FIRST_PROMISE, "orders", "UPDATE", "NEW.first_promise <> OLD.first_promise"),
    *(_postgresql(rule, table, "UPDATE") for rule, table in _NO_UPDATE),
    *(_postgresql(rule, table, "DELETE") for rule, table in _NO_DELETE),
    *(statement.strip() for statement in _NEIGHBOUR_POSTGRESQL),
    *(statement.strip() for statement in _ENTRY_POSTGRESQL),
    *(statement.strip() for statement in _EXCLUSION),
    _POSTINGS_POSTGRESQL.strip(),
    _FIRST_TALLY,
)
