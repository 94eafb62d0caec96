-- Addresses of other systems that events are sent to. A webhook's lock guards its deliveries. `kinds` is a JSON array. What
-- signs is here as it is: it must be known to sign.
CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES users (id),
    url text NOT NULL,
    kinds text NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamptz,
    state text NOT NULL CHECK (state IN ('ENABLED', 'DISABLED', 'GONE')),
    tests bigint NOT NULL CHECK (tests >= 0),
    created_at timestamptz NOT NULL,
    CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
);
CREATE INDEX webhooks_of_owner ON webhooks (owner_id, id);

-- Events on their way to webhooks. `due_at` is when the next attempt is due, or when another process may take over the one
-- that is made. `last_answer` is an HTTP status, or why there was none.
CREATE TABLE deliveries (
    webhook_id uuid NOT NULL REFERENCES webhooks (id),
    subject_id uuid NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('PENDING', 'DELIVERED', 'FAILED')),
    due_at timestamptz,
    attempts integer NOT NULL CHECK (attempts >= 0),
    last_at timestamptz,
    last_answer text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (webhook_id, subject_id, number),
    CHECK ((state = 'PENDING') = (due_at IS NOT NULL)),
    CHECK ((last_at IS NULL) = (last_answer IS NULL))
);
CREATE INDEX deliveries_due ON deliveries (webhook_id, due_at) WHERE state = 'PENDING';
CREATE INDEX deliveries_made ON deliveries (created_at);
CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, created_at, subject_id, number);
