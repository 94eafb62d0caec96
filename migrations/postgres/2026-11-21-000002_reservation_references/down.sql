DROP INDEX reservations_by_reference;
ALTER TABLE reservations DROP COLUMN reference;
