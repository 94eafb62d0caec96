-- Outages for which the deadlines of some waiting tokens have not been moved yet. Those far ahead move little by
-- little, in the order of the lines; this is how far it has come.
CREATE TABLE outages (
    number integer PRIMARY KEY AUTOINCREMENT,
    began_at integer NOT NULL,
    ended_at integer NOT NULL,
    moved_room_id text NOT NULL,
    moved_place integer NOT NULL,
    CHECK (began_at < ended_at)
) STRICT;
-- The last outage for which the deadline of a waiting token was moved.
ALTER TABLE queue_tokens ADD COLUMN outage_number integer NOT NULL DEFAULT 0;
