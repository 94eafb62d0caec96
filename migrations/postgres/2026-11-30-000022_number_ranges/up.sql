-- Sequence numbers that are given out before the tokens with them are written: by one transaction while the room is locked,
-- while another one writes the tokens of an earlier range.
CREATE TABLE number_ranges (
    room_id uuid NOT NULL,
    first_place bigint NOT NULL CHECK (first_place > 0),
    last_place bigint NOT NULL,
    reserved_at timestamptz NOT NULL,
    idle_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, first_place),
    CHECK (first_place <= last_place)
);
-- Those that their process has left.
CREATE INDEX number_ranges_stale ON number_ranges (reserved_at);

-- One index tells the places in line and that each is given once, instead of two. A token that waits no more has its place as
-- a record, which `stagedoor audit` compares with the others.
DROP INDEX queue_tokens_line;
ALTER TABLE queue_tokens DROP CONSTRAINT queue_tokens_room_id_place_key;
CREATE UNIQUE INDEX queue_tokens_line ON queue_tokens (room_id, place) WHERE status = 'WAITING';
-- All tokens of a room, for the deletion of a concert without sales: an index of a few kilobytes that a join hardly writes to.
CREATE INDEX queue_tokens_of_room ON queue_tokens USING brin (room_id uuid_bloom_ops);
