SELECT 'payment ' || id || ' of ' || amount || ' has ' || count || ' use entries of ' || coalesce(sum, 0)
    || ' and a reservation of ' || total_price || ' that is ' || status AS detail
FROM (
    SELECT payments.id, payments.user_id, payments.amount, reservations.total_price,
        reservations.status, reservations.user_id AS holder,
        (SELECT count(*) FROM point_entries WHERE payment_id = payments.id AND kind = 'USE'
            AND point_entries.user_id = payments.user_id) AS count,
        (SELECT sum(point_entries.amount) FROM point_entries WHERE payment_id = payments.id
            AND kind = 'USE' AND point_entries.user_id = payments.user_id) AS sum
    FROM payments JOIN reservations ON reservations.id = payments.reservation_id
) AS paid
WHERE $1 IS NOT NULL AND (count <> 1 OR sum <> amount
    OR holder <> user_id OR status NOT IN ('CONFIRMED', 'CANCELLED'))
UNION ALL
SELECT 'confirmed reservation ' || reservations.id || ' has no payment'
FROM reservations
WHERE status = 'CONFIRMED' AND queue_token_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM payments WHERE payments.reservation_id = reservations.id)
UNION ALL
SELECT 'complimentary reservation ' || reservations.id || ' has payment ' || payments.id
FROM payments JOIN reservations ON reservations.id = payments.reservation_id
WHERE reservations.queue_token_id IS NULL
UNION ALL
SELECT 'payment ' || id || ' of ' || amount || ' has ' || count || ' refund entries of ' || coalesce(sum, 0)
    || ' and its reservation of ' || total_price || ' is ' || status
FROM (
    SELECT payments.id, payments.amount, reservations.status, reservations.total_price,
        (SELECT count(*) FROM point_entries WHERE payment_id = payments.id AND kind = 'REFUND'
            AND point_entries.user_id = payments.user_id) AS count,
        (SELECT sum(point_entries.amount) FROM point_entries WHERE payment_id = payments.id
            AND kind = 'REFUND' AND point_entries.user_id = payments.user_id) AS sum
    FROM payments JOIN reservations ON reservations.id = payments.reservation_id
) AS refunded
WHERE amount <> coalesce(sum, 0) + CASE status WHEN 'CANCELLED' THEN 0 ELSE total_price END
