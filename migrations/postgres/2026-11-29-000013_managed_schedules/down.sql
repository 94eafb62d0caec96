DELETE FROM operator_actions WHERE kind NOT IN ('ROOM_CHANGED', 'ACCOUNT_READ', 'RESERVATIONS_READ');
ALTER TABLE operator_actions
    DROP CONSTRAINT operator_actions_kind,
    DROP COLUMN subject_id,
    DROP COLUMN reason,
    ADD CONSTRAINT operator_actions_kind CHECK (CASE kind
        WHEN 'ROOM_CHANGED' THEN user_id IS NULL AND num_nulls(room_id, before, after) = 0
        WHEN 'ACCOUNT_READ' THEN user_id IS NOT NULL AND num_nonnulls(room_id, before, after) = 0
        WHEN 'RESERVATIONS_READ' THEN user_id IS NOT NULL AND num_nonnulls(room_id, before, after) = 0
        ELSE false
    END);
DROP INDEX reservations_of_schedule;
DROP INDEX schedules_cancelled;
ALTER TABLE schedules
    DROP CONSTRAINT schedules_cancelled,
    DROP CONSTRAINT schedules_moved,
    DROP COLUMN cancel_reason,
    DROP COLUMN cancelled_at,
    DROP COLUMN refundable_until,
    DROP COLUMN moved_from,
    DROP COLUMN moved_at,
    DROP COLUMN version,
    DROP COLUMN ticket_limit;
