ALTER TABLE queue_tokens
    ADD CONSTRAINT queue_tokens_room_id_version_key UNIQUE (room_id, version),
    ADD CONSTRAINT queue_tokens_room_id_fkey FOREIGN KEY (room_id) REFERENCES rooms (id),
    ADD CONSTRAINT queue_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);
DROP TABLE line_changes;
