//! What is in the databases before a run, written in SQL because it is much.

/// All users who take part, each with an empty account.
pub fn users(count: u64) -> String {
    format!(
        "INSERT INTO users SELECT bench_id(0, n), 'Fan', n || '@bench.invalid', 'none', 'FAN', now()
            FROM generate_series(1, {count}) n;
         INSERT INTO point_accounts SELECT bench_id(0, n), 0, 0 FROM generate_series(1, {count}) n;"
    )
}

/// Concert and room of this number. A room without capacity admits no user.
pub fn room(number: u64, capacity: u64) -> String {
    format!(
        "INSERT INTO concerts VALUES (bench_id(1, {number}), bench_id(0, 1), 'Bench', '', now());
         INSERT INTO rooms VALUES (bench_id(2, {number}), bench_id(1, {number}), {capacity}, 1, 86400, 86400,
            86400, {paused}, now(), 0, 0, now(), 0);",
        paused = capacity == 0,
    )
}

/// Token `n` of user `n` waits at position `n` of the room, for each of `count` users.
pub fn waiting(room: u64, count: u64) -> String {
    format!(
        "INSERT INTO queue_tokens (id, room_id, user_id, place, version, created_at, status, seen_at, idle_at)
            SELECT bench_id(3, n), bench_id(2, {room}), bench_id(0, n), n, n, now(), 'WAITING', now(), now() + interval '10 minutes'
            FROM generate_series(1, {count}) n;
         UPDATE rooms SET last_place = {count}, version = {count} WHERE id = bench_id(2, {room});"
    )
}

/// Token `n` of user `n` has been admitted to the room, for each of `count` users.
pub fn active(room: u64, count: u64) -> String {
    format!(
        "INSERT INTO queue_tokens (id, room_id, user_id, version, created_at, status, active_since, expires_at)
            SELECT bench_id(3, n), bench_id(2, {room}), bench_id(0, n), n, now(), 'ACTIVE', now(),
                now() + interval '1 day'
            FROM generate_series(1, {count}) n;
         UPDATE rooms SET version = {count} WHERE id = bench_id(2, {room});"
    )
}

/// How far apart the numbers of the seats of two schedules are.
pub const SEATS_APART: u64 = 100_000;

/// Schedules `first` to `last` of concert 1, each with `seats` seats; seat `k` of schedule `s` has the
/// number `s * 100,000 + k`. The few users of a benchmark may buy far more tickets than people may.
pub fn schedules(first: u64, last: u64, seats: u64) -> String {
    format!(
        "INSERT INTO schedules (id, concert_id, starts_at, ends_at, booking_opens_at, booking_closes_at, seat_count,
                created_at, ticket_limit)
            SELECT bench_id(4, s), bench_id(1, 1), now() + interval '30 days', now() + interval '31 days',
                now() - interval '1 hour', now() + interval '1 day', {seats}, now(), 1000
            FROM generate_series({first}, {last}) s;
         INSERT INTO seats (id, schedule_id, number, row_number, column_number, label, price, status)
            SELECT bench_id(5, s * {SEATS_APART} + k), bench_id(4, s), k, (k - 1) / 100 + 1, (k - 1) % 100 + 1, '',
                10000, 'FREE'
            FROM generate_series({first}, {last}) s, generate_series(1, {seats}) k;"
    )
}

/// Each user has the points for one seat.
pub const CHARGED: &str = "UPDATE point_accounts SET balance = 10000, entries = 1;
         INSERT INTO point_entries SELECT gen_random_uuid(), user_id, 1, 'CHARGE', 10000, 10000, NULL, now()
            FROM point_accounts;";

/// User `n` holds seat `n` of schedule 1 as reservation `n` and has the points for it, for each of `count` users.
pub fn held(concert: u64, count: u64) -> String {
    format!(
        "INSERT INTO reservations (id, user_id, concert_id, schedule_id, queue_token_id, total_price, created_at,
                expires_at, status)
            SELECT bench_id(6, n), bench_id(0, n), bench_id(1, {concert}), bench_id(4, 1), bench_id(3, n), 10000,
                now(), now() + interval '1 day', 'HELD'
            FROM generate_series(1, {count}) n;
         INSERT INTO reservation_seats SELECT bench_id(6, n), bench_id(5, {SEATS_APART} + n)
            FROM generate_series(1, {count}) n;
         UPDATE seats SET status = 'HELD', reservation_id = bench_id(6, number),
                held_until = now() + interval '1 day' WHERE number <= {count};
         {CHARGED}"
    )
}

/// User `n` has a complimentary ticket of seat `n` of schedule 1, which starts in six hours, for each of `count` users. The
/// check digit of each number is 0.
pub fn ticketed(count: u64) -> String {
    format!(
        "UPDATE schedules SET starts_at = now() + interval '6 hours', ends_at = now() + interval '8 hours',
                booking_closes_at = now() + interval '1 hour', sold_count = {count};
         INSERT INTO reservations (id, user_id, concert_id, schedule_id, total_price, created_at, expires_at, status,
                ended_at, tickets_issued)
            SELECT bench_id(6, n), bench_id(0, n), bench_id(1, 1), bench_id(4, 1), 0, now(), now(), 'CONFIRMED',
                now(), true
            FROM generate_series(1, {count}) n;
         INSERT INTO reservation_seats SELECT bench_id(6, n), bench_id(5, {SEATS_APART} + n)
            FROM generate_series(1, {count}) n;
         UPDATE seats SET status = 'SOLD', reservation_id = bench_id(6, number);
         INSERT INTO tickets (id, number, reservation_id, concert_id, schedule_id, seat_id, holder_id, issued_at, state)
            SELECT bench_id(8, n), 37 * n, bench_id(6, n), bench_id(1, 1), bench_id(4, 1),
                bench_id(5, {SEATS_APART} + n), bench_id(0, n), now(), 'VALID'
            FROM generate_series(1, {count}) n;"
    )
}

/// Expired reservations, of the seats of schedules 1 to `schedules` by the holders of the
/// first tokens. Checks of references are left out, which would take longer than the rest.
pub fn past(count: u64, tokens: u64, schedules: u64, seats: u64) -> String {
    format!(
        "SET session_replication_role = replica;
         INSERT INTO reservations (id, user_id, concert_id, schedule_id, queue_token_id, total_price, created_at,
                expires_at, status)
            SELECT bench_id(6, 1000000000 + n), bench_id(0, n % {tokens} + 1), bench_id(1, 1),
                bench_id(4, n % {schedules} + 1), bench_id(3, n % {tokens} + 1), 10000, now() - interval '2 days',
                now() - interval '1 day', 'EXPIRED'
            FROM generate_series(1, {count}) n;
         INSERT INTO reservation_seats SELECT bench_id(6, 1000000000 + n),
                bench_id(5, (n % {schedules} + 1) * {SEATS_APART} + n % {seats} + 1)
            FROM generate_series(1, {count}) n;
         SET session_replication_role = DEFAULT;"
    )
}
