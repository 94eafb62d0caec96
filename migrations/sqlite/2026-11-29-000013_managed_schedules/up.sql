-- How many tickets one person may have of a schedule, how often it was changed, where it was moved from, and
-- whether it was cancelled.
ALTER TABLE schedules ADD COLUMN ticket_limit integer NOT NULL DEFAULT 4 CHECK (ticket_limit BETWEEN 1 AND 1000);
ALTER TABLE schedules ADD COLUMN version integer NOT NULL DEFAULT 0 CHECK (version >= 0);
ALTER TABLE schedules ADD COLUMN moved_at integer;
ALTER TABLE schedules ADD COLUMN moved_from integer CHECK ((moved_from IS NULL) = (moved_at IS NULL));
ALTER TABLE schedules ADD COLUMN refundable_until integer CHECK ((refundable_until IS NULL) = (moved_at IS NULL));
ALTER TABLE schedules ADD COLUMN cancelled_at integer;
ALTER TABLE schedules ADD COLUMN cancel_reason text CHECK ((cancel_reason IS NULL) = (cancelled_at IS NULL));
-- Schedules whose tickets have to be refunded.
CREATE INDEX schedules_cancelled ON schedules (id) WHERE cancelled_at IS NOT NULL;
-- The reservations of a schedule for staff, how many tickets a user has of it, and which ones of a cancelled schedule
-- are to be refunded.
CREATE INDEX reservations_of_schedule ON reservations (schedule_id, status, user_id);

-- What staff did to schedules, reservations, queue tokens and roles is recorded, with the reason. SQLite cannot
-- change a constraint, so the table is made anew.
CREATE TABLE new_operator_actions (
    id text PRIMARY KEY,
    operator_id text NOT NULL,
    kind text NOT NULL DEFAULT 'ROOM_CHANGED',
    room_id text,
    before text,
    after text,
    user_id text,
    subject_id text,
    reason text,
    at integer NOT NULL,
    CONSTRAINT operator_actions_kind CHECK (CASE kind
        WHEN 'ROOM_CHANGED' THEN room_id IS NOT NULL AND before IS NOT NULL AND after IS NOT NULL
            AND coalesce(user_id, subject_id, reason) IS NULL
        WHEN 'ACCOUNT_READ' THEN user_id IS NOT NULL
            AND coalesce(room_id, before, after, subject_id, reason) IS NULL
        WHEN 'RESERVATIONS_READ' THEN user_id IS NOT NULL
            AND coalesce(room_id, before, after, subject_id, reason) IS NULL
        WHEN 'SCHEDULE_EDITED' THEN subject_id IS NOT NULL AND before IS NOT NULL AND after IS NOT NULL
            AND coalesce(room_id, user_id, reason) IS NULL
        WHEN 'SCHEDULE_CANCELLED' THEN subject_id IS NOT NULL AND reason IS NOT NULL
            AND coalesce(room_id, user_id, before, after) IS NULL
        WHEN 'RESERVATION_CANCELLED' THEN subject_id IS NOT NULL AND user_id IS NOT NULL AND reason IS NOT NULL
            AND coalesce(room_id, before, after) IS NULL
        WHEN 'TOKEN_REMOVED' THEN subject_id IS NOT NULL AND user_id IS NOT NULL AND reason IS NOT NULL
            AND coalesce(room_id, before, after) IS NULL
        WHEN 'ROLE_CHANGED' THEN user_id IS NOT NULL AND before IS NOT NULL AND after IS NOT NULL
            AND coalesce(room_id, subject_id, reason) IS NULL
        ELSE false
    END)
) STRICT;
INSERT INTO new_operator_actions (id, operator_id, kind, room_id, before, after, user_id, at)
    SELECT id, operator_id, kind, room_id, before, after, user_id, at FROM operator_actions;
DROP TABLE operator_actions;
ALTER TABLE new_operator_actions RENAME TO operator_actions;
