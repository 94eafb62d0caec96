DROP INDEX reservations_held;
CREATE INDEX reservations_held ON reservations (expires_at) WHERE status = 'HELD';
