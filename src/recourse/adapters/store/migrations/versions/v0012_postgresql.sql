CREATE TABLE bonuses (
    assignment_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    courier_id TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    budget_id TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    merchant_budget_id TEXT NOT NULL,
    stage BIGINT NOT NULL,
    state TEXT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    PRIMARY KEY (assignment_id),
    CONSTRAINT bonus_is_worth_something CHECK (amount_cents > 0),
    CONSTRAINT bonus_stage_is_not_negative CHECK (stage >= 0),
    CONSTRAINT bonus_end_has_its_time CHECK ((state IN ('paid', 'released')) = (ended_at IS NOT NULL)),
    CONSTRAINT bonus_is_of_an_assignment FOREIGN KEY(assignment_id) REFERENCES assignments (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT bonus_is_from_a_budget FOREIGN KEY(budget_id) REFERENCES budgets (id) DEFERRABLE INITIALLY DEFERRED
)

--

CREATE INDEX bonuses_by_budget ON bonuses (budget_id, state)

--

CREATE TRIGGER bonus_end_is_final_update BEFORE UPDATE ON bonuses FOR EACH ROW WHEN (OLD.state IN ('paid', 'released') AND NEW.state <> OLD.state) EXECUTE FUNCTION refuse('bonus_end_is_final')

--

CREATE TRIGGER bonus_amount_stays_update BEFORE UPDATE ON bonuses FOR EACH ROW WHEN (NEW.amount_cents <> OLD.amount_cents) EXECUTE FUNCTION refuse('bonus_amount_stays')

--

CREATE TRIGGER bonus_is_never_deleted_delete BEFORE DELETE ON bonuses FOR EACH ROW EXECUTE FUNCTION refuse('bonus_is_never_deleted')
