CREATE TRIGGER custody_is_not_rewritten_update BEFORE UPDATE ON custody WHEN OLD.until_at IS NOT NULL AND (NEW.place IS NOT NULL OR NEW.until_at IS NULL OR NEW.until_at <> OLD.until_at) OR NEW.custodian <> OLD.custodian OR NEW.holder_id <> OLD.holder_id OR NEW.from_at <> OLD.from_at BEGIN SELECT RAISE(ABORT, 'custody_is_not_rewritten'); END

--

CREATE TRIGGER events_are_append_only_update BEFORE UPDATE ON events WHEN NOT (OLD.salt IS NOT NULL AND NEW.salt IS NULL AND NEW.number = OLD.number AND NEW.name = OLD.name AND NEW.at = OLD.at AND NEW.recorded_at = OLD.recorded_at AND NEW.order_id = OLD.order_id AND NEW.courier_id = OLD.courier_id AND NEW.case_id = OLD.case_id AND NEW.digest = OLD.digest AND NEW.chain = OLD.chain) BEGIN SELECT RAISE(ABORT, 'events_are_append_only'); END

--

CREATE TRIGGER notices_are_append_only_update BEFORE UPDATE ON notices WHEN NOT (NEW.text = '' AND NEW.key = OLD.key AND NEW.order_id = OLD.order_id AND NEW.kind = OLD.kind AND NEW.locale = OLD.locale AND NEW.sent_at = OLD.sent_at AND NEW.case_id = OLD.case_id AND coalesce(NEW.latest_at = OLD.latest_at, NEW.latest_at IS NULL AND OLD.latest_at IS NULL) AND NEW.number = OLD.number) BEGIN SELECT RAISE(ABORT, 'notices_are_append_only'); END
