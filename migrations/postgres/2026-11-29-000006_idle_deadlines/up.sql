-- When a process last had the store: the time since then is an outage when it is long.
CREATE TABLE service_clock (
    id integer PRIMARY KEY CHECK (id = 1),
    alive_at timestamptz NOT NULL
);
INSERT INTO service_clock
    SELECT 1, coalesce(max(seen_at), now()) FROM queue_tokens WHERE status = 'WAITING';
-- The default idle time is 600 s. The site-wide room of a new store gets it; rooms of a store that is
-- used keep theirs, which an operator can change.
UPDATE rooms SET idle_seconds = 600 WHERE idle_seconds = 120 AND NOT EXISTS (SELECT 1 FROM users);
