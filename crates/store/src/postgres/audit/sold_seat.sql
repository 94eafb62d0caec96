SELECT 'seat ' || seats.id || ' is sold to reservation ' || seats.reservation_id || ' with '
    || confirmed.count || ' confirmed reservations and ' || paid.count || ' payments' AS detail
FROM seats
CROSS JOIN LATERAL (
    SELECT count(*) FROM reservations
    JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
    WHERE reservation_seats.seat_id = seats.id AND reservations.status = 'CONFIRMED'
) AS confirmed
CROSS JOIN LATERAL (
    SELECT count(*) FROM payments WHERE payments.reservation_id = seats.reservation_id
) AS paid
WHERE seats.status = 'SOLD' AND $1 IS NOT NULL AND (confirmed.count <> 1 OR paid.count <> 1)
