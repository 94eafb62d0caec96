CREATE TABLE users (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('FAN', 'ORGANIZER', 'OPERATOR')),
    created_at timestamptz NOT NULL
);

CREATE TABLE concerts (
    id uuid PRIMARY KEY,
    organizer_id uuid NOT NULL REFERENCES users (id),
    title text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE rooms (
    id uuid PRIMARY KEY,
    concert_id uuid UNIQUE REFERENCES concerts (id),
    capacity integer NOT NULL CHECK (capacity >= 0),
    admit_batch integer NOT NULL CHECK (admit_batch > 0),
    admit_interval_seconds integer NOT NULL CHECK (admit_interval_seconds > 0),
    active_seconds integer NOT NULL CHECK (active_seconds > 0),
    idle_seconds integer NOT NULL CHECK (idle_seconds > 0),
    paused boolean NOT NULL,
    policy_changed_at timestamptz NOT NULL,
    last_place bigint NOT NULL CHECK (last_place >= 0),
    version bigint NOT NULL CHECK (version >= 0),
    admissions_since timestamptz NOT NULL,
    admissions_count integer NOT NULL CHECK (admissions_count >= 0)
);

-- The site-wide room.
INSERT INTO rooms VALUES (
    '00000000-0000-7000-8000-000000000000', NULL, 100, 10, 10, 600, 120, false,
    'epoch', 0, 0, 'epoch', 0
);

CREATE TABLE queue_tokens (
    id uuid PRIMARY KEY,
    room_id uuid NOT NULL REFERENCES rooms (id),
    user_id uuid NOT NULL REFERENCES users (id),
    place bigint CHECK (place > 0),
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    status text NOT NULL,
    seen_at timestamptz,
    active_since timestamptz,
    expires_at timestamptz,
    reason text CHECK (reason IN ('TIMED_OUT', 'ABANDONED', 'LEFT', 'COMPLETED')),
    ended_at timestamptz,
    UNIQUE (room_id, place),
    UNIQUE (room_id, version),
    CONSTRAINT queue_tokens_state CHECK (CASE status
        WHEN 'WAITING' THEN place IS NOT NULL AND seen_at IS NOT NULL
            AND num_nonnulls(active_since, expires_at, reason, ended_at) = 0
        WHEN 'ACTIVE' THEN num_nonnulls(active_since, expires_at) = 2
            AND num_nonnulls(seen_at, reason, ended_at) = 0
        WHEN 'EXPIRED' THEN num_nonnulls(reason, ended_at) = 2
            AND num_nonnulls(seen_at, active_since, expires_at) = 0
        ELSE false
    END)
);

-- A user has one live token in a room.
CREATE UNIQUE INDEX queue_tokens_live ON queue_tokens (room_id, user_id) WHERE status <> 'EXPIRED';
-- The head of a room's line.
CREATE INDEX queue_tokens_line ON queue_tokens (room_id, place) WHERE status = 'WAITING';
-- Those that may be abandoned.
CREATE INDEX queue_tokens_silent ON queue_tokens (room_id, seen_at) WHERE status = 'WAITING';
-- How full a room is, and whose time has run out.
CREATE INDEX queue_tokens_active ON queue_tokens (room_id, expires_at) WHERE status = 'ACTIVE';

CREATE TABLE schedules (
    id uuid PRIMARY KEY,
    concert_id uuid NOT NULL REFERENCES concerts (id),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    booking_opens_at timestamptz NOT NULL,
    booking_closes_at timestamptz NOT NULL,
    seat_count integer NOT NULL CHECK (seat_count > 0),
    created_at timestamptz NOT NULL,
    CHECK (starts_at < ends_at),
    CHECK (booking_opens_at < booking_closes_at),
    CHECK (booking_closes_at <= ends_at)
);

CREATE INDEX schedules_of_concert ON schedules (concert_id, id);

CREATE TABLE reservations (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    concert_id uuid NOT NULL REFERENCES concerts (id),
    schedule_id uuid NOT NULL REFERENCES schedules (id),
    queue_token_id uuid NOT NULL REFERENCES queue_tokens (id),
    total_price bigint NOT NULL CHECK (total_price > 0),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    status text NOT NULL,
    ended_at timestamptz,
    CONSTRAINT reservations_state CHECK (CASE status
        WHEN 'HELD' THEN ended_at IS NULL
        WHEN 'EXPIRED' THEN ended_at IS NULL
        WHEN 'CONFIRMED' THEN ended_at IS NOT NULL
        WHEN 'CANCELLED' THEN ended_at IS NOT NULL
        ELSE false
    END)
);

CREATE INDEX reservations_of_user ON reservations (user_id, id);
CREATE INDEX reservations_of_token ON reservations (queue_token_id) WHERE status = 'HELD';
CREATE INDEX reservations_held ON reservations (expires_at) WHERE status = 'HELD';

-- A seat is free, held until an instant, or sold permanently, by one reservation at a time.
CREATE TABLE seats (
    id uuid PRIMARY KEY,
    schedule_id uuid NOT NULL REFERENCES schedules (id),
    number integer NOT NULL CHECK (number > 0),
    row_number integer NOT NULL CHECK (row_number > 0),
    column_number integer NOT NULL CHECK (column_number > 0),
    label text NOT NULL,
    price bigint NOT NULL CHECK (price > 0),
    status text NOT NULL,
    reservation_id uuid REFERENCES reservations (id),
    held_until timestamptz,
    UNIQUE (schedule_id, number),
    CONSTRAINT seats_state CHECK (CASE status
        WHEN 'FREE' THEN reservation_id IS NULL AND held_until IS NULL
        WHEN 'HELD' THEN reservation_id IS NOT NULL AND held_until IS NOT NULL
        WHEN 'SOLD' THEN reservation_id IS NOT NULL AND held_until IS NULL
        ELSE false
    END)
);

CREATE TABLE reservation_seats (
    reservation_id uuid NOT NULL REFERENCES reservations (id),
    seat_id uuid NOT NULL REFERENCES seats (id),
    PRIMARY KEY (reservation_id, seat_id)
);

CREATE INDEX reservation_seats_of_seat ON reservation_seats (seat_id);

CREATE TABLE point_accounts (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    balance bigint NOT NULL CHECK (balance BETWEEN 0 AND 9007199254740991),
    entries bigint NOT NULL CHECK (entries >= 0)
);

CREATE TABLE payments (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    reservation_id uuid NOT NULL UNIQUE REFERENCES reservations (id),
    amount bigint NOT NULL CHECK (amount > 0),
    created_at timestamptz NOT NULL
);

CREATE INDEX payments_of_user ON payments (user_id, id);

CREATE TABLE point_entries (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES point_accounts (user_id),
    number bigint NOT NULL CHECK (number > 0),
    kind text NOT NULL CHECK (kind IN ('CHARGE', 'USE', 'REFUND')),
    amount bigint NOT NULL CHECK (amount > 0),
    balance_after bigint NOT NULL CHECK (balance_after >= 0),
    payment_id uuid REFERENCES payments (id),
    created_at timestamptz NOT NULL,
    UNIQUE (user_id, number)
);

-- A payment has one entry that takes its points off.
CREATE UNIQUE INDEX point_entries_of_payment ON point_entries (payment_id, kind)
    WHERE payment_id IS NOT NULL;

-- The first answers to requests with an idempotency key.
CREATE TABLE answers (
    owner uuid NOT NULL,
    key text NOT NULL,
    command text NOT NULL,
    fingerprint text NOT NULL,
    verdict text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (owner, key)
);

CREATE INDEX answers_by_age ON answers (recorded_at);
