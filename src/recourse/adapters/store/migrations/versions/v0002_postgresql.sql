CREATE TABLE reopenings (
    order_id TEXT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    case_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (order_id, ended_at),
    CONSTRAINT reopening_has_a_reason CHECK (why <> ''),
    CONSTRAINT reopening_is_of_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
)

--

DROP TRIGGER order_end_is_final_update ON orders

--

CREATE FUNCTION order_end_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.status = 'recovering' AND OLD.status IN ('canceled', 'expired', 'failed', 'lost') AND EXISTS (SELECT 1 FROM reopenings AS word WHERE word.order_id = OLD.id AND word.ended_at = OLD.ended_at)) THEN
        RAISE EXCEPTION 'order_end_is_final'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'order_end_is_final';
    END IF;
    RETURN NEW;
END $$

--

CREATE TRIGGER order_end_is_final_update BEFORE UPDATE ON orders
FOR EACH ROW WHEN (OLD.status IN ('canceled', 'delivered', 'expired', 'failed', 'lost', 'returned') AND NEW.status <> OLD.status) EXECUTE FUNCTION order_end_is_final()

--

CREATE TRIGGER reopenings_are_append_only_update BEFORE UPDATE ON reopenings FOR EACH ROW EXECUTE FUNCTION refuse('reopenings_are_append_only')

--

CREATE TRIGGER reopenings_are_append_only_delete BEFORE DELETE ON reopenings FOR EACH ROW EXECUTE FUNCTION refuse('reopenings_are_append_only')
