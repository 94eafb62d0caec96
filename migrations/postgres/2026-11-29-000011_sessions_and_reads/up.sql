-- Operators' reads of what is another user's are recorded next to their changes of rooms.
ALTER TABLE operator_actions
    ADD COLUMN kind text NOT NULL DEFAULT 'ROOM_CHANGED',
    ADD COLUMN user_id uuid,
    ALTER COLUMN room_id DROP NOT NULL,
    ALTER COLUMN before DROP NOT NULL,
    ALTER COLUMN after DROP NOT NULL,
    ADD CONSTRAINT operator_actions_kind CHECK (CASE kind
        WHEN 'ROOM_CHANGED' THEN user_id IS NULL AND num_nulls(room_id, before, after) = 0
        WHEN 'ACCOUNT_READ' THEN user_id IS NOT NULL AND num_nonnulls(room_id, before, after) = 0
        WHEN 'RESERVATIONS_READ' THEN user_id IS NOT NULL AND num_nonnulls(room_id, before, after) = 0
        ELSE false
    END);
-- Tokens of an older version of their user's sessions are refused. Each process reads the users whose
-- sessions ended lately.
ALTER TABLE users
    ADD COLUMN session_version bigint NOT NULL DEFAULT 0 CHECK (session_version >= 0),
    ADD COLUMN sessions_ended_at timestamptz;
CREATE INDEX users_sessions_ended ON users (sessions_ended_at) WHERE sessions_ended_at IS NOT NULL;
