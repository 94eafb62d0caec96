-- Where concerts are. A hall has versions of its seat plan, which never change; its row names the newest one.
CREATE TABLE venues (
    id text PRIMARY KEY,
    organizer_id text NOT NULL REFERENCES users (id),
    name text NOT NULL,
    address text NOT NULL,
    time_zone text NOT NULL,
    version integer NOT NULL CHECK (version >= 0),
    created_at integer NOT NULL
) STRICT;

CREATE TABLE halls (
    id text PRIMARY KEY,
    venue_id text NOT NULL REFERENCES venues (id),
    name text NOT NULL,
    plan_version integer NOT NULL CHECK (plan_version > 0),
    place_count integer NOT NULL CHECK (place_count > 0),
    created_at integer NOT NULL
) STRICT;
CREATE INDEX halls_of_venue ON halls (venue_id, id);

CREATE TABLE hall_plans (
    hall_id text NOT NULL REFERENCES halls (id),
    version integer NOT NULL CHECK (version > 0),
    document text NOT NULL,
    place_count integer NOT NULL CHECK (place_count > 0),
    created_by text NOT NULL REFERENCES users (id),
    created_at integer NOT NULL,
    PRIMARY KEY (hall_id, version)
) STRICT;

-- The version of a plan that the seats of a schedule come from; without one they are rows and columns.
ALTER TABLE schedules ADD COLUMN hall_id text REFERENCES halls (id);
ALTER TABLE schedules ADD COLUMN plan_version integer
    CHECK ((hall_id IS NULL) = (plan_version IS NULL));

-- What a plan says of a seat. An ordinary seat has no kind.
ALTER TABLE seats ADD COLUMN kind text
    CHECK (kind IN ('ACCESSIBLE', 'COMPANION', 'RESTRICTED_VIEW', 'STANDING'));
ALTER TABLE seats ADD COLUMN row_label text;
ALTER TABLE seats ADD COLUMN seat_number integer CHECK (seat_number >= 0);
