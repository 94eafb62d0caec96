SELECT 'place ' || place || ' of room ' || room_id || ' is given ' || count(*) || ' times' AS detail
FROM queue_tokens
WHERE place IS NOT NULL AND $1 IS NOT NULL
GROUP BY room_id, place
HAVING count(*) > 1
UNION ALL
SELECT 'room ' || rooms.id || ' gave out ' || rooms.last_place || ' places and has place ' || max(queue_tokens.place)
FROM rooms JOIN queue_tokens ON queue_tokens.room_id = rooms.id
GROUP BY rooms.id
HAVING max(queue_tokens.place) > rooms.last_place OR max(queue_tokens.version) > rooms.version
