SELECT 'seat ' || id || ' is sold to reservation ' || reservation_id || ' with ' || confirmed
    || ' confirmed reservations and ' || paid || ' payments' AS detail
FROM (
    SELECT seats.id, seats.reservation_id,
        (SELECT count(*) FROM reservations
            JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
            WHERE reservation_seats.seat_id = seats.id AND reservations.status = 'CONFIRMED')
            AS confirmed,
        (SELECT count(*) FROM payments WHERE payments.reservation_id = seats.reservation_id)
            AS paid,
        (SELECT count(*) FROM reservations
            WHERE reservations.id = seats.reservation_id AND queue_token_id IS NULL)
            AS complimentary
    FROM seats WHERE seats.status = 'SOLD'
) AS sold
WHERE $1 IS NOT NULL AND (confirmed <> 1 OR paid + complimentary <> 1)
