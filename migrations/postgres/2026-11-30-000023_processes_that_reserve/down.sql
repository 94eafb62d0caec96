ALTER TABLE processes DROP COLUMN reserves;
