CREATE TABLE webhook_endpoints (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    url TEXT NOT NULL,
    kinds JSONB NOT NULL,
    state TEXT NOT NULL,
    from_number BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    why TEXT NOT NULL,
    secret_number BIGINT NOT NULL,
    secret_changed_at TIMESTAMP WITH TIME ZONE,
    failing_since_at TIMESTAMP WITH TIME ZONE,
    n_failures BIGINT NOT NULL,
    quiet_until_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (id)
)

--

CREATE TABLE webhook_messages (
    id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    order_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    state TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    wanted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    n_sends BIGINT NOT NULL,
    n_tries BIGINT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT webhook_is_made_once UNIQUE (endpoint_id, number),
    CONSTRAINT webhook_sequence_is_given_once UNIQUE (endpoint_id, order_id, sequence),
    CONSTRAINT webhook_sequence_counts_from_one CHECK (sequence >= 1),
    CONSTRAINT webhook_end_has_its_time CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CONSTRAINT webhook_is_for_an_endpoint FOREIGN KEY(endpoint_id) REFERENCES webhook_endpoints (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE TABLE webhook_tries (
    message_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT NOT NULL,
    detail TEXT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (message_id, number),
    CONSTRAINT webhook_try_is_of_a_message FOREIGN KEY(message_id) REFERENCES webhook_messages (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE TABLE cursors (
    name TEXT NOT NULL,
    number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (name)
)

--

DROP INDEX commands_waiting

--

CREATE INDEX commands_waiting ON commands (ready_at, number) WHERE done_at IS NULL AND parked_at IS NULL AND name <> 'webhook'

--

CREATE INDEX commands_outgoing ON commands (ready_at, number) WHERE done_at IS NULL AND parked_at IS NULL AND name = 'webhook'
