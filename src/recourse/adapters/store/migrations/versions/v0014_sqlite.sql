CREATE TABLE identities (
    account_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    began_at TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (account_id),
    CONSTRAINT identity_is_known_once UNIQUE (issuer, subject),
    CONSTRAINT identity_names_somebody CHECK (issuer <> '' AND subject <> ''),
    CONSTRAINT identity_has_an_account FOREIGN KEY(account_id) REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED
)
