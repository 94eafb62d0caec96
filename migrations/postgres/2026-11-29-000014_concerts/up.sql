-- How often the policy or the message of a room was changed: an operator's edit is meant for one version.
ALTER TABLE rooms ADD COLUMN policy_version bigint NOT NULL DEFAULT 0 CHECK (policy_version >= 0);
