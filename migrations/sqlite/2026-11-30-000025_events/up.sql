-- What others learn of changes. An event is written with its change. `subject_id` is the reservation, concert, schedule or
-- room; the highest number is the last change.
CREATE TABLE events (
    subject_id text NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    concert_id text,
    at integer NOT NULL,
    fanned_out integer NOT NULL,
    PRIMARY KEY (subject_id, number)
) STRICT, WITHOUT ROWID;
-- Those of which no webhook has a delivery yet.
CREATE INDEX events_new ON events (at) WHERE NOT fanned_out;
-- Those of a time, for a replay and for the end of their time.
CREATE INDEX events_at ON events (at);
