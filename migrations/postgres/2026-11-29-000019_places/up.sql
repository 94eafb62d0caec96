-- The text in which searches for the place of a concert look. The program gives it to venues from before, in the same
-- transaction (crates/store/src/shared/migrations/places.rs): SQL cannot.
ALTER TABLE venues ADD COLUMN search_text text NOT NULL DEFAULT '';
