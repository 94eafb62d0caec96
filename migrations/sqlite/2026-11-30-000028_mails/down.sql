DROP INDEX schedules_untold;
ALTER TABLE schedules DROP COLUMN move_told_to;
DROP TABLE mail_tokens;
DROP TABLE mails;
ALTER TABLE users DROP COLUMN language;
ALTER TABLE users DROP COLUMN email_verified_at;
