SELECT 'reservation ' || reservations.id || ' costs ' || reservations.total_price || ' and its '
    || count(seats.id) || ' seats ' || coalesce(sum(seats.price), 0) AS detail
FROM reservations
LEFT JOIN reservation_seats ON reservation_seats.reservation_id = reservations.id
LEFT JOIN seats ON seats.id = reservation_seats.seat_id AND seats.schedule_id = reservations.schedule_id
WHERE $1 IS NOT NULL
GROUP BY reservations.id
HAVING reservations.total_price <> coalesce(sum(seats.price), 0) OR count(seats.id) NOT BETWEEN 1 AND 4
