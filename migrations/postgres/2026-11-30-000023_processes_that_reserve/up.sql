-- Which processes reserve numbers before they write tokens. One of an older version writes false, and the others reserve none next
-- to it: it would not count numbers without tokens.
ALTER TABLE processes ADD COLUMN reserves boolean NOT NULL DEFAULT false;
