SELECT 'queue token ' || queue_tokens.id || ' ends before reservation ' || reservations.id
    || ', which it holds' AS detail
FROM reservations JOIN queue_tokens ON queue_tokens.id = reservations.queue_token_id
WHERE reservations.status = 'HELD' AND reservations.expires_at > $1
    AND queue_tokens.status = 'ACTIVE' AND queue_tokens.expires_at < reservations.expires_at
