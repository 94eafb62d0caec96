-- How often the policy or the message of a room was changed: an operator's edit is meant for one version.
ALTER TABLE rooms ADD COLUMN policy_version integer NOT NULL DEFAULT 0 CHECK (policy_version >= 0);
-- What is told of a concert. Tags are a JSON array. Its readable name in addresses and the text in which searches look
-- are given to concerts from before by the program, in the same transaction
-- (crates/store/src/shared/migrations/concerts.rs): SQL cannot.
ALTER TABLE concerts ADD COLUMN subtitle text NOT NULL DEFAULT '';
ALTER TABLE concerts ADD COLUMN tags text NOT NULL DEFAULT '[]';
ALTER TABLE concerts ADD COLUMN running_minutes integer CHECK (running_minutes BETWEEN 1 AND 1440);
ALTER TABLE concerts ADD COLUMN age_limit integer CHECK (age_limit BETWEEN 0 AND 99);
ALTER TABLE concerts ADD COLUMN slug text;
ALTER TABLE concerts ADD COLUMN search_text text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX concerts_slug ON concerts (slug);
-- Where a concert stands. Its room and its schedules have a copy, so that a command that has locked one of them knows it.
ALTER TABLE concerts ADD COLUMN state text NOT NULL DEFAULT 'PUBLISHED'
    CHECK (state IN ('DRAFT', 'PUBLISHED', 'CANCELLED'));
ALTER TABLE concerts ADD COLUMN version integer NOT NULL DEFAULT 0 CHECK (version >= 0);
ALTER TABLE rooms ADD COLUMN concert_state text NOT NULL DEFAULT 'PUBLISHED'
    CHECK (concert_state IN ('DRAFT', 'PUBLISHED', 'CANCELLED'));
ALTER TABLE schedules ADD COLUMN concert_state text NOT NULL DEFAULT 'PUBLISHED'
    CHECK (concert_state IN ('DRAFT', 'PUBLISHED', 'CANCELLED'));
CREATE INDEX concerts_of_organizer ON concerts (organizer_id, id);
-- A concert is deleted only while no reservation was made of it, and its tokens with it, to which none may refer.
DROP INDEX reservations_of_token;
CREATE INDEX reservations_of_token ON reservations (queue_token_id);
