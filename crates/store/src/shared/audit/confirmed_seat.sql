SELECT 'seat ' || seats.id || ' of confirmed reservation ' || reservations.id || ' is ' || seats.status AS detail
FROM reservations
JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
JOIN seats ON seats.id = reservation_seats.seat_id
WHERE reservations.status = 'CONFIRMED' AND $1 IS NOT NULL
    AND (seats.status <> 'SOLD' OR seats.reservation_id <> reservations.id)
