-- What admits one person to one seat of a confirmed reservation. The lock of `schedule_id` guards it.
CREATE TABLE tickets (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE,
    reservation_id uuid NOT NULL REFERENCES reservations (id),
    concert_id uuid NOT NULL,
    schedule_id uuid NOT NULL,
    seat_id uuid NOT NULL,
    holder_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    state text NOT NULL,
    void_at timestamptz,
    CONSTRAINT tickets_state CHECK (CASE state
        WHEN 'VALID' THEN void_at IS NULL
        WHEN 'TRANSFERRED' THEN void_at IS NOT NULL
        WHEN 'SEAT_CANCELLED' THEN void_at IS NOT NULL
        WHEN 'RESERVATION_CANCELLED' THEN void_at IS NOT NULL
        ELSE false
    END)
);
CREATE INDEX tickets_of_holder ON tickets (holder_id, id);
CREATE INDEX tickets_of_reservation ON tickets (reservation_id);

-- A program of an older version confirms reservations without tickets, and cancels others without voiding theirs. Both are repaired later.
ALTER TABLE reservations ADD COLUMN tickets_issued boolean NOT NULL DEFAULT false;
CREATE INDEX reservations_mismatched ON reservations (id) WHERE (status = 'CONFIRMED') <> tickets_issued;

-- The seats of a payment are refunded one by one, so a payment can have several refunds.
DROP INDEX point_entries_of_payment;
CREATE INDEX point_entries_of_payment ON point_entries (payment_id, kind) WHERE payment_id IS NOT NULL;
