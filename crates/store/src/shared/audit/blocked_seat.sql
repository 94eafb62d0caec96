SELECT 'seat ' || seats.id || ' is blocked by record ' || seats.block_id || ', which is '
    || coalesce(operator_actions.kind || ' of ' || operator_actions.subject_id, 'missing') AS detail
FROM seats LEFT JOIN operator_actions ON operator_actions.id = seats.block_id
WHERE seats.block_id IS NOT NULL AND $1 IS NOT NULL
    AND (operator_actions.kind IS DISTINCT FROM 'SEATS_BLOCKED'
        OR operator_actions.subject_id IS DISTINCT FROM seats.schedule_id)
