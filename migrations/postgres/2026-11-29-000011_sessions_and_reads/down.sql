DELETE FROM operator_actions WHERE kind <> 'ROOM_CHANGED';
ALTER TABLE operator_actions
    DROP CONSTRAINT operator_actions_kind,
    DROP COLUMN kind,
    DROP COLUMN user_id,
    ALTER COLUMN room_id SET NOT NULL,
    ALTER COLUMN before SET NOT NULL,
    ALTER COLUMN after SET NOT NULL;
DROP INDEX users_sessions_ended;
ALTER TABLE users DROP COLUMN sessions_ended_at, DROP COLUMN session_version;
