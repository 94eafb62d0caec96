DROP INDEX reservations_live;
CREATE INDEX reservations_live ON reservations (schedule_id, user_id, expires_at) WHERE status = 'HELD';
DROP INDEX reservations_held;
CREATE INDEX reservations_held ON reservations (expires_at) WHERE status = 'HELD';
