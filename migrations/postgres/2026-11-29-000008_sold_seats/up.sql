-- How many seats of a schedule are paid: whether a concert is sold out is asked with every join.
ALTER TABLE schedules ADD COLUMN sold_count integer NOT NULL DEFAULT 0
    CHECK (sold_count BETWEEN 0 AND seat_count);
UPDATE schedules SET sold_count = (
    SELECT count(*) FROM seats WHERE schedule_id = schedules.id AND status = 'SOLD'
);
