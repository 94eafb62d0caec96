-- What each batch changed in a line: a row, however many people it let join or leave. Those who follow a line read these
-- instead of a row for each token.
CREATE TABLE line_changes (
    room_id uuid NOT NULL,
    since bigint NOT NULL CHECK (since >= 0),
    version bigint NOT NULL,
    joined bytea NOT NULL,
    waiting_until timestamptz,
    gone bytea NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, version),
    CHECK (since < version)
);
-- Those that are kept no longer.
CREATE INDEX line_changes_old ON line_changes (written_at);

-- A join writes one entry of an index less, and checks no foreign key, which would write to the row of the user: the room
-- is locked in the same transaction, and users are never deleted. `stagedoor audit` checks both.
ALTER TABLE queue_tokens
    DROP CONSTRAINT queue_tokens_room_id_version_key,
    DROP CONSTRAINT queue_tokens_room_id_fkey,
    DROP CONSTRAINT queue_tokens_user_id_fkey;
