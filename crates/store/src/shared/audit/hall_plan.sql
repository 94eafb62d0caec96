SELECT 'hall ' || halls.id || ' has plan version ' || halls.plan_version || ' of ' || halls.place_count || ' places and '
    || count(hall_plans.version) || ' versions up to ' || coalesce(max(hall_plans.version), 0) AS detail
FROM halls LEFT JOIN hall_plans ON hall_plans.hall_id = halls.id
WHERE $1 IS NOT NULL
GROUP BY halls.id
HAVING count(hall_plans.version) <> halls.plan_version OR max(hall_plans.version) <> halls.plan_version
    OR coalesce(sum(CASE hall_plans.version WHEN halls.plan_version THEN hall_plans.place_count END), 0)
        <> halls.place_count
