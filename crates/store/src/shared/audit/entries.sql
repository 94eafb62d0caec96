-- Summed in two halves, as balances are.
SELECT 'entry ' || id || ' of user ' || user_id || ' is number ' || number || ' in place ' || place
    || ' with ' || balance_after || ' where the sum is ' || sum AS detail
FROM (
    SELECT id, user_id, number, balance_after,
        row_number() OVER history AS place,
        sum(CASE kind WHEN 'USE' THEN -amount ELSE amount END / 1073741824) OVER history * 1073741824
            + sum(CASE kind WHEN 'USE' THEN -amount ELSE amount END % 1073741824) OVER history AS sum
    FROM point_entries
    WINDOW history AS (PARTITION BY user_id ORDER BY number)
) AS entries
WHERE $1 IS NOT NULL AND (number <> place OR balance_after <> sum)
