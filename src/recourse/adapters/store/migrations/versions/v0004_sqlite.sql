DROP TRIGGER custody_is_not_rewritten_update

--

DROP TRIGGER events_are_append_only_update

--

DROP TRIGGER notices_are_append_only_update

--

ALTER TABLE events ADD COLUMN salt TEXT

--

ALTER TABLE events ADD COLUMN digest TEXT DEFAULT '' NOT NULL

--

ALTER TABLE events ADD COLUMN chain TEXT DEFAULT '' NOT NULL

--

ALTER TABLE tally ADD COLUMN head TEXT DEFAULT '' NOT NULL
