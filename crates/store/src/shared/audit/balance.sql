-- Summed in two halves, because on SQLite a sum of more than 64 bits is an error, and bad data must be reported.
SELECT 'account of user ' || accounts.user_id || ' has ' || accounts.balance || ' but its entries come to '
    || coalesce(sums.sum, 0) || ' in ' || coalesce(sums.count, 0) || ' of ' || accounts.entries AS detail
FROM point_accounts AS accounts
LEFT JOIN (
    SELECT user_id, sum(CASE kind WHEN 'USE' THEN -amount ELSE amount END / 1073741824) * 1073741824
        + sum(CASE kind WHEN 'USE' THEN -amount ELSE amount END % 1073741824) AS sum, count(*) AS count
    FROM point_entries GROUP BY user_id
) AS sums ON sums.user_id = accounts.user_id
WHERE $1 IS NOT NULL AND (accounts.balance < 0 OR accounts.balance <> coalesce(sums.sum, 0)
    OR accounts.entries <> coalesce(sums.count, 0))
