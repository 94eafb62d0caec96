SELECT 'seat ' || seat_id || ' is in ' || count(*) || ' live reservations' AS detail
FROM reservation_seats JOIN reservations ON reservations.id = reservation_id
WHERE status = 'CONFIRMED' OR (status = 'HELD' AND expires_at > $1)
GROUP BY seat_id
HAVING count(*) > 1
