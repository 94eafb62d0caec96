-- A seat that is not for sale names the record of its blocking in operator_actions, which says who did it and why. Its
-- status stays FREE, so that no other constraint changes, and it is never held or sold.
ALTER TABLE seats
    ADD COLUMN block_id uuid,
    ADD CONSTRAINT seats_blocked CHECK (block_id IS NULL OR status = 'FREE');
CREATE INDEX seats_blocked ON seats (schedule_id, block_id) WHERE block_id IS NOT NULL;
-- How many seats of a schedule are blocked: whether a concert is sold out is asked with every join.
ALTER TABLE schedules
    ADD COLUMN blocked_count integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT schedules_blocked CHECK (blocked_count >= 0 AND sold_count + blocked_count <= seat_count);

-- The numbers of the seats are a JSON array: after the blocking, or before the unblocking.
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
        WHEN 'RESERVATION_CANCELLED' THEN num_nonnulls(room_id, before, after) = 0 AND num_nulls(subject_id, user_id, reason) = 0
        WHEN 'TOKEN_REMOVED' THEN num_nonnulls(room_id, before, after) = 0 AND num_nulls(subject_id, user_id, reason) = 0
        WHEN 'ROLE_CHANGED' THEN num_nonnulls(room_id, subject_id, reason) = 0 AND num_nulls(user_id, before, after) = 0
        ELSE false
    END);
