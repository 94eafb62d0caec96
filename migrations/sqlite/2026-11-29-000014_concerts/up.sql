-- How often the policy or the message of a room was changed: an operator's edit is meant for one version.
ALTER TABLE rooms ADD COLUMN policy_version integer NOT NULL DEFAULT 0 CHECK (policy_version >= 0);
-- What is told of a concert, and its readable name in addresses, which the program, in the same transaction, gives to
-- concerts from before (crates/store/src/shared/migrations/concerts.rs): SQL cannot. Tags are a JSON array.
ALTER TABLE concerts ADD COLUMN subtitle text NOT NULL DEFAULT '';
ALTER TABLE concerts ADD COLUMN tags text NOT NULL DEFAULT '[]';
ALTER TABLE concerts ADD COLUMN running_minutes integer CHECK (running_minutes BETWEEN 1 AND 1440);
ALTER TABLE concerts ADD COLUMN age_limit integer CHECK (age_limit BETWEEN 0 AND 99);
ALTER TABLE concerts ADD COLUMN slug text;
CREATE UNIQUE INDEX concerts_slug ON concerts (slug);
