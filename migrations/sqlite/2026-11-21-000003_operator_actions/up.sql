-- What those who wait in a room are told.
ALTER TABLE rooms ADD COLUMN message text NOT NULL DEFAULT '' CHECK (length(message) <= 300);

-- What operators did. The operator and the room are named, not referred to: a record stays.
CREATE TABLE operator_actions (
    id text PRIMARY KEY,
    operator_id text NOT NULL,
    room_id text NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    at integer NOT NULL
) STRICT;
