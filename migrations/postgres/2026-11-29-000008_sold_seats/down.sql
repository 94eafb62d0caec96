ALTER TABLE schedules DROP COLUMN sold_count;
