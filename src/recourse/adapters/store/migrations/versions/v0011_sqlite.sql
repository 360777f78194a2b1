CREATE TABLE counters (
    id TEXT NOT NULL,
    times TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id)
)
