SELECT 'queue token ' || id || ' is of room ' || room_id || ' and user ' || user_id || ', of which one is not there' AS detail
FROM queue_tokens
WHERE $1 IS NOT NULL
    AND (NOT EXISTS (SELECT 1 FROM rooms WHERE rooms.id = queue_tokens.room_id)
        OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = queue_tokens.user_id))
