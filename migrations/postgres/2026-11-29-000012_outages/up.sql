-- Outages for which the deadlines of some waiting tokens have not been moved yet. Those far ahead move little by
-- little, in the order of the lines; this is how far it has come.
CREATE TABLE outages (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    moved_room_id uuid NOT NULL,
    moved_place bigint NOT NULL,
    CHECK (began_at < ended_at)
);
-- The last outage for which the deadline of a waiting token was moved.
ALTER TABLE queue_tokens ADD COLUMN outage_number bigint NOT NULL DEFAULT 0;
