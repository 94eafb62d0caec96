SELECT 'user ' || id || ' has no point account' AS detail
FROM users
WHERE $1 IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM point_accounts WHERE point_accounts.user_id = users.id)
