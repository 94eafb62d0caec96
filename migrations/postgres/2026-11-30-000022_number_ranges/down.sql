DROP INDEX queue_tokens_of_room;
DROP INDEX queue_tokens_line;
CREATE INDEX queue_tokens_line ON queue_tokens (room_id, place) WHERE status = 'WAITING';
ALTER TABLE queue_tokens ADD CONSTRAINT queue_tokens_room_id_place_key UNIQUE (room_id, place);
DROP TABLE number_ranges;
