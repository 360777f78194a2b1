CREATE TABLE errands (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    peer TEXT NOT NULL,
    about TEXT NOT NULL,
    what TEXT NOT NULL,
    order_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    rank BIGINT NOT NULL,
    state TEXT NOT NULL,
    made_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    give_up_at TEXT NOT NULL,
    case_id TEXT NOT NULL,
    n_tries BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    detail TEXT NOT NULL,
    ended_at TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT errand_has_its_place UNIQUE (order_id, peer, rank),
    CONSTRAINT errand_is_given_once UNIQUE (peer, about),
    CONSTRAINT errand_counts_from_one CHECK (rank >= 1),
    CONSTRAINT errand_end_has_its_time CHECK ((state = 'waiting') = (ended_at IS NULL))
)

--

CREATE INDEX errands_by_person ON errands (person_id, made_at)

--

CREATE INDEX errands_by_state ON errands (state, made_at)

--

CREATE TABLE errand_tries (
    errand_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    act TEXT NOT NULL,
    began_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT NOT NULL,
    detail TEXT NOT NULL,
    ended_at TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (errand_id, number),
    CONSTRAINT try_is_of_an_errand FOREIGN KEY(errand_id) REFERENCES errands (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE TABLE push_subscriptions (
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    p256dh TEXT NOT NULL,
    auth TEXT NOT NULL,
    made_at TEXT NOT NULL,
    ended_at TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT push_is_about_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE INDEX push_subscriptions_by_order ON push_subscriptions (order_id)

--

CREATE TRIGGER errand_end_is_final_update BEFORE UPDATE ON errands WHEN OLD.state IN ('done', 'dropped', 'refused') AND NEW.state <> OLD.state BEGIN SELECT RAISE(ABORT, 'errand_end_is_final'); END

--

CREATE TRIGGER errand_is_never_deleted_delete BEFORE DELETE ON errands BEGIN SELECT RAISE(ABORT, 'errand_is_never_deleted'); END

--

DROP INDEX commands_waiting

--

DROP INDEX commands_outgoing

--

CREATE INDEX commands_waiting ON commands (ready_at, number) WHERE done_at IS NULL AND parked_at IS NULL AND name NOT IN ('errand', 'webhook')

--

CREATE INDEX commands_outgoing ON commands (ready_at, number) WHERE done_at IS NULL AND parked_at IS NULL AND name IN ('errand', 'webhook')
