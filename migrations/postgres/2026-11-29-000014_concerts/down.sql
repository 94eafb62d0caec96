DROP INDEX reservations_of_token;
CREATE INDEX reservations_of_token ON reservations (queue_token_id) WHERE status = 'HELD';
DROP INDEX concerts_of_organizer;
DROP INDEX concerts_slug;
ALTER TABLE schedules DROP COLUMN concert_state;
ALTER TABLE rooms DROP COLUMN concert_state, DROP COLUMN policy_version;
ALTER TABLE concerts
    DROP COLUMN subtitle, DROP COLUMN tags, DROP COLUMN running_minutes, DROP COLUMN age_limit, DROP COLUMN slug, DROP COLUMN search_text,
    DROP COLUMN state, DROP COLUMN version;
