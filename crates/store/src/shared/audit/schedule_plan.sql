SELECT 'schedule ' || schedules.id || ' of ' || schedules.seat_count || ' seats has version ' || schedules.plan_version
    || ' of hall ' || schedules.hall_id || ', which has ' || coalesce(hall_plans.place_count, 0) || ' places' AS detail
FROM schedules
LEFT JOIN hall_plans
    ON hall_plans.hall_id = schedules.hall_id AND hall_plans.version = schedules.plan_version
WHERE $1 IS NOT NULL AND schedules.hall_id IS NOT NULL
    AND (hall_plans.version IS NULL OR hall_plans.place_count <> schedules.seat_count)
