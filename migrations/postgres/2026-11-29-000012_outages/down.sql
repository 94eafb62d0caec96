ALTER TABLE queue_tokens DROP COLUMN outage_number;
DROP TABLE outages;
