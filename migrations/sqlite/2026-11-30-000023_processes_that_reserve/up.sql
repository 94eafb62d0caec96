-- The store of one process has no table of processes.
SELECT 1;
