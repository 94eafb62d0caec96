-- A process keeps most heartbeats to itself and says with each pulse that it is there. When it was lost, all who wait get what a
-- heartbeat would have set.
-- The process that serves from this store, and when it pulsed for the last time.
CREATE TABLE processes (
    id text PRIMARY KEY NOT NULL,
    alive_at integer NOT NULL
) STRICT;
-- Since when the store has been there for it.
ALTER TABLE service_clock ADD COLUMN up_since integer NOT NULL DEFAULT 0;
-- Whether heartbeats were lost, so that deadlines move by more than the length of the outage.
ALTER TABLE outages ADD COLUMN lost_heartbeats integer NOT NULL DEFAULT 0;
