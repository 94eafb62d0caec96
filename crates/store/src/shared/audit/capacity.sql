SELECT 'room ' || rooms.id || ' has ' || count(*) || ' active tokens for a capacity of ' || rooms.capacity AS detail
FROM rooms JOIN queue_tokens ON queue_tokens.room_id = rooms.id
WHERE queue_tokens.status = 'ACTIVE' AND queue_tokens.expires_at > $1
GROUP BY rooms.id
HAVING count(*) > rooms.capacity AND max(queue_tokens.active_since) > rooms.policy_changed_at
