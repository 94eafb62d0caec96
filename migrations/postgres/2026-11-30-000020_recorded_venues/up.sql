-- Changes of venues, halls and their seat plans by staff are recorded.
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
        ELSE false
    END);
