ALTER TABLE venues DROP COLUMN search_text;
