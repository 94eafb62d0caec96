-- After a long past the statistics say that hardly anything is held and that nothing has yet to run out. By
-- them any index of holds looks as good as any other, and the wrong one is read whole for each person and
-- each token. So each index has a condition of its own, which its own statement alone is put like.
DROP INDEX reservations_held;
CREATE INDEX reservations_held ON reservations (expires_at) WHERE status = 'HELD' AND ended_at IS NULL;
DROP INDEX reservations_live;
CREATE INDEX reservations_live ON reservations (schedule_id, user_id, expires_at) WHERE status LIKE 'HELD';
