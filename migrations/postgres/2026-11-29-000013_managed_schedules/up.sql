-- How many tickets one person may have of a schedule, how often it was changed, where it was moved from, and
-- whether it was cancelled.
ALTER TABLE schedules
    ADD COLUMN ticket_limit integer NOT NULL DEFAULT 4 CHECK (ticket_limit BETWEEN 1 AND 1000),
    ADD COLUMN version bigint NOT NULL DEFAULT 0 CHECK (version >= 0),
    ADD COLUMN moved_at timestamptz,
    ADD COLUMN moved_from timestamptz,
    ADD COLUMN refundable_until timestamptz,
    ADD COLUMN cancelled_at timestamptz,
    ADD COLUMN cancel_reason text,
    ADD CONSTRAINT schedules_moved CHECK (num_nonnulls(moved_at, moved_from, refundable_until) IN (0, 3)),
    ADD CONSTRAINT schedules_cancelled CHECK ((cancelled_at IS NULL) = (cancel_reason IS NULL));
-- Schedules whose tickets have to be refunded.
CREATE INDEX schedules_cancelled ON schedules (id) WHERE cancelled_at IS NOT NULL;
-- The reservations of a schedule for staff, how many tickets a user has of it, and which ones of a cancelled schedule
-- are to be refunded.
CREATE INDEX reservations_of_schedule ON reservations (schedule_id, status, user_id);

-- What staff did to schedules, reservations, queue tokens and roles is recorded, with the reason.
ALTER TABLE operator_actions
    ADD COLUMN subject_id uuid,
    ADD COLUMN reason text,
    DROP CONSTRAINT operator_actions_kind,
    ADD CONSTRAINT operator_actions_kind CHECK (CASE kind
        WHEN 'ROOM_CHANGED' THEN num_nonnulls(user_id, subject_id, reason) = 0 AND num_nulls(room_id, before, after) = 0
        WHEN 'ACCOUNT_READ' THEN user_id IS NOT NULL AND num_nonnulls(room_id, before, after, subject_id, reason) = 0
        WHEN 'RESERVATIONS_READ' THEN user_id IS NOT NULL AND num_nonnulls(room_id, before, after, subject_id, reason) = 0
        WHEN 'SCHEDULE_EDITED' THEN num_nonnulls(room_id, user_id, reason) = 0 AND num_nulls(subject_id, before, after) = 0
        WHEN 'SCHEDULE_CANCELLED' THEN num_nonnulls(room_id, user_id, before, after) = 0 AND num_nulls(subject_id, reason) = 0
        WHEN 'RESERVATION_CANCELLED' THEN num_nonnulls(room_id, before, after) = 0 AND num_nulls(subject_id, user_id, reason) = 0
        WHEN 'TOKEN_REMOVED' THEN num_nonnulls(room_id, before, after) = 0 AND num_nulls(subject_id, user_id, reason) = 0
        WHEN 'ROLE_CHANGED' THEN num_nonnulls(room_id, subject_id, reason) = 0 AND num_nulls(user_id, before, after) = 0
        ELSE false
    END);
