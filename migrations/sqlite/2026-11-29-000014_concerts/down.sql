ALTER TABLE rooms DROP COLUMN policy_version;
