SELECT 'schedule ' || schedules.id || ' has ' || count(seats.id) || ' seats of ' || schedules.seat_count || ', '
    || count(seats.id) FILTER (WHERE seats.status = 'SOLD') || ' sold of ' || schedules.sold_count || ' and '
    || count(seats.block_id) || ' blocked of ' || schedules.blocked_count AS detail
FROM schedules LEFT JOIN seats ON seats.schedule_id = schedules.id
WHERE $1 IS NOT NULL
GROUP BY schedules.id
HAVING count(seats.id) <> schedules.seat_count
    OR count(seats.id) FILTER (WHERE seats.status = 'SOLD') <> schedules.sold_count
    OR count(seats.block_id) <> schedules.blocked_count
