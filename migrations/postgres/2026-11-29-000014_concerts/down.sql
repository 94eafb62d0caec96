DROP INDEX concerts_slug;
ALTER TABLE concerts
    DROP COLUMN subtitle, DROP COLUMN tags, DROP COLUMN running_minutes, DROP COLUMN age_limit, DROP COLUMN slug;
ALTER TABLE rooms DROP COLUMN policy_version;
