SELECT 'ticket ' || tickets.id || ' of version ' || tickets.version || ' is '
    || CASE WHEN checked_in_at IS NULL THEN 'not checked in' ELSE 'checked in' END || ', and its event says ' || events.kind AS detail
FROM tickets
JOIN events ON events.subject_id = tickets.id AND events.number = tickets.version
WHERE tickets.state = 'VALID' AND $1 IS NOT NULL
    AND events.kind <> CASE WHEN checked_in_at IS NULL THEN 'ticket.check_in_undone' ELSE 'ticket.checked_in' END
