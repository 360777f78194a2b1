CREATE TABLE links (
    digest TEXT NOT NULL,
    order_id TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (digest),
    CONSTRAINT link_is_made_once UNIQUE (order_id),
    CONSTRAINT link_is_kept_as_a_digest CHECK (length(digest) = 64),
    CONSTRAINT link_is_of_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
)
