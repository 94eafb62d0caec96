ALTER TABLE seats DROP COLUMN seat_number;
ALTER TABLE seats DROP COLUMN row_label;
ALTER TABLE seats DROP COLUMN kind;
ALTER TABLE schedules DROP COLUMN plan_version;
ALTER TABLE schedules DROP COLUMN hall_id;
DROP TABLE hall_plans;
DROP TABLE halls;
DROP TABLE venues;
