-- A refusal that can pass is no longer kept under an idempotency key, and a final one is decided
-- again the same. Kept successes stay.
DELETE FROM answers WHERE verdict LIKE '{"Err":%';
