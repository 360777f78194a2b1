DROP TRIGGER custody_is_not_rewritten_update ON custody

--

DROP TRIGGER events_are_append_only_update ON events

--

DROP TRIGGER notices_are_append_only_update ON notices

--

ALTER TABLE events ADD COLUMN salt TEXT

--

ALTER TABLE events ADD COLUMN digest TEXT DEFAULT '' NOT NULL

--

ALTER TABLE events ADD COLUMN chain TEXT DEFAULT '' NOT NULL

--

ALTER TABLE tally ADD COLUMN head TEXT DEFAULT '' NOT NULL
