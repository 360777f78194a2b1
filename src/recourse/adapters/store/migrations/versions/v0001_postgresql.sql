CREATE TABLE commands (
    number BIGSERIAL NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    payload JSONB NOT NULL,
    order_id TEXT NOT NULL,
    courier_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    ready_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fence BIGINT DEFAULT '0' NOT NULL,
    attempt BIGINT DEFAULT '0' NOT NULL,
    worker TEXT DEFAULT '' NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    parked_at TIMESTAMP WITH TIME ZONE,
    error TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (number),
    CONSTRAINT command_is_stored_once UNIQUE (key)
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
    start JSONB NOT NULL,
    shift_start_at TIMESTAMP WITH TIME ZONE NOT NULL,
    shift_end_at TIMESTAMP WITH TIME ZONE NOT NULL,
    capacity_g BIGINT NOT NULL,
    capacity_ml BIGINT NOT NULL,
    state TEXT NOT NULL,
    state_since_at TIMESTAMP WITH TIME ZONE NOT NULL,
    station_id TEXT NOT NULL,
    duty_since_at TIMESTAMP WITH TIME ZONE,
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
    key TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    currency TEXT NOT NULL,
    postings JSONB NOT NULL,
    memo TEXT NOT NULL,
    PRIMARY KEY (key)
)

--

CREATE TABLE events (
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    order_id TEXT NOT NULL,
    courier_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    data JSONB NOT NULL,
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
    key TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    locale TEXT NOT NULL,
    text TEXT NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    case_id TEXT NOT NULL,
    latest_at TIMESTAMP WITH TIME ZONE,
    number BIGINT NOT NULL,
    PRIMARY KEY (key),
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
    pickup JSONB NOT NULL,
    dropoff JSONB NOT NULL,
    pickup_ready_at TIMESTAMP WITH TIME ZONE NOT NULL,
    promise JSONB NOT NULL,
    first_promise JSONB NOT NULL,
    customer JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    station_id TEXT NOT NULL,
    step TEXT,
    weight_g BIGINT NOT NULL,
    volume_ml BIGINT NOT NULL,
    service_s BIGINT NOT NULL,
    is_perishable BOOLEAN NOT NULL,
    value_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
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
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    features JSONB NOT NULL,
    has_failed BOOLEAN NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY (assignment_id)
)

--

CREATE INDEX outcomes_by_end ON outcomes (ended_at, assignment_id)

--

CREATE TABLE progress (
    courier_id TEXT NOT NULL,
    lon DOUBLE PRECISION NOT NULL,
    lat DOUBLE PRECISION NOT NULL,
    pinged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    still_since_at TIMESTAMP WITH TIME ZONE,
    next_arrival_at TIMESTAMP WITH TIME ZONE,
    delay_s BIGINT NOT NULL,
    is_silent BOOLEAN NOT NULL,
    p_drop DOUBLE PRECISION NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (courier_id),
    CONSTRAINT risk_is_a_probability CHECK (p_drop >= 0 AND p_drop <= 1)
)

--

CREATE TABLE replies (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (caller, key)
)

--

CREATE TABLE road_events (
    id TEXT NOT NULL,
    lon DOUBLE PRECISION NOT NULL,
    lat DOUBLE PRECISION NOT NULL,
    radius_m BIGINT NOT NULL,
    factor DOUBLE PRECISION NOT NULL,
    from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    stops JSONB NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    place JSONB NOT NULL,
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
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    offer_id TEXT NOT NULL,
    accepted_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    reason JSONB,
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
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    promised_by TIMESTAMP WITH TIME ZONE NOT NULL,
    held_by TEXT NOT NULL,
    decision JSONB,
    n_decisions BIGINT NOT NULL,
    n_offers BIGINT NOT NULL,
    n_notices BIGINT NOT NULL,
    n_remedies BIGINT NOT NULL,
    offer_id TEXT NOT NULL,
    excluded JSONB NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE,
    new_courier_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
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
    given_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT consent_is_given_once UNIQUE (order_id, site_id),
    CONSTRAINT consent_is_for_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE TABLE offers (
    id TEXT NOT NULL,
    courier_id TEXT NOT NULL,
    order_ids JSONB NOT NULL,
    status TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deadline_at TIMESTAMP WITH TIME ZONE NOT NULL,
    pay_cents BIGINT NOT NULL,
    bonus_cents BIGINT NOT NULL,
    case_ids JSONB NOT NULL,
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
    from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE,
    place JSONB,
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
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT one_remedy UNIQUE (case_id, kind, beneficiary_id),
    CONSTRAINT remedy_is_positive CHECK (amount_cents > 0),
    CONSTRAINT remedy_is_for_a_case FOREIGN KEY(case_id) REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        MESSAGE = TG_ARGV[0], ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
END $$

--

CREATE TRIGGER order_end_is_final_update BEFORE UPDATE ON orders FOR EACH ROW WHEN (OLD.status IN ('canceled', 'delivered', 'expired', 'failed', 'lost', 'returned') AND NEW.status <> OLD.status) EXECUTE FUNCTION refuse('order_end_is_final')

--

CREATE TRIGGER order_beginning_stays_update BEFORE UPDATE ON orders FOR EACH ROW WHEN (NEW.created_at <> OLD.created_at) EXECUTE FUNCTION refuse('order_beginning_stays')

--

CREATE TRIGGER assignment_end_is_final_update BEFORE UPDATE ON assignments FOR EACH ROW WHEN (OLD.status IN ('completed', 'declined', 'lapsed', 'offer_expired', 'revoked', 'transferred', 'withdrawn') AND NEW.status <> OLD.status) EXECUTE FUNCTION refuse('assignment_end_is_final')

--

CREATE TRIGGER offer_end_is_final_update BEFORE UPDATE ON offers FOR EACH ROW WHEN (OLD.status IN ('accepted', 'declined', 'expired', 'revoked') AND NEW.status <> OLD.status) EXECUTE FUNCTION refuse('offer_end_is_final')

--

CREATE TRIGGER custody_is_not_rewritten_update BEFORE UPDATE ON custody FOR EACH ROW WHEN (OLD.until_at IS NOT NULL OR NEW.custodian <> OLD.custodian OR NEW.holder_id <> OLD.holder_id OR NEW.from_at <> OLD.from_at) EXECUTE FUNCTION refuse('custody_is_not_rewritten')

--

CREATE TRIGGER command_done_stays_done_update BEFORE UPDATE ON commands FOR EACH ROW WHEN (OLD.done_at IS NOT NULL) EXECUTE FUNCTION refuse('command_done_stays_done')

--

CREATE TRIGGER order_first_promise_stays_update BEFORE UPDATE ON orders FOR EACH ROW WHEN (NEW.first_promise <> OLD.first_promise) EXECUTE FUNCTION refuse('order_first_promise_stays')

--

CREATE TRIGGER events_are_append_only_update BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse('events_are_append_only')

--

CREATE TRIGGER ledger_is_append_only_update BEFORE UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION refuse('ledger_is_append_only')

--

CREATE TRIGGER notices_are_append_only_update BEFORE UPDATE ON notices FOR EACH ROW EXECUTE FUNCTION refuse('notices_are_append_only')

--

CREATE TRIGGER consents_are_append_only_update BEFORE UPDATE ON consents FOR EACH ROW EXECUTE FUNCTION refuse('consents_are_append_only')

--

CREATE TRIGGER events_are_append_only_delete BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse('events_are_append_only')

--

CREATE TRIGGER ledger_is_append_only_delete BEFORE DELETE ON entries FOR EACH ROW EXECUTE FUNCTION refuse('ledger_is_append_only')

--

CREATE TRIGGER notices_are_append_only_delete BEFORE DELETE ON notices FOR EACH ROW EXECUTE FUNCTION refuse('notices_are_append_only')

--

CREATE TRIGGER consents_are_append_only_delete BEFORE DELETE ON consents FOR EACH ROW EXECUTE FUNCTION refuse('consents_are_append_only')

--

CREATE TRIGGER order_is_never_deleted_delete BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION refuse('order_is_never_deleted')

--

CREATE TRIGGER custody_is_never_deleted_delete BEFORE DELETE ON custody FOR EACH ROW EXECUTE FUNCTION refuse('custody_is_never_deleted')

--

CREATE TRIGGER assignment_is_never_deleted_delete BEFORE DELETE ON assignments FOR EACH ROW EXECUTE FUNCTION refuse('assignment_is_never_deleted')

--

CREATE TRIGGER case_is_never_deleted_delete BEFORE DELETE ON cases FOR EACH ROW EXECUTE FUNCTION refuse('case_is_never_deleted')

--

CREATE TRIGGER remedy_is_never_deleted_delete BEFORE DELETE ON remedies FOR EACH ROW EXECUTE FUNCTION refuse('remedy_is_never_deleted')

--

CREATE TRIGGER command_is_never_deleted_delete BEFORE DELETE ON commands FOR EACH ROW EXECUTE FUNCTION refuse('command_is_never_deleted')

--

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

--

CREATE TRIGGER ledger_sums_to_zero_insert BEFORE INSERT ON entries
FOR EACH ROW EXECUTE FUNCTION ledger_sums_to_zero()

--

ALTER TABLE orders ADD COLUMN parcel_no bigint GENERATED ALWAYS AS IDENTITY

--

ALTER TABLE custody ADD COLUMN parcel_no bigint NOT NULL

--

CREATE FUNCTION custody_parcel_no() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.parcel_no := (SELECT orders.parcel_no FROM orders WHERE orders.id = NEW.order_id);
    RETURN NEW;
END $$

--

CREATE TRIGGER custody_parcel_no_insert BEFORE INSERT ON custody
FOR EACH ROW EXECUTE FUNCTION custody_parcel_no()

--

ALTER TABLE custody ADD CONSTRAINT custody_never_overlaps EXCLUDE USING gist (
    int8range(parcel_no, parcel_no, '[]') WITH &&,
    tstzrange(from_at, until_at) WITH &&
) DEFERRABLE INITIALLY DEFERRED

--

CREATE VIEW postings AS
SELECT entries.key AS entry_key, line.ordinality AS line, entries.at, entries.currency,
       line.value ->> 'account' AS account,
       (line.value ->> 'amount_cents')::bigint AS amount_cents
FROM entries, jsonb_array_elements(entries.postings) WITH ORDINALITY AS line(value, ordinality)

--

INSERT INTO tally (one, n_events, n_notices, n_marks) VALUES (1, 0, 0, 0)
