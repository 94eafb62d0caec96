SELECT 'seat ' || reserved.seat_id || ' of confirmed reservation ' || reservations.id || ' has '
    || (SELECT count(*) FROM tickets
        WHERE tickets.reservation_id = reservations.id AND tickets.seat_id = reserved.seat_id AND state = 'VALID')
    || ' valid tickets' AS detail
FROM reservations
JOIN reservation_seats AS reserved ON reserved.reservation_id = reservations.id
WHERE reservations.status = 'CONFIRMED' AND tickets_issued AND $1 IS NOT NULL
    AND 1 <> (SELECT count(*) FROM tickets
        WHERE tickets.reservation_id = reservations.id AND tickets.seat_id = reserved.seat_id AND state = 'VALID')
UNION ALL
SELECT 'valid ticket ' || tickets.id || ' of seat ' || tickets.seat_id || ' is of reservation ' || reservations.id
    || ', which is ' || reservations.status
FROM tickets
JOIN reservations ON reservations.id = tickets.reservation_id
WHERE tickets.state = 'VALID' AND (
    reservations.status <> 'CONFIRMED' OR NOT tickets_issued OR reservations.schedule_id <> tickets.schedule_id
    OR reservations.concert_id <> tickets.concert_id
    OR NOT EXISTS (SELECT 1 FROM reservation_seats AS reserved
        WHERE reserved.reservation_id = reservations.id AND reserved.seat_id = tickets.seat_id))
