-- Until when a paid reservation may be cancelled, if at all.
ALTER TABLE schedules ADD COLUMN cancellation_closes_at timestamptz
    CHECK (cancellation_closes_at <= starts_at);

-- To when a hold may be extended, once, if at all.
ALTER TABLE reservations ADD COLUMN extendable_until timestamptz;

-- How many live holds a user has in a schedule.
CREATE INDEX reservations_live ON reservations (schedule_id, user_id, expires_at) WHERE status = 'HELD';
