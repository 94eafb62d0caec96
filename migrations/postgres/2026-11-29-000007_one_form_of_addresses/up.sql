-- Sign-ups wait until the program, in the same transaction, has brought every e-mail address into its
-- one form (crates/store/src/shared/migrations/addresses.rs): SQL cannot.
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
