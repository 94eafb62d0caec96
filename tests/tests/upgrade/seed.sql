-- What a service has in its store in the middle of a sale, in the columns of the first schema.
-- `{60}` is the instant 60 seconds from now, `$name$` a text that the test puts in.
INSERT INTO users (id, name, email, password_hash, role, created_at) VALUES
    ('01900000-0000-7000-8000-000000000001', 'Kim Minji', 'fan@example.com', '$hash$', 'FAN', {-7200}),
    ('01900000-0000-7000-8000-000000000002', 'Lee Jun', 'lee@example.com', '$hash$', 'ORGANIZER', {-7200});
INSERT INTO point_accounts (user_id, balance, entries) VALUES
    ('01900000-0000-7000-8000-000000000001', 50000, 2),
    ('01900000-0000-7000-8000-000000000002', 0, 0);
INSERT INTO concerts (id, organizer_id, title, description, created_at) VALUES
    ('01900000-0000-7000-8000-000000000003', '01900000-0000-7000-8000-000000000002', 'Winter night', '', {-7000});
INSERT INTO rooms (id, concert_id, capacity, admit_batch, admit_interval_seconds, active_seconds, idle_seconds,
        paused, policy_changed_at, last_place, version, admissions_since, admissions_count) VALUES
    ('01900000-0000-7000-8000-000000000004', '01900000-0000-7000-8000-000000000003', 50, 10, 10, 3600, 120,
        false, {-7000}, 1, 3, {-1900}, 1);
INSERT INTO schedules (id, concert_id, starts_at, ends_at, booking_opens_at, booking_closes_at, seat_count, created_at)
VALUES ('01900000-0000-7000-8000-000000000005', '01900000-0000-7000-8000-000000000003', {86400}, {93600}, {-3600},
    {3600}, 5, {-7000});
INSERT INTO queue_tokens (id, room_id, user_id, place, version, created_at, status, seen_at, active_since, expires_at,
        reason, ended_at) VALUES
    ('01900000-0000-7000-8000-000000000006', '01900000-0000-7000-8000-000000000004',
        '01900000-0000-7000-8000-000000000001', 1, 2, {-2000}, 'EXPIRED', NULL, NULL, NULL, 'COMPLETED', {-1800}),
    ('01900000-0000-7000-8000-000000000007', '01900000-0000-7000-8000-000000000004',
        '01900000-0000-7000-8000-000000000001', NULL, 3, {-100}, 'ACTIVE', NULL, {-100}, {3500}, NULL, NULL);
INSERT INTO reservations (id, user_id, concert_id, schedule_id, queue_token_id, total_price, created_at, expires_at,
        status, ended_at) VALUES
    ('01900000-0000-7000-8000-000000000008', '01900000-0000-7000-8000-000000000001',
        '01900000-0000-7000-8000-000000000003', '01900000-0000-7000-8000-000000000005',
        '01900000-0000-7000-8000-000000000006', 10000, {-1850}, {-1550}, 'CONFIRMED', {-1800}),
    ('01900000-0000-7000-8000-000000000009', '01900000-0000-7000-8000-000000000001',
        '01900000-0000-7000-8000-000000000003', '01900000-0000-7000-8000-000000000005',
        '01900000-0000-7000-8000-000000000007', 20000, {-60}, {240}, 'HELD', NULL),
    ('01900000-0000-7000-8000-00000000000a', '01900000-0000-7000-8000-000000000001',
        '01900000-0000-7000-8000-000000000003', '01900000-0000-7000-8000-000000000005',
        '01900000-0000-7000-8000-000000000006', 10000, {-1990}, {-1690}, 'CANCELLED', {-1900});
INSERT INTO seats (id, schedule_id, number, row_number, column_number, label, price, status, reservation_id, held_until)
VALUES
    ('01900000-0000-7000-8000-000000000011', '01900000-0000-7000-8000-000000000005', 1, 1, 1, 'R', 10000, 'SOLD',
        '01900000-0000-7000-8000-000000000008', NULL),
    ('01900000-0000-7000-8000-000000000012', '01900000-0000-7000-8000-000000000005', 2, 1, 2, 'R', 10000, 'HELD',
        '01900000-0000-7000-8000-000000000009', {240}),
    ('01900000-0000-7000-8000-000000000013', '01900000-0000-7000-8000-000000000005', 3, 1, 3, 'R', 10000, 'HELD',
        '01900000-0000-7000-8000-000000000009', {240}),
    ('01900000-0000-7000-8000-000000000014', '01900000-0000-7000-8000-000000000005', 4, 1, 4, 'R', 10000, 'FREE',
        NULL, NULL),
    ('01900000-0000-7000-8000-000000000015', '01900000-0000-7000-8000-000000000005', 5, 1, 5, 'R', 10000, 'FREE',
        NULL, NULL);
INSERT INTO reservation_seats (reservation_id, seat_id) VALUES
    ('01900000-0000-7000-8000-000000000008', '01900000-0000-7000-8000-000000000011'),
    ('01900000-0000-7000-8000-000000000009', '01900000-0000-7000-8000-000000000012'),
    ('01900000-0000-7000-8000-000000000009', '01900000-0000-7000-8000-000000000013'),
    ('01900000-0000-7000-8000-00000000000a', '01900000-0000-7000-8000-000000000014');
INSERT INTO payments (id, user_id, reservation_id, amount, created_at) VALUES
    ('01900000-0000-7000-8000-000000000021', '01900000-0000-7000-8000-000000000001',
        '01900000-0000-7000-8000-000000000008', 10000, {-1800});
INSERT INTO point_entries (id, user_id, number, kind, amount, balance_after, payment_id, created_at) VALUES
    ('01900000-0000-7000-8000-000000000031', '01900000-0000-7000-8000-000000000001', 1, 'CHARGE', 60000, 60000, NULL,
        {-1900}),
    ('01900000-0000-7000-8000-000000000032', '01900000-0000-7000-8000-000000000001', 2, 'USE', 10000, 50000,
        '01900000-0000-7000-8000-000000000021', {-1800});
INSERT INTO answers (owner, key, command, fingerprint, verdict, recorded_at) VALUES
    ('01900000-0000-7000-8000-000000000001', 'before', 'hold_seats', '$fingerprint$', '$verdict$', {-60});
