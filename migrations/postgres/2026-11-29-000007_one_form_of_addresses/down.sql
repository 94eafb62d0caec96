-- Older versions read the one form of an e-mail address as it is.
SELECT 1;
