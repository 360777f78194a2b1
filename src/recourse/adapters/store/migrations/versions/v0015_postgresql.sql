CREATE TABLE slot_places (
    id TEXT NOT NULL,
    slot TEXT NOT NULL,
    number BIGINT NOT NULL,
    order_id TEXT NOT NULL,
    station_id TEXT NOT NULL,
    earliest_at TIMESTAMP WITH TIME ZONE NOT NULL,
    latest_at TIMESTAMP WITH TIME ZONE NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT slot_place_counts_from_one CHECK (number >= 1),
    CONSTRAINT slot_ends_after_it_begins CHECK (latest_at > earliest_at),
    CONSTRAINT slot_place_ends_after_it_is_taken CHECK (ended_at IS NULL OR ended_at >= taken_at),
    CONSTRAINT slot_place_is_of_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE UNIQUE INDEX slot_place_is_taken_once ON slot_places (slot, number) WHERE ended_at IS NULL

--

CREATE UNIQUE INDEX order_has_one_slot_place ON slot_places (order_id) WHERE ended_at IS NULL
