-- Deleted refusals are decided again; nothing is to be restored.
SELECT 1;
