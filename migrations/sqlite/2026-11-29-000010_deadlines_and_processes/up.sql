-- When a waiting token is abandoned without another heartbeat: a policy that changes later does not move it.
ALTER TABLE queue_tokens ADD COLUMN idle_at integer CHECK (idle_at IS NULL OR status = 'WAITING');
UPDATE queue_tokens SET idle_at = seen_at
    + (SELECT idle_seconds FROM rooms WHERE rooms.id = room_id) * 1000000 WHERE status = 'WAITING';

-- Those that may be abandoned.
DROP INDEX queue_tokens_silent;
CREATE INDEX queue_tokens_silent ON queue_tokens (room_id, idle_at) WHERE status = 'WAITING';
