//! How PostgreSQL finds the rows of every statement that is asked often: by index, whether the tables
//! were empty when the plan was made, have grown since they were last analyzed, are large, or full of what
//! is past.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use stagedoor_domain::concert::Slug;
use stagedoor_domain::mail::MailOutcome;
use stagedoor_domain::operations::{
    ClaimMails, CreateSchedule, ExpireHolds, ExpireTokens, FanOutEvents, FillRange, PolicyEdit,
    RepairTickets, ReplayEvents, SeatChoice, TellMoves, WebhookChange,
};
use stagedoor_domain::ports::{
    ConcertFilter, Concerts, Doors, Events, Execute, Halls, Kept, Maintenance, OperatorActions,
    Payments, PointAccounts, PosterImages, QueueTokens, Reservations, Rooms, Schedules, Tickets,
    Users, Venues, WaitingLines, Webhooks,
};
use stagedoor_domain::{
    EventId, ExpectedVersion, PageSize, ProcessId, Pulse, ReservationId, Role, RoomId, Ticket,
    UserId,
};
use stagedoor_store::postgres::{PostgresSettings, PostgresStore};
use stagedoor_tests::contract::check_ins;
use stagedoor_tests::contract::complimentary_tickets::give;
use stagedoor_tests::contract::concerts::new_title;
use stagedoor_tests::contract::events;
use stagedoor_tests::contract::extend_and_cancel::cancellation;
use stagedoor_tests::contract::ids::fresh;
use stagedoor_tests::contract::mails;
use stagedoor_tests::contract::posters::a_poster;
use stagedoor_tests::contract::ranges::void;
use stagedoor_tests::contract::seat_blocks::{block, unblock};
use stagedoor_tests::contract::store::{ask_keyed, keyed};
use stagedoor_tests::contract::tickets;
use stagedoor_tests::contract::venues;
use stagedoor_tests::contract::world::{
    CHARGE, Fan, OPENING, PRICE, Show, World, at, heartbeat, keep_waiting, leave, release, rename,
};
use stagedoor_tests::database::PostgresSchema;
use stagedoor_tests::stores::postgres_settings;

/// Copies what a session has prepared, and how the session is set, whenever a user signs up in it.
const NOTES: &str = "
    CREATE TABLE notes (name text PRIMARY KEY, statement text, types text);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO notes SELECT name, statement, array_to_string(parameter_types, ', ')
            FROM pg_prepared_statements ON CONFLICT DO NOTHING;
        INSERT INTO notes SELECT 'set ' || name, format('SET %I = %L', name, setting), ''
            FROM pg_settings WHERE name LIKE 'enable\\_%' OR name = 'plan_cache_mode' ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$;
    CREATE TRIGGER note AFTER INSERT ON users FOR EACH STATEMENT EXECUTE FUNCTION note();";

#[derive(QueryableByName)]
struct Note {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    statement: String,
    #[diesel(sql_type = Text)]
    types: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    line: String,
}

/// Everything that is asked often, once, on one connection.
async fn ask_everything(world: &World<PostgresStore>) {
    let show = world.open_show(2, 10).await;
    let closed = world.closed_show().await;
    let (fan, other, waits) = (
        world.fan(show.room_id).await,
        world.fan(show.room_id).await,
        world.fan(closed.room_id).await,
    );
    let charge = world.points(fan.user_id, CHARGE, 1);
    ask_keyed(&world.store, keyed(fan.user_id, "a key", "print", charge), OPENING).await.unwrap();
    world.done(rename(fan.user_id, "New Name"), OPENING).await;
    world.done(heartbeat(waits, at(1)), at(1)).await;
    world.done(keep_waiting(waits, 1, at(1_000)), at(1)).await;
    world.admit(closed.room_id, at(2)).await;
    let sold = world.sold(fan, &show, &[1, 2], OPENING).await;
    let seat = world.store.seats(show.schedule_id).await.unwrap()[5].id;
    for choice in [SeatChoice::Ids(vec![seat]), SeatChoice::best(2)] {
        let held = world.done(world.hold_choice(other, &show, choice), OPENING).await;
        world.done(release(&held), at(1)).await;
    }
    world.held(other, &show, &[7], OPENING).await;
    world.done(leave(other), at(3)).await;
    world.done(ExpireHolds, at(4)).await;
    world.done(ExpireTokens, at(4)).await;
    for now in [at(5), at(15)] {
        world.store.pulse(ProcessId(fresh()), Pulse::Start, now).await.unwrap();
    }
    let (draft, deleted) = (world.draft().await, world.closed_show().await);
    world.fan(deleted.room_id).await;
    world.done(draft.edit(new_title("Another title"), 0), at(5)).await;
    for poster in [Some(a_poster(1, 640)), Some(a_poster(2, 320)), None] {
        world.done(draft.show_poster(poster), at(5)).await;
    }
    world.done(draft.publish(), at(5)).await;
    world.done(draft.cancel(), at(5)).await;
    world.done(deleted.delete(), at(5)).await;
    ask_two_at_once(world, &show, &closed).await;
    use_webhooks(world, &show).await;
    use_tickets(world).await;
    use_venues(world, &show).await;
    for numbers in [&[17][..], &[15, 16]] {
        world.done(give(world, &show, fan.user_id, numbers), at(6)).await;
    }
    for numbers in [&[19][..], &[18, 20]] {
        world.done(block(world, &show, numbers), at(6)).await;
    }
    world.done(unblock(world, &show, &[18, 20]), at(7)).await;
    let newest = world.store.seat_blocks(show.schedule_id, None, PageSize::DEFAULT).await.unwrap();
    let after = Some(newest.items[0].id);
    world.store.seat_blocks(show.schedule_id, after, PageSize::DEFAULT).await.unwrap();
    use_mails(world, &show).await;
    read_everything(world, &show, sold.payment.reservation_id, fan.user_id).await;
    world.users(1).await;
}

/// The same in batches: several rows of a table are written by another statement than one.
async fn ask_two_at_once(world: &World<PostgresStore>, show: &Show, closed: &Show) {
    let [buyers, waiters] =
        [world.fans(show.room_id, 2).await, world.fans(closed.room_id, 2).await];
    let charge = |fan: &Fan| {
        keyed(fan.user_id, "key", "print", world.points(fan.user_id, CHARGE, 2 * PRICE))
    };
    let charges: Vec<_> = buyers.iter().map(charge).collect();
    world.store.execute(&charges, OPENING).await.unwrap();
    world.ask_all(waiters.iter().map(|fan| heartbeat(*fan, at(1))), at(1)).await;
    let edits = [show, closed].map(|show| world.change_policy(show.room_id, PolicyEdit::default()));
    world.ask_all(edits, at(1)).await;
    let holds = buyers.iter().zip([[11, 12], [13, 14]]);
    let holds: Vec<_> = holds.map(|(fan, numbers)| world.hold(*fan, show, &numbers)).collect();
    let held = world.ask_all(holds, OPENING).await;
    let held: Vec<_> = held.into_iter().map(Result::unwrap).collect();
    let pays = buyers.iter().zip(&held).map(|(fan, held)| world.pay(*fan, held.id));
    for paid in world.ask_all(pays.collect::<Vec<_>>(), at(1)).await {
        paid.unwrap();
    }
    for count in [1, 2] {
        let tokens = world.reserve(closed.room_id, &world.users(count).await, at(1)).await;
        world.done(FillRange { tokens }, at(1)).await;
    }
    let tokens = world.reserve(closed.room_id, &world.users(1).await, at(1)).await;
    world.done(void(&tokens), at(1)).await;
    world.ask_all(waiters.into_iter().map(leave), at(2)).await;
    world.ask_all(buyers.iter().map(|fan| rename(fan.user_id, "New Name")), at(2)).await;
}

/// Every command and read of venues, halls and their plans, alone and two at once.
async fn use_venues(world: &World<PostgresStore>, show: &Show) {
    let (store, size) = (&world.store, PageSize::DEFAULT);
    let (venue, hall) = venues::a_hall(world, venues::a_plan(1)).await;
    let (other, other_hall) = venues::a_hall(world, venues::a_plan(1)).await;
    let rename = |venue| venues::rename_venue(world, venue, "New Name", ExpectedVersion::Any);
    world.done(rename(&venue), at(1)).await;
    world.ask_all([&venue, &other].map(rename), at(1)).await;
    world.done(venues::change_plan(world, &venue, &hall, venues::a_plan(2)), at(1)).await;
    let both = [(&venue, &hall), (&other, &other_hall)];
    let both = both.map(|(venue, hall)| venues::change_plan(world, venue, hall, venues::a_plan(3)));
    world.ask_all(both, at(2)).await;
    let plan = venues::schedule_in(world, &hall).await;
    let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
    world.done(CreateSchedule { concert_id, organizer_id, plan }, at(2)).await;
    store.schedules(concert_id, false, None, size, at(3)).await.unwrap();
    store.seat_states(show.schedule_id).await.unwrap();
    store.venue(venue.id).await.unwrap();
    store.venues(Some(venue.id), size).await.unwrap();
    store.hall(hall.id).await.unwrap();
    store.halls(venue.id, Some(hall.id), size).await.unwrap();
}

/// Every command about e-mail, alone and two at once.
async fn use_mails(world: &World<PostgresStore>, show: &Show) {
    let users = [world.user(Role::Fan).await, world.user(Role::Fan).await];
    for now in [at(1), at(100), at(200)] {
        world.done(mails::ask_to_verify(users[0]), now).await;
        world.ask_all(users.map(mails::ask_to_reset), now).await;
    }
    world.done(ClaimMails { digests: mails::claim().digests[..1].to_vec() }, at(201)).await;
    let claimed = world.claimed_mails(at(201)).await;
    let ends: Vec<_> = claimed.iter().map(|it| mails::ended(it, MailOutcome::Postponed)).collect();
    world.done(ends[0].clone(), at(202)).await;
    world.ask_all(ends[1..].to_vec(), at(202)).await;
    for link in claimed.iter().filter(|it| it.digest.is_some()) {
        world.ask(mails::verify(link), at(203)).await.ok();
        world.ask(mails::reset(link), at(203)).await.ok();
    }
    world.done(mails::a_move(world, show).await, at(204)).await;
    while world.done(TellMoves, at(204)).await > 0 {}
}

/// Every command and read of events and webhooks, alone and two at once.
async fn use_webhooks(world: &World<PostgresStore>, show: &Show) {
    let (store, size) = (&world.store, PageSize::DEFAULT);
    let owner_id = show.organizer_id;
    let made = world.done(events::new_webhook(world, owner_id), at(1)).await;
    let test = || events::change_webhook(&made, WebhookChange::Test);
    world.done(test(), at(1)).await;
    world.ask_all([test(), test()], at(1)).await;
    for (fan, number) in world.fans(show.room_id, 3).await.into_iter().zip([8, 9, 10]) {
        world.held(fan, show, &[number], at(2)).await;
        if number != 9 {
            while world.done(FanOutEvents { mails: true }, at(2)).await > 0 {}
        }
    }
    let claimed = world.done(events::claim(), at(3)).await;
    let answers: Vec<_> = claimed.iter().map(|(_, it)| events::ended(it, Ok(500))).collect();
    world.done(answers[0].clone(), at(3)).await;
    world.ask_all(answers[1..].to_vec(), at(3)).await;
    let webhook_id = made.id;
    let replay = ReplayEvents { webhook_id, owner_id, since: at(1), until: at(3) };
    world.done(replay, at(4)).await;
    store.webhooks_of(owner_id).await.unwrap();
    let read = store.deliveries(webhook_id, None, size).await.unwrap();
    let after = Some((read.items[0].created_at, read.items[0].event_id));
    store.deliveries(webhook_id, after, size).await.unwrap();
    let ids: Vec<_> = read.items.iter().map(|it| it.event_id).collect();
    store.events(&ids).await.unwrap();
    store.delete_old(Kept::Events, OPENING, 10).await.unwrap();
    let deleted = world.done(events::new_webhook(world, owner_id), at(5)).await;
    world.done(events::change_webhook(&deleted, WebhookChange::Delete), at(5)).await;
}

/// Every command and read of tickets, alone and two at once.
async fn use_tickets(world: &World<PostgresStore>) {
    let (store, size) = (&world.store, PageSize::DEFAULT);
    let show = world.open_show(2, 6).await;
    let fan = world.fan(show.room_id).await;
    let friend = world.user(Role::Fan).await;
    let mut sold = Vec::new();
    for numbers in [[1, 2, 3, 4], [5, 6, 7, 8]] {
        let fan = world.fan(show.room_id).await;
        sold.push(world.sold(fan, &show, &numbers, at(1)).await.reservation);
    }
    let (first, second) = (tickets::of(world, &sold[0]).await, tickets::of(world, &sold[1]).await);
    world.done(tickets::transfer(world, &first[0], friend), at(2)).await;
    let transfers = [&first[1], &second[1]].map(|it| tickets::transfer(world, it, friend));
    world.ask_all(transfers, at(2)).await;
    world.done(tickets::cancellation(world, &first[2]), at(2)).await;
    let cancellations = [&first[3], &second[3]].map(|it| tickets::cancellation(world, it));
    world.ask_all(cancellations, at(2)).await;
    let one = world.sold(fan, &show, &[9], at(2)).await.reservation;
    world.done(cancellation(world, &one), at(3)).await;
    world.done(RepairTickets { tickets: vec![world.new_tickets()] }, at(3)).await;
    use_doors(world, &show, &second[0]).await;
    let read = store.tickets(friend, None, None, size).await.unwrap();
    store.tickets(friend, Some(sold[0].id), Some(read.items[0].ticket.id), size).await.unwrap();
    store.ticket(read.items[0].ticket.id).await.unwrap();
    store.events(&[EventId::new(first[0].id.0, 1)]).await.unwrap();
    while world.done(FanOutEvents { mails: true }, at(4)).await > 0 {}
}

/// Every command and read of doors.
async fn use_doors(world: &World<PostgresStore>, show: &Show, ticket: &Ticket) {
    let (store, size) = (&world.store, PageSize::DEFAULT);
    let staff = check_ins::staff_of(world, show).await;
    world.done(check_ins::check_in(ticket, staff, "North"), at(check_ins::EVENING)).await;
    let undo = check_ins::undo(world, ticket, staff);
    world.done(undo, at(check_ins::EVENING)).await;
    for user_id in [staff, show.organizer_id, world.user(Role::Operator).await] {
        let user = world.stored_user(user_id).await;
        store.door_dates(&user, at(2), size).await.unwrap();
    }
    let list = store.door_list(show.schedule_id, None, PageSize::ONE).await.unwrap();
    store.door_list(show.schedule_id, list.next, size).await.unwrap();
    store.door_entry(ticket.id).await.unwrap();
    store.check_in_count(show.schedule_id).await.unwrap();
    store.door_staff(show.concert_id).await.unwrap();
    store.is_assigned(show.concert_id, staff).await.unwrap();
    store.ticket_numbered(ticket.number).await.unwrap();
    world.done(check_ins::assignment(show, staff, false), at(2)).await;
}

async fn read_everything(
    world: &World<PostgresStore>,
    show: &Show,
    reservation_id: ReservationId,
    user_id: UserId,
) {
    let (store, size) = (&world.store, PageSize::DEFAULT);
    let user = store.user(user_id).await.unwrap().unwrap();
    store.user_by_email(&user.email).await.unwrap();
    store.concert(show.concert_id, OPENING).await.unwrap();
    let own = ConcertFilter { organizer_id: Some(show.organizer_id), ..ConcertFilter::default() };
    store.concerts(&own, None, size, OPENING).await.unwrap();
    let poster = a_poster(1, 640).poster;
    store.poster_image(show.concert_id, &poster.digest, 640).await.unwrap();
    store.concert_of_slug(&Slug::parse("a-slug-00000000").unwrap()).await.unwrap();
    store.schedule(show.schedule_id).await.unwrap();
    store.schedules(show.concert_id, true, None, size, OPENING).await.unwrap();
    store.room_of_concert(show.concert_id).await.unwrap();
    store.room_count(show.room_id, OPENING).await.unwrap();
    store.queue_tokens(&[]).await.unwrap();
    store.line_changes(show.room_id, 0, 10).await.unwrap();
    store.line_part(show.room_id, 0, 10).await.unwrap();
    store.delete_old(Kept::LineChanges, OPENING, 10).await.unwrap();
    store.reservation(reservation_id).await.unwrap();
    store.reservations(user_id, None, None, size, OPENING).await.unwrap();
    store.payment_of(reservation_id).await.unwrap();
    store.payments(user_id, None, size).await.unwrap();
    store.point_account(user_id).await.unwrap();
    store.point_entries(user_id, None, size).await.unwrap();
    store.operator_actions(Some(world.id()), size).await.unwrap();
}

/// The plan of each statement for values that are not known yet, in a session like the store's.
fn plans(schema: &PostgresSchema) -> Vec<(String, Vec<String>)> {
    let mut conn = PgConnection::establish(&schema.url()).unwrap();
    let notes: Vec<Note> = sql_query("SELECT * FROM notes ORDER BY name").load(&mut conn).unwrap();
    let (settings, statements): (Vec<_>, Vec<_>) =
        notes.into_iter().partition(|note| note.name.starts_with("set "));
    for setting in settings {
        conn.batch_execute(&setting.statement).unwrap();
    }
    let explain = |note: Note| {
        let count = note.types.split(", ").filter(|kind| !kind.is_empty()).count();
        let (types, nulls) = match count {
            0 => (String::new(), String::new()),
            _ => (format!("({})", note.types), format!("({})", vec!["NULL"; count].join(", "))),
        };
        let prepare = format!("PREPARE it {types} AS {}", note.statement);
        conn.batch_execute(&prepare).unwrap_or_else(|error| panic!("{error}: {prepare}"));
        let lines: Vec<Line> =
            sql_query(format!("EXPLAIN (COSTS off) EXECUTE it {nulls}")).load(&mut conn).unwrap();
        conn.batch_execute("DEALLOCATE it").unwrap();
        (note.statement, lines.into_iter().map(|line| line.line).collect())
    };
    statements.into_iter().map(explain).collect()
}

/// A table that no statement writes or reads would have no plans to check.
fn assert_every_table_is_used(schema: &PostgresSchema) {
    let mut conn = PgConnection::establish(&schema.url()).unwrap();
    let unused = "
        SELECT format('%s %s', use, tablename) AS \"QUERY PLAN\"
        FROM pg_tables, (VALUES ('INSERT INTO'), ('(FROM|JOIN)')) AS uses (use)
        WHERE schemaname = current_schema() AND tablename NOT LIKE '\\_\\_diesel%'
            AND tablename NOT IN ('notes', 'service_clock')
            AND NOT EXISTS (SELECT FROM notes WHERE statement ~ format('\\m%s \"?%s\\M', use, tablename))";
    let unused: Vec<Line> = sql_query(unused).load(&mut conn).unwrap();
    let unused: Vec<_> = unused.into_iter().map(|unused| unused.line).collect();
    assert!(unused.is_empty(), "no statement was seen with {unused:?}: see `ask_everything`");
}

/// What speaks against a plan: a table read from end to end, an index read from end to end, rows sorted
/// of which few are wanted, or rows fetched that an index on the same column would have passed over.
fn fault(plan: &[String]) -> Option<&String> {
    let scans = |line: &String| line.contains("Index Scan") || line.contains("Index Only Scan");
    let whole_index = plan.iter().enumerate().filter(|(_, line)| scans(line)).find(|(at, _)| {
        let below = plan.get(at + 1);
        below.is_none_or(|below| !below.trim_start().starts_with("Index Cond"))
    });
    let sorted_in_vain = plan
        .iter()
        .zip(plan.iter().skip(1))
        .find(|(line, below)| line.contains("Limit") && below.contains("Sort"));
    let fetched_in_vain = |line: &&String| {
        let is_filter = line.trim_start().starts_with("Filter");
        is_filter && ["= ANY", " wanted."].iter().any(|wanted| line.contains(wanted))
    };
    plan.iter()
        .find(|line| ["Seq Scan", "Hash Join", "Merge Join"].iter().any(|bad| line.contains(bad)))
        .or(whole_index.map(|(_, line)| line))
        .or(sorted_in_vain.map(|(_, below)| below))
        .or(plan.iter().find(fetched_in_vain))
}

fn assert_by_index(schema: &PostgresSchema, tables: &str) {
    let plans = plans(schema);
    assert!(plans.len() > 40, "{} statements were seen", plans.len());
    // Every room is read in turn, all migrations are listed, one of them gives every concert a slug and one every venue a text, a concert has few dates to sort, every webhook is
    // locked, a replay sorts the events of its time, reservations whose tickets are to be repaired have an index of their own, operators seldom look for the dates of all doors, and outages, clock and processes are some rows each.
    let exempt = [
        "FROM rooms CROSS JOIN",
        "__diesel",
        "SELECT \"concerts\".\"id\", \"concerts\".\"title\" FROM \"concerts\"",
        "SELECT \"venues\".\"id\", \"venues\".\"name\", \"venues\".\"address\" FROM \"venues\"",
        "FROM outages",
        "service_clock",
        "processes",
        "ORDER BY \"schedules\".\"id\" LIMIT",
        "ORDER BY sold_count + blocked_count < seat_count",
        "<> tickets_issued ORDER BY",
        "FROM \"webhooks\" ORDER BY",
        "ORDER BY \"schedules\".\"ends_at\"",
        "FROM \"events\" WHERE ((\"events\".\"at\" >=",
    ];
    let is_exempt = |text: &str| exempt.iter().any(|part| text.contains(part));
    for (statement, plan) in plans.iter().filter(|(statement, _)| !is_exempt(statement)) {
        let fault = fault(plan);
        assert_eq!(fault, None, "with {tables} tables:\n{statement}\n{}", plan.join("\n"));
    }
}

/// Before a sale: nothing is there, and the server has looked at it.
const BEFORE: &str = "
    TRUNCATE queue_tokens, seats, reservations CASCADE;
    VACUUM ANALYZE queue_tokens, seats, reservations, reservation_seats;";

/// In a sale, before the server looks again: how much is there it sees, and nothing of what it is.
const DURING: &str = "
    UPDATE pg_class SET reltuples = 200000, relpages = pg_relation_size(oid) / 8192
    WHERE relname = 'queue_tokens' AND relnamespace = current_schema()::regnamespace";

/// Rooms, tokens, seats and reservations by the ten thousand.
pub(crate) const GROWN: &str = "
    INSERT INTO users SELECT gen_random_uuid(), 'Fan', n || '@grown.invalid', 'none', 'FAN', now()
        FROM generate_series(1, 20000) n;
    INSERT INTO point_accounts SELECT id, 0, 0 FROM users WHERE email LIKE '%@grown.invalid';
    INSERT INTO queue_tokens (id, room_id, user_id, place, version, created_at, status, seen_at, idle_at)
        SELECT gen_random_uuid(), rooms.id, users.id, n, n, now(), 'WAITING', now(), now() + interval '10 minutes'
        FROM (SELECT id FROM rooms LIMIT 1) rooms,
            (SELECT id, 10000 + row_number() OVER () AS n FROM users WHERE email LIKE '%@grown.invalid') users;
    INSERT INTO seats SELECT gen_random_uuid(), schedules.id, n, n, 1, '', 1, 'FREE'
        FROM schedules, generate_series(1000, 11000) n;
    INSERT INTO reservations (id, user_id, concert_id, schedule_id, queue_token_id, total_price, created_at,
            expires_at, status)
        SELECT gen_random_uuid(), user_id, schedules.concert_id, schedules.id, token.id, 1, now(), now(), 'HELD'
        FROM (SELECT * FROM schedules LIMIT 1) schedules, queue_tokens AS token;
    INSERT INTO reservation_seats SELECT reservations.id, seats.id
        FROM reservations, (SELECT id FROM seats LIMIT 1) seats ON CONFLICT DO NOTHING;
    INSERT INTO tickets (id, number, reservation_id, concert_id, schedule_id, seat_id, holder_id, issued_at, state)
        SELECT gen_random_uuid(), row_number() OVER (), id, concert_id, schedule_id, id, user_id, now(), 'VALID'
        FROM reservations ON CONFLICT DO NOTHING;
    INSERT INTO concerts SELECT gen_random_uuid(), organizer_id, title, '', now()
        FROM concerts, generate_series(1, 500);
    INSERT INTO schedules SELECT gen_random_uuid(), concerts.id, now(), now() + interval '1 day', now(),
        now() + interval '1 day', 50, now() FROM concerts;
    INSERT INTO venues SELECT gen_random_uuid(), organizer_id, 'Venue', '', 'UTC', 0, now()
        FROM (SELECT organizer_id FROM concerts LIMIT 1) AS organizers, generate_series(1, 500);
    INSERT INTO halls SELECT gen_random_uuid(), id, 'Hall', 1, 1, now() FROM venues;
    INSERT INTO hall_plans SELECT halls.id, 1, '', 1, organizer_id, now()
        FROM halls JOIN venues ON venues.id = venue_id ON CONFLICT DO NOTHING;
    INSERT INTO events SELECT gen_random_uuid(), n % 3, 'reservation.held', NULL, now(), n % 100 > 0
        FROM generate_series(1, 20000) n;
    INSERT INTO deliveries (webhook_id, subject_id, number, kind, state, due_at, attempts, created_at)
        SELECT webhooks.id, subject_id, number, kind, 'PENDING', now(), 0, now()
        FROM events, (SELECT id FROM webhooks LIMIT 1) webhooks ON CONFLICT DO NOTHING;
    INSERT INTO webhooks (id, owner_id, url, kinds, secret, state, tests, created_at)
        SELECT gen_random_uuid(), id, '', '[]', '', 'ENABLED', 0, now() FROM users LIMIT 500;
    INSERT INTO mails SELECT gen_random_uuid(), 1, id, 'TICKETS', 'OPEN', now(), 0, now()
        FROM users WHERE email LIKE '%@grown.invalid';
    INSERT INTO mail_tokens SELECT id, id, 'VERIFY_ADDRESS', 0, now()
        FROM users WHERE email LIKE '%@grown.invalid';
    INSERT INTO door_staff SELECT concerts.id, users.id, now() FROM concerts,
        (SELECT id FROM users WHERE email LIKE '%@grown.invalid' LIMIT 40) users ON CONFLICT DO NOTHING;
    INSERT INTO rooms SELECT gen_random_uuid(), NULL, 1, 1, 1, 1, 1, false, now(), 0, 0, now(), 0
        FROM generate_series(1, 500);";

/// The server looks at all tables of the schema. Those of other tests are left alone: one that is looked at
/// while it is being filled counts as empty.
pub(crate) const ANALYZE: &str = "
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
            EXECUTE format('ANALYZE %I', name);
        END LOOP;
    END $$";

/// All of those reservations and tokens are past: nothing is held, and no token is waiting or active.
const PAST: &str = "
    UPDATE queue_tokens SET status = 'EXPIRED', reason = 'LEFT', ended_at = now(), seen_at = NULL, idle_at = NULL,
        active_since = NULL, expires_at = NULL WHERE status <> 'EXPIRED';
    VACUUM FULL ANALYZE queue_tokens;
    UPDATE reservations SET status = 'EXPIRED', expires_at = now() - random() * interval '1 day'
        WHERE status = 'HELD';
    VACUUM FULL ANALYZE reservations;";

/// One statement after another: `VACUUM` is refused among others.
fn execute_all(schema: &PostgresSchema, statements: &str) {
    statements.split_inclusive(';').for_each(|statement| schema.execute(statement));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_finds_its_rows_by_index_whether_tables_are_empty_or_large() {
    let schema = PostgresSchema::create();
    let settings = PostgresSettings { connections_max: 1, ..postgres_settings(schema.url()) };
    let store = PostgresStore::connect(settings).await.unwrap();
    store.migrate_up().await.unwrap();
    schema.execute(NOTES);
    ask_everything(&World::new(store)).await;

    assert_every_table_is_used(&schema);
    assert_by_index(&schema, "small");
    execute_all(&schema, BEFORE);
    schema.execute(GROWN);
    schema.execute(DURING);
    assert_by_index(&schema, "just grown");
    schema.execute(ANALYZE);
    assert_by_index(&schema, "large");
    execute_all(&schema, PAST);
    assert_by_index(&schema, "past");
}

/// Writes down the plan by which a session looks for live tokens, whenever a user signs up in it.
const EXPLAIN: &str = "
    CREATE TABLE explained (line text);
    CREATE FUNCTION explain() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE it text; line text; BEGIN
        DELETE FROM explained;
        FOR it IN SELECT name FROM pg_prepared_statements WHERE statement LIKE '%SELECT live.id FROM%' LOOP
            FOR line IN EXECUTE format('EXPLAIN EXECUTE %I (NULL, NULL)', it) LOOP
                INSERT INTO explained VALUES (line);
            END LOOP;
        END LOOP;
        RETURN NULL;
    END $$;
    CREATE TRIGGER explain AFTER INSERT ON users FOR EACH STATEMENT EXECUTE FUNCTION explain();";

async fn plan_of_joins(world: &World<PostgresStore>, schema: &PostgresSchema) -> Vec<String> {
    world.users(1).await;
    let mut conn = PgConnection::establish(&schema.url()).unwrap();
    let lines = sql_query("SELECT line AS \"QUERY PLAN\" FROM explained").load::<Line>(&mut conn);
    lines.unwrap().into_iter().map(|line| line.line).collect()
}

/// The plan of joins before and after a line has grown, on a connection that keeps plans for so long.
async fn before_and_after(plans_replaced_after: Duration) -> (Vec<String>, Vec<String>) {
    let schema = PostgresSchema::create();
    let settings = postgres_settings(schema.url());
    let settings = PostgresSettings { connections_max: 1, plans_replaced_after, ..settings };
    let store = PostgresStore::connect(settings).await.unwrap();
    store.migrate_up().await.unwrap();
    schema.execute(EXPLAIN);
    let world = World::new(store);
    world.enter(RoomId::SITE, world.users(1).await[0], OPENING).await;
    let before = plan_of_joins(&world, &schema).await;
    schema.execute(GROWN);
    (before, plan_of_joins(&world, &schema).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_from_before_a_sale_is_not_kept_in_it() {
    let (before, after) = before_and_after(Duration::ZERO).await;
    // While other tests make and drop many tables, the server now and then drops all plans by itself.
    let mut is_kept = false;
    for _ in 0..50 {
        let (first, later) = before_and_after(Duration::from_hours(1)).await;
        is_kept |= first == later;
        if is_kept {
            break;
        }
    }

    assert!(is_kept, "such plans are kept by a connection that may");
    assert_ne!(before, after);
    assert!(after.iter().any(|line| line.contains("queue_tokens_live")), "{after:?}");
}
