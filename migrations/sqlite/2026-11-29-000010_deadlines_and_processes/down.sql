DROP INDEX queue_tokens_silent;
CREATE INDEX queue_tokens_silent ON queue_tokens (room_id, seen_at) WHERE status = 'WAITING';
ALTER TABLE queue_tokens DROP COLUMN idle_at;
