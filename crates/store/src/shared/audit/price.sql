SELECT 'reservation ' || reservations.id || ' costs ' || reservations.total_price || ' and its '
    || count(seats.id) || ' seats ' || coalesce(sum(seats.price), 0)
    || CASE WHEN reservations.queue_token_id IS NULL THEN ', which are complimentary' ELSE '' END AS detail
FROM reservations
LEFT JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
LEFT JOIN seats ON seats.id = reservation_seats.seat_id AND seats.schedule_id = reservations.schedule_id
WHERE $1 IS NOT NULL
GROUP BY reservations.id
HAVING reservations.total_price
        <> CASE WHEN reservations.queue_token_id IS NULL THEN 0 ELSE coalesce(sum(seats.price), 0) END
    OR count(seats.id) NOT BETWEEN 1 AND 4
