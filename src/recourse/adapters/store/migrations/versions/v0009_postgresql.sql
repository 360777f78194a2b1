CREATE TABLE neighbours (
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    name TEXT NOT NULL,
    door TEXT NOT NULL,
    named_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT neighbour_ends_after_it_begins CHECK (ended_at IS NULL OR ended_at >= named_at),
    CONSTRAINT neighbour_is_of_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE UNIQUE INDEX one_neighbour ON neighbours (order_id) WHERE ended_at IS NULL

--

CREATE FUNCTION neighbour_needs_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.custodian = 'neighbour' AND NOT EXISTS (SELECT 1 FROM consents AS yes JOIN neighbours AS named ON named.id = yes.site_id AND named.ended_at IS NULL WHERE yes.order_id = NEW.order_id AND yes.site_id = NEW.holder_id) THEN
        RAISE EXCEPTION 'neighbour_needs_consent'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'neighbour_needs_consent';
    END IF;
    RETURN NEW;
END $$

--

CREATE TRIGGER neighbour_needs_consent_insert BEFORE INSERT ON custody
FOR EACH ROW EXECUTE FUNCTION neighbour_needs_consent()
