SELECT 'seat ' || seats.id || ' is held by reservation ' || seats.reservation_id || ', which disagrees' AS detail
FROM seats
LEFT JOIN reservations ON reservations.id = seats.reservation_id
LEFT JOIN reservation_seats
    ON reservation_seats.reservation_id = seats.reservation_id AND reservation_seats.seat_id = seats.id
WHERE seats.status = 'HELD' AND seats.held_until > $1 AND (
    reservations.status IS DISTINCT FROM 'HELD' OR reservations.expires_at IS DISTINCT FROM seats.held_until
    OR reservation_seats.seat_id IS NULL)
UNION ALL
SELECT 'reservation ' || reservations.id || ' holds seat ' || seats.id || ', which disagrees'
FROM reservations
JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
JOIN seats ON seats.id = reservation_seats.seat_id
WHERE reservations.status = 'HELD' AND reservations.expires_at > $1
    AND (seats.status <> 'HELD' OR seats.reservation_id <> reservations.id)
