-- An older version refunds a payment once: without a payment that was refunded in parts, this is possible.
DROP INDEX point_entries_of_payment;
CREATE UNIQUE INDEX point_entries_of_payment ON point_entries (payment_id, kind) WHERE payment_id IS NOT NULL;
DROP INDEX reservations_mismatched;
ALTER TABLE reservations DROP COLUMN tickets_issued;
DROP TABLE tickets;
