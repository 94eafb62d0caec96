-- What the client that made a reservation calls it.
ALTER TABLE reservations ADD COLUMN reference text CHECK (length(reference) BETWEEN 1 AND 100);
CREATE INDEX reservations_by_reference ON reservations (user_id, reference, id)
    WHERE reference IS NOT NULL;
