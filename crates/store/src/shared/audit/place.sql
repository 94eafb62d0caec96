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
UNION ALL
SELECT 'room ' || room_id || ' gave out ' || COALESCE(rooms.last_place, 0) || ' places and reserved place ' || number_ranges.last_place
FROM number_ranges LEFT JOIN rooms ON rooms.id = room_id
WHERE number_ranges.last_place > COALESCE(rooms.last_place, 0)
UNION ALL
SELECT 'place ' || place || ' of room ' || queue_tokens.room_id || ' is reserved and has a token'
FROM number_ranges JOIN queue_tokens ON queue_tokens.room_id = number_ranges.room_id
    AND place BETWEEN first_place AND last_place
UNION ALL
SELECT 'place ' || later.first_place || ' of room ' || later.room_id || ' is reserved twice'
FROM number_ranges JOIN number_ranges AS later ON later.room_id = number_ranges.room_id
    AND later.first_place > number_ranges.first_place AND later.first_place <= number_ranges.last_place
