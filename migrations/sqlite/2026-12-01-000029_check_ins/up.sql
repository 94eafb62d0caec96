-- A ticket that was checked in stays VALID, so that programs of an older version read it. `version` counts the changes of its
-- state; it is the number of the event of the change.
ALTER TABLE tickets ADD COLUMN checked_in_at integer;
ALTER TABLE tickets ADD COLUMN checked_in_by text;
ALTER TABLE tickets ADD COLUMN door text CHECK (
    (door IS NULL) = (checked_in_at IS NULL) AND (door IS NULL) = (checked_in_by IS NULL)
);
ALTER TABLE tickets ADD COLUMN version integer NOT NULL DEFAULT 0;
CREATE INDEX tickets_of_schedule ON tickets (schedule_id, id);

-- Who checks tickets of a concert. The lock of the user guards it.
CREATE TABLE door_staff (
    concert_id text NOT NULL REFERENCES concerts (id),
    user_id text NOT NULL REFERENCES users (id),
    assigned_at integer NOT NULL,
    PRIMARY KEY (concert_id, user_id)
) STRICT;
CREATE INDEX door_staff_of_user ON door_staff (user_id);

-- SQLite cannot change the constraint of a column, so the column of roles is made anew.
ALTER TABLE users ADD COLUMN new_role text NOT NULL DEFAULT 'FAN' CHECK (new_role IN ('FAN', 'ORGANIZER', 'DOOR', 'OPERATOR'));
UPDATE users SET new_role = role;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users RENAME COLUMN new_role TO role;

-- Check-ins that are taken back are recorded.
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
        WHEN 'SEATS_BLOCKED' THEN subject_id IS NOT NULL AND after IS NOT NULL AND reason IS NOT NULL
            AND coalesce(room_id, user_id, before) IS NULL
        WHEN 'SEATS_UNBLOCKED' THEN subject_id IS NOT NULL AND before IS NOT NULL
            AND coalesce(room_id, user_id, after, reason) IS NULL
        WHEN 'TICKETS_GIVEN' THEN subject_id IS NOT NULL AND user_id IS NOT NULL AND reason IS NOT NULL
            AND coalesce(room_id, before, after) IS NULL
        WHEN 'RESERVATION_CANCELLED' THEN subject_id IS NOT NULL AND user_id IS NOT NULL AND reason IS NOT NULL
            AND coalesce(room_id, before, after) IS NULL
        WHEN 'TOKEN_REMOVED' THEN subject_id IS NOT NULL AND user_id IS NOT NULL AND reason IS NOT NULL
            AND coalesce(room_id, before, after) IS NULL
        WHEN 'ROLE_CHANGED' THEN user_id IS NOT NULL AND before IS NOT NULL AND after IS NOT NULL
            AND coalesce(room_id, subject_id, reason) IS NULL
        WHEN 'VENUE_EDITED' THEN subject_id IS NOT NULL AND before IS NOT NULL AND after IS NOT NULL
            AND coalesce(room_id, user_id, reason) IS NULL
        WHEN 'HALL_ADDED' THEN subject_id IS NOT NULL
            AND coalesce(room_id, before, after, user_id, reason) IS NULL
        WHEN 'PLAN_CHANGED' THEN subject_id IS NOT NULL AND before IS NOT NULL AND after IS NOT NULL
            AND coalesce(room_id, user_id, reason) IS NULL
        WHEN 'CHECK_IN_UNDONE' THEN subject_id IS NOT NULL AND user_id IS NOT NULL AND reason IS NOT NULL
            AND coalesce(room_id, before, after) IS NULL
        ELSE false
    END)
) STRICT;
INSERT INTO new_operator_actions (id, operator_id, kind, room_id, before, after, user_id, subject_id, reason, at)
    SELECT id, operator_id, kind, room_id, before, after, user_id, subject_id, reason, at FROM operator_actions;
DROP TABLE operator_actions;
ALTER TABLE new_operator_actions RENAME TO operator_actions;
