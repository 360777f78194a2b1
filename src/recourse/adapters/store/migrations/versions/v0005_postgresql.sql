CREATE TABLE api_keys (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    note TEXT NOT NULL,
    digest TEXT NOT NULL,
    scopes JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT key_is_kept_as_a_digest CHECK (length(digest) = 64)
)

--

CREATE TABLE accounts (
    id TEXT NOT NULL,
    role TEXT NOT NULL,
    password_digest TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    is_off BOOLEAN NOT NULL,
    n_wrong BIGINT NOT NULL,
    blocked_until_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT account_has_a_role CHECK (role IN ('admin', 'dispatcher', 'viewer')),
    CONSTRAINT password_is_kept_as_a_digest CHECK (substr(password_digest, 1, 10) = '$argon2id$')
)

--

CREATE TABLE login_codes (
    courier_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    n_wrong BIGINT NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (courier_id),
    CONSTRAINT code_is_kept_as_a_digest CHECK (length(digest) = 64),
    CONSTRAINT code_is_for_a_courier FOREIGN KEY(courier_id) REFERENCES couriers (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE TABLE sessions (
    digest TEXT NOT NULL,
    role TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (digest),
    CONSTRAINT session_is_kept_as_a_digest CHECK (length(digest) = 64)
)
