CREATE TABLE commands (
    number INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    name TEXT NOT NULL,
    due_at TEXT NOT NULL,
    payload TEXT NOT NULL,
    order_id TEXT NOT NULL,
    courier_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    ready_at TEXT NOT NULL,
    fence BIGINT DEFAULT '0' NOT NULL,
    attempt BIGINT DEFAULT '0' NOT NULL,
    worker TEXT DEFAULT '' NOT NULL,
    done_at TEXT,
    parked_at TEXT,
    error TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (number),
    CONSTRAINT command_is_stored_once UNIQUE ("key")
)

--

CREATE INDEX commands_parked ON commands (number) WHERE parked_at IS NOT NULL AND done_at IS NULL

--

CREATE INDEX commands_waiting ON commands (ready_at, number) WHERE done_at IS NULL AND parked_at IS NULL

--

CREATE TABLE couriers (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    vehicle TEXT NOT NULL,
    contract TEXT NOT NULL,
    start TEXT NOT NULL,
    shift_start_at TEXT NOT NULL,
    shift_end_at TEXT NOT NULL,
    capacity_g BIGINT NOT NULL,
    capacity_ml BIGINT NOT NULL,
    state TEXT NOT NULL,
    state_since_at TEXT NOT NULL,
    station_id TEXT NOT NULL,
    duty_since_at TEXT,
    orders_before BIGINT NOT NULL,
    worked_s BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT courier_capacity_is_not_negative CHECK (capacity_g >= 0 AND capacity_ml >= 0),
    CONSTRAINT courier_shift_ends_after_it_starts CHECK (shift_end_at >= shift_start_at)
)

--

CREATE INDEX couriers_by_state ON couriers (state)

--

CREATE TABLE entries (
    "key" TEXT NOT NULL,
    at TEXT NOT NULL,
    currency TEXT NOT NULL,
    postings TEXT NOT NULL,
    memo TEXT NOT NULL,
    PRIMARY KEY ("key")
)

--

CREATE TABLE events (
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    order_id TEXT NOT NULL,
    courier_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (number)
)

--

CREATE INDEX events_by_case ON events (case_id, number) WHERE case_id <> ''

--

CREATE INDEX events_by_courier ON events (courier_id, number) WHERE courier_id <> ''

--

CREATE INDEX events_by_name ON events (name, number)

--

CREATE INDEX events_by_order ON events (order_id, number) WHERE order_id <> ''

--

CREATE TABLE notices (
    "key" TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    locale TEXT NOT NULL,
    text TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    case_id TEXT NOT NULL,
    latest_at TEXT,
    number BIGINT NOT NULL,
    PRIMARY KEY ("key"),
    UNIQUE (number)
)

--

CREATE INDEX notices_by_order ON notices (order_id, number)

--

CREATE TABLE orders (
    id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    pickup TEXT NOT NULL,
    dropoff TEXT NOT NULL,
    pickup_ready_at TEXT NOT NULL,
    promise TEXT NOT NULL,
    first_promise TEXT NOT NULL,
    customer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    station_id TEXT NOT NULL,
    step TEXT,
    weight_g BIGINT NOT NULL,
    volume_ml BIGINT NOT NULL,
    service_s BIGINT NOT NULL,
    is_perishable BOOLEAN NOT NULL,
    value_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    ended_at TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT order_is_admitted_once UNIQUE (merchant_id, external_id),
    CONSTRAINT order_end_has_its_time CHECK ((status IN ('canceled', 'delivered', 'expired', 'failed', 'lost', 'returned')) = (ended_at IS NOT NULL)),
    CONSTRAINT order_step_only_while_recovering CHECK (step IS NULL OR status = 'recovering'),
    CONSTRAINT order_size_is_not_negative CHECK (weight_g >= 0 AND volume_ml >= 0 AND service_s >= 0),
    CONSTRAINT order_value_is_not_negative CHECK (value_cents >= 0)
)

--

CREATE INDEX orders_by_status ON orders (status, station_id, created_at)

--

CREATE TABLE outcomes (
    assignment_id TEXT NOT NULL,
    began_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    features TEXT NOT NULL,
    has_failed BOOLEAN NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY (assignment_id)
)

--

CREATE INDEX outcomes_by_end ON outcomes (ended_at, assignment_id)

--

CREATE TABLE progress (
    courier_id TEXT NOT NULL,
    lon DOUBLE NOT NULL,
    lat DOUBLE NOT NULL,
    pinged_at TEXT NOT NULL,
    still_since_at TEXT,
    next_arrival_at TEXT,
    delay_s BIGINT NOT NULL,
    is_silent BOOLEAN NOT NULL,
    p_drop DOUBLE NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (courier_id),
    CONSTRAINT risk_is_a_probability CHECK (p_drop >= 0 AND p_drop <= 1)
)

--

CREATE TABLE replies (
    caller TEXT NOT NULL,
    "key" TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (caller, "key")
)

--

CREATE TABLE road_events (
    id TEXT NOT NULL,
    lon DOUBLE NOT NULL,
    lat DOUBLE NOT NULL,
    radius_m BIGINT NOT NULL,
    factor DOUBLE NOT NULL,
    from_at TEXT NOT NULL,
    until_at TEXT NOT NULL,
    source TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT road_factor_is_not_negative CHECK (factor >= 0)
)

--

CREATE INDEX road_events_by_end ON road_events (until_at)

--

CREATE TABLE routes (
    courier_id TEXT NOT NULL,
    stops TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    version BIGINT NOT NULL,
    mark BIGINT NOT NULL,
    PRIMARY KEY (courier_id)
)

--

CREATE INDEX routes_by_mark ON routes (mark)

--

CREATE TABLE sites (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    capacity_parcels BIGINT NOT NULL,
    opens_s BIGINT NOT NULL,
    closes_s BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT site_capacity_is_not_negative CHECK (capacity_parcels >= 0)
)

--

CREATE TABLE tally (
    one INTEGER NOT NULL,
    n_events BIGINT NOT NULL,
    n_notices BIGINT NOT NULL,
    n_marks BIGINT NOT NULL,
    PRIMARY KEY (one),
    CONSTRAINT tally_has_one_row CHECK (one = 1)
)

--

CREATE TABLE assignments (
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    courier_id TEXT NOT NULL,
    status TEXT NOT NULL,
    began_at TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    accepted_at TEXT,
    ended_at TEXT,
    reason TEXT,
    bonus_cents BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT assignment_bonus_is_not_negative CHECK (bonus_cents >= 0),
    CONSTRAINT assignment_is_of_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT assignment_is_of_a_courier FOREIGN KEY(courier_id) REFERENCES couriers (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE INDEX assignments_by_courier ON assignments (courier_id, status)

--

CREATE INDEX assignments_by_order ON assignments (order_id, began_at)

--

CREATE UNIQUE INDEX one_live_assignment ON assignments (order_id) WHERE status IN ('accepted', 'active')

--

CREATE UNIQUE INDEX one_offered_assignment ON assignments (order_id, status) WHERE status = 'offered'

--

CREATE TABLE cases (
    id TEXT NOT NULL,
    disruption_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    from_courier_id TEXT NOT NULL,
    status TEXT NOT NULL,
    cause TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    promised_by TEXT NOT NULL,
    held_by TEXT NOT NULL,
    decision TEXT,
    n_decisions BIGINT NOT NULL,
    n_offers BIGINT NOT NULL,
    n_notices BIGINT NOT NULL,
    n_remedies BIGINT NOT NULL,
    offer_id TEXT NOT NULL,
    excluded TEXT NOT NULL,
    told_at TEXT,
    new_courier_at TEXT,
    closed_at TEXT,
    outcome TEXT NOT NULL,
    protocol BIGINT NOT NULL,
    policy BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT case_is_of_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT case_end_has_its_time CHECK ((status = 'closed') = (closed_at IS NOT NULL))
)

--

CREATE INDEX cases_by_disruption ON cases (disruption_id)

--

CREATE INDEX cases_by_order ON cases (order_id, opened_at)

--

CREATE INDEX cases_by_status ON cases (status, opened_at)

--

CREATE UNIQUE INDEX one_open_case ON cases (order_id) WHERE status <> 'closed'

--

CREATE TABLE consents (
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    given_at TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT consent_is_given_once UNIQUE (order_id, site_id),
    CONSTRAINT consent_is_for_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE TABLE offers (
    id TEXT NOT NULL,
    courier_id TEXT NOT NULL,
    order_ids TEXT NOT NULL,
    status TEXT NOT NULL,
    made_at TEXT NOT NULL,
    deadline_at TEXT NOT NULL,
    pay_cents BIGINT NOT NULL,
    bonus_cents BIGINT NOT NULL,
    case_ids TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT offer_pay_is_not_negative CHECK (pay_cents >= 0 AND bonus_cents >= 0),
    CONSTRAINT offer_deadline_is_later CHECK (deadline_at >= made_at),
    CONSTRAINT offer_is_to_a_courier FOREIGN KEY(courier_id) REFERENCES couriers (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE INDEX offers_open ON offers (courier_id) WHERE status = 'open'

--

CREATE TABLE custody (
    order_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    custodian TEXT NOT NULL,
    holder_id TEXT NOT NULL,
    from_at TEXT NOT NULL,
    until_at TEXT,
    place TEXT,
    version BIGINT NOT NULL,
    predecessor BIGINT GENERATED ALWAYS AS (CASE WHEN number > 1 THEN number - 1 END) STORED,
    successor BIGINT GENERATED ALWAYS AS (CASE WHEN until_at IS NOT NULL THEN number + 1 END) STORED,
    point_id TEXT GENERATED ALWAYS AS (CASE WHEN custodian = 'point' THEN holder_id END) STORED,
    PRIMARY KEY (order_id, number),
    CONSTRAINT custody_begins_once UNIQUE (order_id, number, from_at),
    CONSTRAINT custody_ends_once UNIQUE (order_id, number, until_at),
    CONSTRAINT custody_counts_from_one CHECK (number >= 1),
    CONSTRAINT custody_ends_after_it_begins CHECK (until_at IS NULL OR until_at >= from_at),
    CONSTRAINT custody_is_of_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT custody_has_predecessor FOREIGN KEY(order_id, predecessor, from_at) REFERENCES custody (order_id, number, until_at) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT custody_has_successor FOREIGN KEY(order_id, successor, until_at) REFERENCES custody (order_id, number, from_at) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT point_needs_consent FOREIGN KEY(order_id, point_id) REFERENCES consents (order_id, site_id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE UNIQUE INDEX one_custodian ON custody (order_id) WHERE until_at IS NULL

--

CREATE TABLE remedies (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    beneficiary_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    rule TEXT NOT NULL,
    granted_at TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT one_remedy UNIQUE (case_id, kind, beneficiary_id),
    CONSTRAINT remedy_is_positive CHECK (amount_cents > 0),
    CONSTRAINT remedy_is_for_a_case FOREIGN KEY(case_id) REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE TRIGGER order_end_is_final_update BEFORE UPDATE ON orders WHEN OLD.status IN ('canceled', 'delivered', 'expired', 'failed', 'lost', 'returned') AND NEW.status <> OLD.status BEGIN SELECT RAISE(ABORT, 'order_end_is_final'); END

--

CREATE TRIGGER order_beginning_stays_update BEFORE UPDATE ON orders WHEN NEW.created_at <> OLD.created_at BEGIN SELECT RAISE(ABORT, 'order_beginning_stays'); END

--

CREATE TRIGGER assignment_end_is_final_update BEFORE UPDATE ON assignments WHEN OLD.status IN ('completed', 'declined', 'lapsed', 'offer_expired', 'revoked', 'transferred', 'withdrawn') AND NEW.status <> OLD.status BEGIN SELECT RAISE(ABORT, 'assignment_end_is_final'); END

--

CREATE TRIGGER offer_end_is_final_update BEFORE UPDATE ON offers WHEN OLD.status IN ('accepted', 'declined', 'expired', 'revoked') AND NEW.status <> OLD.status BEGIN SELECT RAISE(ABORT, 'offer_end_is_final'); END

--

CREATE TRIGGER custody_is_not_rewritten_update BEFORE UPDATE ON custody WHEN OLD.until_at IS NOT NULL OR NEW.custodian <> OLD.custodian OR NEW.holder_id <> OLD.holder_id OR NEW.from_at <> OLD.from_at BEGIN SELECT RAISE(ABORT, 'custody_is_not_rewritten'); END

--

CREATE TRIGGER command_done_stays_done_update BEFORE UPDATE ON commands WHEN OLD.done_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'command_done_stays_done'); END

--

CREATE TRIGGER order_first_promise_stays_update BEFORE UPDATE ON orders WHEN json_extract(NEW.first_promise, '$.earliest_at') <> json_extract(OLD.first_promise, '$.earliest_at') OR json_extract(NEW.first_promise, '$.latest_at') <> json_extract(OLD.first_promise, '$.latest_at') OR json_extract(NEW.first_promise, '$.told_at') <> json_extract(OLD.first_promise, '$.told_at') BEGIN SELECT RAISE(ABORT, 'order_first_promise_stays'); END

--

CREATE TRIGGER events_are_append_only_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events_are_append_only'); END

--

CREATE TRIGGER ledger_is_append_only_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END

--

CREATE TRIGGER notices_are_append_only_update BEFORE UPDATE ON notices BEGIN SELECT RAISE(ABORT, 'notices_are_append_only'); END

--

CREATE TRIGGER consents_are_append_only_update BEFORE UPDATE ON consents BEGIN SELECT RAISE(ABORT, 'consents_are_append_only'); END

--

CREATE TRIGGER events_are_append_only_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events_are_append_only'); END

--

CREATE TRIGGER ledger_is_append_only_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END

--

CREATE TRIGGER notices_are_append_only_delete BEFORE DELETE ON notices BEGIN SELECT RAISE(ABORT, 'notices_are_append_only'); END

--

CREATE TRIGGER consents_are_append_only_delete BEFORE DELETE ON consents BEGIN SELECT RAISE(ABORT, 'consents_are_append_only'); END

--

CREATE TRIGGER order_is_never_deleted_delete BEFORE DELETE ON orders BEGIN SELECT RAISE(ABORT, 'order_is_never_deleted'); END

--

CREATE TRIGGER custody_is_never_deleted_delete BEFORE DELETE ON custody BEGIN SELECT RAISE(ABORT, 'custody_is_never_deleted'); END

--

CREATE TRIGGER assignment_is_never_deleted_delete BEFORE DELETE ON assignments BEGIN SELECT RAISE(ABORT, 'assignment_is_never_deleted'); END

--

CREATE TRIGGER case_is_never_deleted_delete BEFORE DELETE ON cases BEGIN SELECT RAISE(ABORT, 'case_is_never_deleted'); END

--

CREATE TRIGGER remedy_is_never_deleted_delete BEFORE DELETE ON remedies BEGIN SELECT RAISE(ABORT, 'remedy_is_never_deleted'); END

--

CREATE TRIGGER command_is_never_deleted_delete BEFORE DELETE ON commands BEGIN SELECT RAISE(ABORT, 'command_is_never_deleted'); END

--

CREATE TRIGGER ledger_sums_to_zero_insert BEFORE INSERT ON entries
WHEN (SELECT coalesce(sum(json_extract(line.value, '$.amount_cents')), 1) <> 0
          OR count(*) < 2
          OR coalesce(min(abs(json_extract(line.value, '$.amount_cents'))), 0) = 0
          OR sum(json_type(line.value, '$.amount_cents') <> 'integer') <> 0
      FROM json_each(NEW.postings) AS line)
BEGIN SELECT RAISE(ABORT, 'ledger_sums_to_zero'); END

--

CREATE VIEW postings AS
SELECT entries.key AS entry_key, line.key + 1 AS line, entries.at, entries.currency,
       json_extract(line.value, '$.account') AS account,
       json_extract(line.value, '$.amount_cents') AS amount_cents
FROM entries, json_each(entries.postings) AS line

--

INSERT INTO tally (one, n_events, n_notices, n_marks) VALUES (1, 0, 0, 0)
