-- When a waiting token is abandoned without another heartbeat: a policy that changes later does not move it.
-- The default is for processes of the version before, which may run until they are replaced.
ALTER TABLE queue_tokens ADD COLUMN idle_at timestamptz DEFAULT now() + interval '10 minutes';
UPDATE queue_tokens SET idle_at = seen_at + make_interval(secs => idle_seconds)
    FROM rooms WHERE rooms.id = room_id AND status = 'WAITING';
ALTER TABLE queue_tokens ADD CONSTRAINT queue_tokens_idle CHECK (status <> 'WAITING' OR idle_at IS NOT NULL);

-- Those that may be abandoned.
DROP INDEX queue_tokens_silent;
CREATE INDEX queue_tokens_silent ON queue_tokens (room_id, idle_at) WHERE status = 'WAITING';

-- The processes that serve from this store, and when each last told so.
CREATE TABLE processes (
    id uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL
);
