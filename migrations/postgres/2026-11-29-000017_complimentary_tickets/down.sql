-- Complimentary tickets cannot be kept: their seats are free again.
UPDATE schedules SET sold_count = sold_count - (
    SELECT count(*) FROM seats JOIN reservations ON reservations.id = seats.reservation_id
    WHERE seats.schedule_id = schedules.id AND seats.status = 'SOLD' AND queue_token_id IS NULL
) WHERE id IN (SELECT schedule_id FROM reservations WHERE queue_token_id IS NULL);
UPDATE seats SET status = 'FREE', reservation_id = NULL
    WHERE reservation_id IN (SELECT id FROM reservations WHERE queue_token_id IS NULL);
DELETE FROM reservation_seats
    WHERE reservation_id IN (SELECT id FROM reservations WHERE queue_token_id IS NULL);
DELETE FROM reservations WHERE queue_token_id IS NULL;
ALTER TABLE reservations
    DROP CONSTRAINT reservations_price,
    ADD CONSTRAINT reservations_total_price_check CHECK (total_price > 0),
    ALTER COLUMN queue_token_id SET NOT NULL;

DELETE FROM operator_actions WHERE kind = 'TICKETS_GIVEN';
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
