-- A process keeps most heartbeats to itself and says with each pulse that it is there. When it was lost, all who wait get what a
-- heartbeat would have set.
-- When a process pulsed for the last time, by the clock of the service. One of an older version has none: it keeps nothing.
ALTER TABLE processes ADD COLUMN alive_at timestamptz;
-- Since when the store has been there for those who pulse.
ALTER TABLE service_clock ADD COLUMN up_since timestamptz NOT NULL DEFAULT 'epoch';
-- Whether heartbeats were lost, so that deadlines move by more than the length of the outage.
ALTER TABLE outages ADD COLUMN lost_heartbeats boolean NOT NULL DEFAULT false;
