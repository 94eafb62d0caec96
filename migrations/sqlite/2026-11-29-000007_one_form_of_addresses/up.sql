-- The program brings every e-mail address into its one form, in the same transaction
-- (crates/store/src/shared/migrations/addresses.rs): SQL cannot.
SELECT 1;
