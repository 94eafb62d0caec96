-- Sequence numbers that are given out before the tokens with them are written.
CREATE TABLE number_ranges (
    room_id text NOT NULL,
    first_place integer NOT NULL CHECK (first_place > 0),
    last_place integer NOT NULL,
    reserved_at integer NOT NULL,
    idle_at integer NOT NULL,
    PRIMARY KEY (room_id, first_place),
    CHECK (first_place <= last_place)
) STRICT;
-- Those that their process has left.
CREATE INDEX number_ranges_stale ON number_ranges (reserved_at);
