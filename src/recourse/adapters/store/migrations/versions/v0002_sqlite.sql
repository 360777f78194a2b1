CREATE TABLE reopenings (
    order_id TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    case_id TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (order_id, ended_at),
    CONSTRAINT reopening_has_a_reason CHECK (why <> ''),
    CONSTRAINT reopening_is_of_an_order FOREIGN KEY(order_id) REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
)

--

DROP TRIGGER order_end_is_final_update

--

CREATE TRIGGER order_end_is_final_update BEFORE UPDATE ON orders WHEN OLD.status IN ('canceled', 'delivered', 'expired', 'failed', 'lost', 'returned') AND NEW.status <> OLD.status AND NOT (NEW.status = 'recovering' AND OLD.status IN ('canceled', 'expired', 'failed', 'lost') AND EXISTS (SELECT 1 FROM reopenings AS word WHERE word.order_id = OLD.id AND word.ended_at = OLD.ended_at)) BEGIN SELECT RAISE(ABORT, 'order_end_is_final'); END

--

CREATE TRIGGER reopenings_are_append_only_update BEFORE UPDATE ON reopenings BEGIN SELECT RAISE(ABORT, 'reopenings_are_append_only'); END

--

CREATE TRIGGER reopenings_are_append_only_delete BEFORE DELETE ON reopenings BEGIN SELECT RAISE(ABORT, 'reopenings_are_append_only'); END
