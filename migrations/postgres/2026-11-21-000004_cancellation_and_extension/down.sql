DROP INDEX reservations_live;
ALTER TABLE reservations DROP COLUMN extendable_until;
ALTER TABLE schedules DROP COLUMN cancellation_closes_at;
