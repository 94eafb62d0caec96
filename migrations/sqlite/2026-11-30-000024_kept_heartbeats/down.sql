ALTER TABLE outages DROP COLUMN lost_heartbeats;
ALTER TABLE service_clock DROP COLUMN up_since;
DROP TABLE processes;
