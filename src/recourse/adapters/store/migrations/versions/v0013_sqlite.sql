ALTER TABLE orders ADD COLUMN not_before_at TEXT
