-- Addresses of other systems that events are sent to. A webhook's lock guards its deliveries. `kinds` is a JSON array. What
-- signs is here as it is: it must be known to sign.
CREATE TABLE webhooks (
    id text PRIMARY KEY NOT NULL,
    owner_id text NOT NULL REFERENCES users (id),
    url text NOT NULL,
    kinds text NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_secret_until integer,
    state text NOT NULL CHECK (state IN ('ENABLED', 'DISABLED', 'GONE')),
    tests integer NOT NULL CHECK (tests >= 0),
    created_at integer NOT NULL,
    CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
) STRICT;
CREATE INDEX webhooks_of_owner ON webhooks (owner_id, id);

-- Events on their way to webhooks. `due_at` is when the next attempt is due, or when another process may take over the one
-- that is made. `last_answer` is an HTTP status, or why there was none.
CREATE TABLE deliveries (
    webhook_id text NOT NULL REFERENCES webhooks (id),
    subject_id text NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('PENDING', 'DELIVERED', 'FAILED')),
    due_at integer,
    attempts integer NOT NULL CHECK (attempts >= 0),
    last_at integer,
    last_answer text,
    created_at integer NOT NULL,
    PRIMARY KEY (webhook_id, subject_id, number),
    CHECK ((state = 'PENDING') = (due_at IS NOT NULL)),
    CHECK ((last_at IS NULL) = (last_answer IS NULL))
) STRICT;
CREATE INDEX deliveries_due ON deliveries (webhook_id, due_at) WHERE state = 'PENDING';
CREATE INDEX deliveries_made ON deliveries (created_at);
CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, created_at, subject_id, number);
