-- The program brings every e-mail address into its one form, in the same transaction
-- (crates/sqlite/src/migrations/addresses.rs): SQL cannot.
SELECT 1;
