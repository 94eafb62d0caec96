CREATE TABLE old_operator_actions (
    id text PRIMARY KEY,
    operator_id text NOT NULL,
    room_id text NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    at integer NOT NULL
) STRICT;
INSERT INTO old_operator_actions
    SELECT id, operator_id, room_id, before, after, at FROM operator_actions WHERE kind = 'ROOM_CHANGED';
DROP TABLE operator_actions;
ALTER TABLE old_operator_actions RENAME TO operator_actions;
DROP INDEX users_sessions_ended;
ALTER TABLE users DROP COLUMN sessions_ended_at;
ALTER TABLE users DROP COLUMN session_version;
