CREATE TABLE counters (
    id TEXT NOT NULL,
    times JSONB NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id)
)
