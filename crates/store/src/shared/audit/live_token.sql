SELECT 'user ' || user_id || ' has ' || count(*) || ' live tokens in room ' || room_id AS detail
FROM queue_tokens
WHERE status <> 'EXPIRED' AND $1 IS NOT NULL
GROUP BY room_id, user_id
HAVING count(*) > 1
