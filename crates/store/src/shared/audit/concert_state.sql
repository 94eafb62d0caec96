SELECT copy.kind || ' ' || copy.id || ' says ' || copy.concert_state || ' of concert ' || concerts.id || ', which is '
    || concerts.state AS detail
FROM concerts
JOIN (
    SELECT 'room' AS kind, id, concert_id, concert_state FROM rooms
    UNION ALL
    SELECT 'schedule' AS kind, id, concert_id, concert_state FROM schedules
) AS copy ON copy.concert_id = concerts.id
WHERE copy.concert_state <> concerts.state AND $1 IS NOT NULL
