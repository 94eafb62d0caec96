-- Operators' reads of what is another user's are recorded next to their changes of rooms. SQLite cannot
-- change a column, so the table is made anew.
CREATE TABLE new_operator_actions (
    id text PRIMARY KEY,
    operator_id text NOT NULL,
    kind text NOT NULL DEFAULT 'ROOM_CHANGED',
    room_id text,
    before text,
    after text,
    user_id text,
    at integer NOT NULL,
    CONSTRAINT operator_actions_kind CHECK (CASE kind
        WHEN 'ROOM_CHANGED' THEN user_id IS NULL
            AND room_id IS NOT NULL AND before IS NOT NULL AND after IS NOT NULL
        WHEN 'ACCOUNT_READ' THEN user_id IS NOT NULL
            AND room_id IS NULL AND before IS NULL AND after IS NULL
        WHEN 'RESERVATIONS_READ' THEN user_id IS NOT NULL
            AND room_id IS NULL AND before IS NULL AND after IS NULL
        ELSE false
    END)
) STRICT;
INSERT INTO new_operator_actions (id, operator_id, room_id, before, after, at)
    SELECT id, operator_id, room_id, before, after, at FROM operator_actions;
DROP TABLE operator_actions;
ALTER TABLE new_operator_actions RENAME TO operator_actions;
-- Tokens of an older version of their user's sessions are refused. The process reads the users whose
-- sessions ended lately.
ALTER TABLE users ADD COLUMN session_version integer NOT NULL DEFAULT 0 CHECK (session_version >= 0);
ALTER TABLE users ADD COLUMN sessions_ended_at integer;
CREATE INDEX users_sessions_ended ON users (sessions_ended_at) WHERE sessions_ended_at IS NOT NULL;
