ALTER TABLE remedies ADD COLUMN days BIGINT NOT NULL DEFAULT 0

--

ALTER TABLE remedies ADD COLUMN item TEXT NOT NULL DEFAULT ''

--

ALTER TABLE remedies ADD COLUMN stock TEXT NOT NULL DEFAULT ''

--

CREATE TABLE entitlements (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    worth_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    from_at TEXT NOT NULL,
    until_at TEXT NOT NULL,
    item TEXT NOT NULL,
    state TEXT NOT NULL,
    ended_at TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT entitlement_is_worth_something CHECK (worth_cents > 0),
    CONSTRAINT entitlement_ends_after_it_begins CHECK (until_at > from_at),
    CONSTRAINT entitlement_end_has_its_time CHECK ((state = 'open') = (ended_at IS NULL)),
    CONSTRAINT entitlement_is_of_a_remedy FOREIGN KEY(id) REFERENCES remedies (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE INDEX entitlements_by_customer ON entitlements (customer_id, id)

--

CREATE TABLE budgets (
    id TEXT NOT NULL,
    most BIGINT NOT NULL,
    used BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT budget_is_not_given_back CHECK (used >= 0),
    CONSTRAINT budget_is_not_overdrawn CHECK (used <= most)
)
