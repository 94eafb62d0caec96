-- A ticket that was checked in stays VALID, so that programs of an older version read it. `version` counts the changes of its
-- state; it is the number of the event of the change.
ALTER TABLE tickets
    ADD COLUMN checked_in_at timestamptz,
    ADD COLUMN checked_in_by uuid,
    ADD COLUMN door text,
    ADD COLUMN version bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT tickets_check_in CHECK (num_nulls(checked_in_at, checked_in_by, door) IN (0, 3));
CREATE INDEX tickets_of_schedule ON tickets (schedule_id, id);

-- Who checks tickets of a concert. The lock of the user guards it.
CREATE TABLE door_staff (
    concert_id uuid NOT NULL REFERENCES concerts (id),
    user_id uuid NOT NULL REFERENCES users (id),
    assigned_at timestamptz NOT NULL,
    PRIMARY KEY (concert_id, user_id)
);
CREATE INDEX door_staff_of_user ON door_staff (user_id);

ALTER TABLE users
    DROP CONSTRAINT users_role_check,
    ADD CONSTRAINT users_role_check CHECK (role IN ('FAN', 'ORGANIZER', 'DOOR', 'OPERATOR'));

-- Check-ins that are taken back are recorded.
ALTER TABLE operator_actions
    DROP CONSTRAINT operator_actions_kind,
    ADD CONSTRAINT operator_actions_kind CHECK (CASE kind
        WHEN 'ROOM_CHANGED' THEN num_nonnulls(user_id, subject_id, reason) = 0 AND num_nulls(room_id, before, after) = 0
        WHEN 'ACCOUNT_READ' THEN user_id IS NOT NULL AND num_nonnulls(room_id, before, after, subject_id, reason) = 0
        WHEN 'RESERVATIONS_READ' THEN user_id IS NOT NULL AND num_nonnulls(room_id, before, after, subject_id, reason) = 0
        WHEN 'SCHEDULE_EDITED' THEN num_nonnulls(room_id, user_id, reason) = 0 AND num_nulls(subject_id, before, after) = 0
        WHEN 'SCHEDULE_CANCELLED' THEN num_nonnulls(room_id, user_id, before, after) = 0 AND num_nulls(subject_id, reason) = 0
        WHEN 'SEATS_BLOCKED' THEN num_nonnulls(room_id, user_id, before) = 0 AND num_nulls(subject_id, after, reason) = 0
        WHEN 'SEATS_UNBLOCKED' THEN num_nonnulls(room_id, user_id, after, reason) = 0 AND num_nulls(subject_id, before) = 0
        WHEN 'TICKETS_GIVEN' THEN num_nonnulls(room_id, before, after) = 0 AND num_nulls(subject_id, user_id, reason) = 0
        WHEN 'RESERVATION_CANCELLED' THEN num_nonnulls(room_id, before, after) = 0 AND num_nulls(subject_id, user_id, reason) = 0
        WHEN 'TOKEN_REMOVED' THEN num_nonnulls(room_id, before, after) = 0 AND num_nulls(subject_id, user_id, reason) = 0
        WHEN 'ROLE_CHANGED' THEN num_nonnulls(room_id, subject_id, reason) = 0 AND num_nulls(user_id, before, after) = 0
        WHEN 'VENUE_EDITED' THEN num_nonnulls(room_id, user_id, reason) = 0 AND num_nulls(subject_id, before, after) = 0
        WHEN 'HALL_ADDED' THEN subject_id IS NOT NULL AND num_nonnulls(room_id, before, after, user_id, reason) = 0
        WHEN 'PLAN_CHANGED' THEN num_nonnulls(room_id, user_id, reason) = 0 AND num_nulls(subject_id, before, after) = 0
        WHEN 'CHECK_IN_UNDONE' THEN num_nonnulls(room_id, before, after) = 0 AND num_nulls(subject_id, user_id, reason) = 0
        ELSE false
    END);
