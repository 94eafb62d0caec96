-- What is overdue and what one person holds are found by different indexes, whatever the statistics say: the
-- sweep's has a condition of its own.
DROP INDEX reservations_held;
CREATE INDEX reservations_held ON reservations (expires_at) WHERE status = 'HELD' AND ended_at IS NULL;
