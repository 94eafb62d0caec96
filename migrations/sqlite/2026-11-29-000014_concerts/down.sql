DROP INDEX concerts_slug;
ALTER TABLE concerts DROP COLUMN subtitle;
ALTER TABLE concerts DROP COLUMN tags;
ALTER TABLE concerts DROP COLUMN running_minutes;
ALTER TABLE concerts DROP COLUMN age_limit;
ALTER TABLE concerts DROP COLUMN slug;
ALTER TABLE rooms DROP COLUMN policy_version;
