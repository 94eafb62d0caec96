SELECT 'payment ' || payments.id || ' of ' || payments.amount || ' has ' || used.count || ' use entries of '
    || coalesce(used.sum, 0) || ' and a reservation of ' || reservations.total_price || ' that is '
    || reservations.status AS detail
FROM payments
JOIN reservations ON reservations.id = payments.reservation_id
CROSS JOIN LATERAL (
    SELECT count(*), sum(amount) FROM point_entries
    WHERE payment_id = payments.id AND kind = 'USE' AND user_id = payments.user_id
) AS used
WHERE $1 IS NOT NULL AND (used.count <> 1 OR used.sum <> payments.amount
    OR reservations.total_price <> payments.amount OR reservations.user_id <> payments.user_id
    OR reservations.status NOT IN ('CONFIRMED', 'CANCELLED'))
UNION ALL
SELECT 'confirmed reservation ' || reservations.id || ' has no payment'
FROM reservations
WHERE status = 'CONFIRMED'
    AND NOT EXISTS (SELECT FROM payments WHERE payments.reservation_id = reservations.id)
UNION ALL
SELECT 'payment ' || payments.id || ' of ' || payments.amount || ' has ' || refunded.count || ' refund entries of '
    || coalesce(refunded.sum, 0) || ' and its reservation is ' || reservations.status
FROM payments
JOIN reservations ON reservations.id = payments.reservation_id
CROSS JOIN LATERAL (
    SELECT count(*), sum(amount) FROM point_entries
    WHERE payment_id = payments.id AND kind = 'REFUND' AND user_id = payments.user_id
) AS refunded
WHERE CASE reservations.status WHEN 'CANCELLED' THEN refunded.count <> 1 OR refunded.sum <> payments.amount
    ELSE refunded.count <> 0 END
