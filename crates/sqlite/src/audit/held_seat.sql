SELECT 'seat ' || seats.id || ' is held by reservation ' || seats.reservation_id || ', which disagrees' AS detail
FROM seats
WHERE seats.status = 'HELD' AND seats.held_until > $1 AND NOT EXISTS (
    SELECT 1 FROM reservations
    JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
    WHERE reservations.id = seats.reservation_id AND reservation_seats.seat_id = seats.id
        AND reservations.status = 'HELD' AND reservations.expires_at = seats.held_until)
UNION ALL
SELECT 'reservation ' || reservations.id || ' holds seat ' || seats.id || ', which disagrees'
FROM reservations
JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
JOIN seats ON seats.id = reservation_seats.seat_id
WHERE reservations.status = 'HELD' AND reservations.expires_at > $1
    AND (seats.status <> 'HELD' OR seats.reservation_id <> reservations.id)
