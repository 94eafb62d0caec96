-- What each batch changed in a line: a row, however many people it let join or leave. Those who follow a line read these
-- instead of a row for each token.
CREATE TABLE line_changes (
    room_id text NOT NULL,
    since integer NOT NULL CHECK (since >= 0),
    version integer NOT NULL,
    joined blob NOT NULL,
    waiting_until integer,
    gone blob NOT NULL,
    written_at integer NOT NULL,
    PRIMARY KEY (room_id, version),
    CHECK (since < version)
) STRICT;
-- Those that are kept no longer.
CREATE INDEX line_changes_old ON line_changes (written_at);
