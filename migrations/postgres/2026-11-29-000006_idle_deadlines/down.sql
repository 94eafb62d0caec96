UPDATE rooms SET idle_seconds = 120 WHERE idle_seconds = 600 AND NOT EXISTS (SELECT 1 FROM users);
DROP TABLE service_clock;
