//! Every state reads back as it was written.

use stagedoor_domain::concert::{AgeLimit, Description, RunningTime, Subtitle, Tags};
use stagedoor_domain::operations::{
    CreateSchedule, CreateUser, DeleteUser, DeleteUserRefused, EndSessions, ExpireHolds,
    ExpireTokens, PolicyEdit, SchedulePlan, SeatChoice, SetUpSite,
};
use stagedoor_domain::ports::{ConcertListing, PaymentDetails};
use stagedoor_domain::user::Sessions;
use stagedoor_domain::{
    BookingWindow, Concert, ConcertId, Email, ExpiryReason, Instant, LineChange, PageSize,
    PersonName, PointAccount, PointKind, Points, QueueToken, Reservation, ReservationState,
    ReservedSeat, Role, Room, RoomId, RoomPolicy, Schedule, ScheduleId, ScheduleTerms, SeatMap,
    SeatState, Section, TicketLimit, Title, TokenState, User, UserId,
};
use time::Duration;
use uuid::Uuid;

use super::snapshot::{all_entries, all_pages};
use super::store::{Store, ask, assert_sound, together};
use super::world::{
    CHARGE, EXTENSION_SECONDS, Fan, HOLD_SECONDS, OPENING, PRICE, Show, USE, World, at, before,
    heartbeat, leave, new_password, points, release, rename, waiting,
};

/// An id that nothing has.
const UNKNOWN: Uuid = Uuid::from_u128(0x019a_ffff_0000_7000_8000_0000_0000_0000);

fn as_stored(sign_up: &CreateUser) -> User {
    User {
        id: sign_up.id,
        name: sign_up.name.clone(),
        email: sign_up.email.clone(),
        password_hash: sign_up.password_hash.clone(),
        role: sign_up.role,
        created_at: OPENING,
        sessions: Sessions::default(),
        contact: Default::default(),
    }
}

/// Every role, a name in Korean and one in quotes, an address with letters beyond ASCII.
pub async fn a_user_reads_back_as_signed_up<S: Store>(store: S) {
    let world = World::new(store);
    for (role, name) in [
        (Role::Fan, "김관객"),
        (Role::Organizer, "O'Neil \"the\" 🎤 \\ %_"),
        (Role::Operator, "ÅÉ ﬁ"),
    ] {
        let name = PersonName::parse(name).expect("a name");
        let command = CreateUser { name, ..world.sign_up(role) };
        let created = world.done(command.clone(), OPENING).await;
        assert_eq!((created.id, created.created_at), (command.id, OPENING));
        let user = Some(as_stored(&command));
        assert_eq!(world.store.user(command.id).await, Ok(user.clone()));
        assert_eq!(world.store.user_by_email(&command.email).await, Ok(user.clone()));
        let (role, hash) = (Role::Organizer, "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$bmV3".to_owned());
        let (role, password_hash) = (Some(role), Some(hash.clone()));
        world.done(EndSessions { user_id: command.id, role, password_hash }, at(1)).await;
        let sessions = Sessions { version: 1, ended_at: Some(at(1)) };
        let changed =
            user.map(|user| User { role: Role::Organizer, password_hash: hash, sessions, ..user });
        assert_eq!(world.store.user(command.id).await, Ok(changed));
        let account = Some(PointAccount::open(command.id));
        assert_eq!(world.store.point_account(command.id).await, Ok(account));
    }
}

/// Only what was asked for changes, of one user and of several in a batch. A new password ends the sessions.
pub async fn a_user_reads_back_with_another_name_and_password<S: Store>(store: S) {
    let world = World::new(store);
    let mut users = Vec::new();
    for user_id in world.users(3).await {
        users.push(world.stored_user(user_id).await);
    }
    let name = PersonName::parse("O'Neill \"박\"").expect("a name");
    let told = world.done(rename(users[0].id, name.as_str()), at(1)).await;
    users[0].name = name;
    assert_eq!(told, users[0].profile());
    let new_names = ["One", "Two"].map(|name| PersonName::parse(name).expect("a name"));
    let both = [rename(users[0].id, "One"), rename(users[1].id, "Two")];
    let told = world.ask_all(both, at(2)).await;
    [users[0].name, users[1].name] = new_names;
    assert_eq!(told, [Ok(users[0].profile()), Ok(users[1].profile())]);

    let hash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$bmV3";
    let changes = [new_password(&users[0], hash), new_password(&users[1], hash)];
    assert_eq!(world.ask_all(changes, at(3)).await, [Ok(1), Ok(1)]);
    for user in &mut users[..2] {
        user.password_hash = hash.to_owned();
        user.sessions = Sessions { version: 1, ended_at: Some(at(3)) };
    }
    for user in users {
        assert_eq!(world.stored_user(user.id).await, user);
        assert_eq!(world.store.user_by_email(&user.email).await, Ok(Some(user)));
    }
    assert_eq!(world.store.sessions_ended(at(3)).await.expect("the store reads").len(), 2);
    assert_sound(&world.store, at(3)).await;
}

/// Without its person's data and with its ledger; the address can sign up again. Of several at once one is done.
pub async fn a_deleted_user_reads_back_without_personal_data<S: Store>(store: S) {
    let world = World::new(store);
    let sign_up = world.sign_up(Role::Fan);
    let (id, email) = (sign_up.id, sign_up.email.clone());
    world.done(sign_up.clone(), at(0)).await;
    world.charge(id, 50).await;
    let checked_hash = world.stored_user(id).await.password_hash;
    let tasks = (0..5).map(|_| {
        let command = DeleteUser { user_id: id, checked_hash: checked_hash.clone() };
        let store = world.store.clone();
        async move { ask(&store, command, at(1)).await }
    });

    let answers = together(tasks.collect::<Vec<_>>()).await;

    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(done, [Ok(1)]);
    assert!(refused.iter().all(|it| *it == Err(DeleteUserRefused::WrongPassword)));
    let deleted = world.stored_user(id).await;
    assert_eq!(deleted.name.as_str(), "(deleted)");
    assert!(!deleted.has_password() && deleted.email != email);
    assert_eq!(world.store.user_by_email(&email).await, Ok(None));
    assert_eq!(world.store.user_by_email(&deleted.email).await, Ok(Some(deleted)));
    assert_eq!(world.account(id).await.balance, points(50));
    let again = CreateUser { id: world.id(), ..sign_up };
    assert_eq!(world.done(again, at(2)).await.email, email);
}

/// Reading what does not exist answers nothing, not an error.
pub async fn what_does_not_exist_reads_as_nothing<S: Store>(store: S) {
    let email = Email::parse("unknown@example.com").expect("an address");
    assert_eq!(store.user(UserId(UNKNOWN)).await, Ok(None));
    assert_eq!(store.user_by_email(&email).await, Ok(None));
    assert_eq!(store.point_account(UserId(UNKNOWN)).await, Ok(None));
    assert_eq!(store.concert(ConcertId(UNKNOWN), OPENING).await, Ok(None));
    assert_eq!(store.schedule(ScheduleId(UNKNOWN)).await, Ok(None));
    assert_eq!(store.seats(ScheduleId(UNKNOWN)).await, Ok(Vec::new()));
    assert_eq!(store.room(RoomId(UNKNOWN)).await, Ok(None));
    assert_eq!(store.room_of_concert(ConcertId(UNKNOWN)).await, Ok(None));
    assert_eq!(store.room_count(RoomId(UNKNOWN), OPENING).await, Ok(None));
    assert_eq!(store.queue_token(stagedoor_domain::QueueTokenId(UNKNOWN)).await, Ok(None));
    assert_eq!(store.reservation(stagedoor_domain::ReservationId(UNKNOWN)).await, Ok(None));
    assert_eq!(store.payment(stagedoor_domain::PaymentId(UNKNOWN)).await, Ok(None));
    let none = store.point_entries(UserId(UNKNOWN), None, PageSize::DEFAULT).await;
    assert_eq!(none.expect("the store reads").items, Vec::new());
    assert_eq!(
        store.line_part(RoomId(UNKNOWN), 0, 10).await.expect("it reads").changes,
        Vec::new()
    );
}

/// Tokens are read together, each with its room; those that do not exist are left out.
pub async fn several_tokens_are_read_at_once<S: Store>(store: S) {
    let world = World::new(store);
    let (one, other) = (world.show(1, 1).await, world.closed_show().await);
    let fans = [world.fan(one.room_id).await, world.fan(other.room_id).await];
    let mut ids: Vec<_> = fans.iter().map(|fan| fan.token_id).collect();
    ids.push(stagedoor_domain::QueueTokenId(UNKNOWN));

    let mut found = world.store.queue_tokens(&ids).await.expect("it reads");

    found.sort_by_key(|(token, _)| token.id);
    let mut expected = Vec::new();
    for fan in fans {
        expected.push((world.token(fan.token_id).await, world.room(fan.room_id).await));
    }
    expected.sort_by_key(|(token, _)| token.id);
    assert_eq!(found, expected);
    assert_eq!(world.store.queue_tokens(&[]).await, Ok(Vec::new()));
}

/// A new store has the site-wide room with the default policy, and no user.
pub async fn the_site_wide_room_is_there_from_the_start<S: Store>(store: S) {
    let room = store.room(RoomId::SITE).await.expect("it reads").expect("the room exists");
    assert_eq!(room.concert_id, None);
    assert_eq!(room.policy, RoomPolicy::default());
    assert_eq!((room.last_sequence, room.version), (0, 0));
    assert_eq!(store.all_rooms().await, Ok(vec![room]));
    assert_eq!(store.count_users(10).await, Ok(0));
    assert!(store.readiness().await.expect("it answers").migrations_current);
}

/// Counting users stops at the limit.
pub async fn users_are_counted_up_to_a_limit<S: Store>(store: S) {
    let world = World::new(store);
    world.users(5).await;
    for (limit, counted) in [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (usize::MAX, 5)] {
        assert_eq!(world.store.count_users(limit).await, Ok(counted), "up to {limit}");
    }
}

fn sections() -> Vec<Section> {
    let section = |rows, columns, price, label| {
        Section::parse(rows, columns, price, label).expect("a section")
    };
    vec![section(1, 3, 150_000, "VIP석 ★"), section(2, 4, 90_000, ""), section(1, 1, 1, "O'R")]
}

fn a_plan<S: Store>(world: &World<S>, starts_in: i64) -> SchedulePlan {
    let seat_map = SeatMap::new(sections()).expect("a seat map");
    SchedulePlan {
        id: world.id(),
        terms: ScheduleTerms {
            starts_at: at(starts_in) + Duration::microseconds(1),
            ends_at: at(starts_in + 7_200) + Duration::microseconds(999_999),
            booking: BookingWindow { opens_at: before(OPENING), closes_at: before(at(starts_in)) },
            cancellation_closes_at: (starts_in % 2 == 0).then(|| before(at(starts_in))),
            ticket_limit: TicketLimit::parse(1 + starts_in % 9).expect("a limit"),
        },
        seat_ids: (0..seat_map.seat_count()).map(|_| world.id()).collect(),
        seat_map,
    }
}

async fn assert_reads_back<S: Store>(world: &World<S>, plan: &SchedulePlan, schedule: &Schedule) {
    let expected = Schedule {
        id: plan.id,
        concert_state: schedule.concert_state,
        concert_id: schedule.concert_id,
        starts_at: plan.terms.starts_at,
        ends_at: plan.terms.ends_at,
        booking: plan.terms.booking,
        cancellation_closes_at: plan.terms.cancellation_closes_at,
        seat_count: plan.seat_map.seat_count(),
        sold_count: 0,
        blocked_count: 0,
        ticket_limit: plan.terms.ticket_limit,
        version: 0,
        moved: None,
        cancelled: None,
        created_at: schedule.created_at,
        plan: plan.seat_map.plan(),
    };
    assert_eq!(*schedule, expected);
    assert_eq!(world.store.schedule(plan.id).await, Ok(Some(expected)));
    let seats = plan.seat_map.seats(plan.id, &plan.seat_ids);
    assert_eq!(world.store.seats(plan.id).await, Ok(seats));
}

/// With its room, its schedules, their instants to the microsecond, seats of several sections.
pub async fn a_concert_reads_back_as_announced<S: Store>(store: S) {
    let world = World::new(store);
    let organizer_id = world.user(Role::Organizer).await;
    let plans = vec![a_plan(&world, 200_000), a_plan(&world, 100_000)];
    let mut command = world.announcement(organizer_id, plans.clone());
    command.details.title = Title::parse("아이유 콘서트 «H.E.R.» – 100% 'live'").expect("a title");
    command.details.description = Description::parse(&"설명 ".repeat(600)).expect("a description");
    let tags = ["록", "K-POP", "한정 «100%» 'live'"].map(str::to_owned);
    command.details.tags = Tags::parse(&tags).expect("tags");
    command.details.subtitle = Subtitle::parse("열 번째 밤").expect("a subtitle");
    command.details.running_time = Some(RunningTime::parse(135).expect("a running time"));
    command.details.age_limit = Some(AgeLimit::parse(0).expect("an age limit"));
    let concert = Concert::new(command.id, organizer_id, command.details.clone(), at(7));
    let made = world.done(command.clone(), at(7)).await;
    assert_eq!(made.concert, concert);
    for (plan, schedule) in plans.iter().zip(&made.schedules) {
        assert_reads_back(&world, plan, schedule).await;
    }
    let dates = made.schedules.iter().map(|date| (date.clone(), None)).collect();
    let listing = ConcertListing::new(concert, true, dates, at(8));
    let starts = plans.iter().rev().map(|plan| plan.terms.starts_at);
    assert_eq!(listing.next_dates, starts.collect::<Vec<_>>());
    assert_eq!(world.store.concert(command.id, at(8)).await, Ok(Some(listing)));
    let slug = made.concert.slug.expect("a new concert has a slug");
    assert_eq!(world.store.concert_of_slug(&slug).await, Ok(Some(command.id)));
    let mut prices = Vec::new();
    for schedule in &made.schedules {
        prices.extend(
            world.store.seats(schedule.id).await.expect("seats").iter().map(|seat| seat.price),
        );
    }
    assert_eq!(world.store.lowest_price(command.id).await, Ok(prices.into_iter().min()));
    let room = Room::open(command.room_id, Some(command.id), at(7));
    assert_eq!(world.store.room(command.room_id).await, Ok(Some(room.clone())));
    assert_eq!(world.store.room_of_concert(command.id).await, Ok(Some(room)));
}

/// No description, no schedule; announced by a fan where every user may.
pub async fn a_concert_without_schedules_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let fan = world.user(Role::Fan).await;
    let mut command = world.announcement(fan, Vec::new());
    command.open_to_all = true;
    let made = world.done(command.clone(), OPENING).await;
    assert_eq!((made.concert.details.description.as_str(), made.schedules), ("", Vec::new()));
    let listing = ConcertListing::new(made.concert, false, Vec::new(), OPENING);
    assert_eq!(world.store.concert(command.id, OPENING).await, Ok(Some(listing)));
    assert_eq!(world.store.lowest_price(command.id).await, Ok(None));
}

/// A date added to a concert that is announced already.
pub async fn a_schedule_added_later_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(1, 1).await;
    let plan = a_plan(&world, 300_000);
    let command = CreateSchedule {
        concert_id: show.concert_id,
        organizer_id: show.organizer_id,
        plan: plan.clone(),
    };
    let made = world.done(command, at(9)).await;
    assert_eq!((made.concert_id, made.created_at), (show.concert_id, at(9)));
    assert_reads_back(&world, &plan, &made).await;
}

/// As many seats as a schedule may have, which is more than one statement may bind.
pub async fn a_schedule_of_the_most_seats_is_written_whole<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(500, 100).await;
    let seats = world.seats(&show).await;
    assert_eq!(seats.len(), usize::try_from(SeatMap::SEATS_MAX).expect("a count"));
    assert!((1..).zip(&seats).all(|(number, seat)| seat.number == number));
    let read = |after, size| world.store.schedules(show.concert_id, true, after, size, OPENING);
    let listings = all_pages(1, read).await;
    assert_eq!(listings[0].seats_available, i64::from(SeatMap::SEATS_MAX));
}

/// Each field of a policy alone, then all at once.
pub async fn a_policy_reads_back_as_changed<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(1, 1).await;
    let edits = [
        PolicyEdit { capacity: Some(0), ..PolicyEdit::default() },
        PolicyEdit { admit_batch: Some(1_000_000), ..PolicyEdit::default() },
        PolicyEdit { admit_interval_seconds: Some(1), ..PolicyEdit::default() },
        PolicyEdit { active_seconds: Some(86_400), ..PolicyEdit::default() },
        PolicyEdit { idle_seconds: Some(33), ..PolicyEdit::default() },
        PolicyEdit { paused: Some(true), ..PolicyEdit::default() },
        PolicyEdit::default(),
    ];
    let mut policy = RoomPolicy::default();
    for (seconds, edit) in (1..).zip(edits) {
        policy = edit.applied_to(policy);
        for room_id in [show.room_id, RoomId::SITE] {
            let room = world.update_controls(room_id, edit, at(seconds)).await;
            assert_eq!((room.policy, room.policy_changed_at), (policy, at(seconds)));
            assert_eq!(world.room(room_id).await, room);
        }
    }
}

/// As many people as one batch may bring, in every table that they touch.
pub async fn a_batch_of_thousands_is_written_whole<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(60, 50).await;
    let fans = world.fans(show.room_id, 3_000).await;
    let charges: Vec<_> =
        fans.iter().map(|fan| world.points(fan.user_id, super::world::CHARGE, 10_000)).collect();
    assert!(world.ask_all(charges, OPENING).await.iter().all(Result::is_ok));
    let holds: Vec<_> =
        (1..).zip(&fans).map(|(seat, fan)| world.hold(*fan, &show, &[seat])).collect();
    let held = world.ask_all(holds, OPENING).await;
    let pays: Vec<_> = fans
        .iter()
        .zip(&held)
        .map(|(fan, held)| world.pay(*fan, held.as_ref().expect("the seat is free").id))
        .collect();
    let paid = world.ask_all(pays, at(1)).await;
    assert!(paid.iter().all(Result::is_ok));
    let seats = world.seats(&show).await;
    assert!(seats.iter().all(|seat| seat.status(OPENING) == stagedoor_domain::SeatStatus::Sold));
    let last = fans.last().expect("one fan").user_id;
    let account = world.account(last).await;
    assert_eq!((account.balance, account.entries), (points(0), 2));
    assert_eq!(world.room(show.room_id).await.version, 6_000);
}

/// The room of the whole site at each start, and after an operator has changed it.
pub async fn the_site_wide_room_follows_the_mode_until_an_operator_changes_it<S: Store>(store: S) {
    let world = World::new(store);
    let capacity = async || world.room(RoomId::SITE).await.policy.capacity;
    for (open_mode, expected) in [(false, 0), (false, 0), (true, 100)] {
        assert_eq!(world.done(SetUpSite { open_mode }, OPENING).await, expected);
        assert_eq!(capacity().await, expected);
    }
    world.fan(RoomId::SITE).await;
    world.done(SetUpSite { open_mode: false }, at(1)).await;
    assert_sound(&world.store, at(1)).await;
    world.set_capacity(RoomId::SITE, 100, at(2)).await;
    assert_eq!(world.done(SetUpSite { open_mode: false }, at(3)).await, 100);
    assert_eq!(capacity().await, 100);
}

async fn assert_state<S: Store>(world: &World<S>, fan: Fan, state: TokenState) -> QueueToken {
    let token = world.token(fan.token_id).await;
    assert_eq!(token.state, state);
    token
}

/// Without a sequence number, active from the first instant.
pub async fn a_token_that_is_active_at_once_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let joined = world.done(world.join(RoomId::SITE, user_id), at(3)).await;
    assert!(joined.is_new);
    let expected = QueueToken {
        id: joined.token.id,
        room_id: RoomId::SITE,
        user_id,
        sequence: None,
        version: 1,
        created_at: at(3),
        state: TokenState::Active { since: at(3), expires_at: at(603) },
    };
    assert_eq!(joined.token, expected);
    let read = world.store.queue_token(expected.id).await.expect("the store reads");
    assert_eq!(read, Some((expected, world.room(RoomId::SITE).await)));
    assert_eq!(world.room(RoomId::SITE).await.version, 1);
}

/// In line, seen, let in.
pub async fn a_token_reads_back_on_its_way_in<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fan = world.fan(room_id).await;
    let token = assert_state(&world, fan, waiting(OPENING)).await;
    assert_eq!((token.sequence, token.version, token.created_at), (Some(1), 1, OPENING));
    let seen_at = at(50) + Duration::microseconds(1);
    world.done(heartbeat(fan, seen_at), at(60)).await;
    let seen = assert_state(&world, fan, waiting(seen_at)).await;
    assert_eq!(seen.version, 1, "a heartbeat is no change of state");
    let edit = PolicyEdit { capacity: Some(1), active_seconds: Some(77), ..PolicyEdit::default() };
    world.update_controls(room_id, edit, at(61)).await;
    assert_eq!(world.admit(room_id, at(62)).await, 1);
    let state = TokenState::Active { since: at(62), expires_at: at(62 + 77) };
    let admitted = assert_state(&world, fan, state).await;
    assert_eq!((admitted.sequence, admitted.version), (Some(1), 2));
    let room = world.room(room_id).await;
    assert_eq!((room.last_sequence, room.version), (1, 2));
    assert_eq!((room.admissions.since, room.admissions.count), (at(62), 1));
}

/// Left, timed out, paid and abandoned, each with the instant at which it was over.
pub async fn a_token_reads_back_with_the_reason_of_its_end<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fans = world.fans(show.room_id, 3).await;
    let left = TokenState::Expired { reason: ExpiryReason::Left, at: at(5) };
    world.done(leave(fans[0]), at(5)).await;
    assert_state(&world, fans[0], left).await;
    let paid = world.sold(fans[1], &show, &[1], at(6)).await;
    let completed = TokenState::Expired { reason: ExpiryReason::Completed, at: at(6) };
    assert_eq!(assert_state(&world, fans[1], completed).await, paid.token);
    let line = world.closed_show().await.room_id;
    let waiting = world.fan(line).await;
    assert_eq!(world.done(ExpireTokens, at(700)).await, 2);
    let timed_out = TokenState::Expired { reason: ExpiryReason::TimedOut, at: at(600) };
    assert_state(&world, fans[2], timed_out).await;
    let abandoned = TokenState::Expired { reason: ExpiryReason::Abandoned, at: at(120) };
    assert_state(&world, waiting, abandoned).await;
    let came = LineChange { sequence: 1, waiting_until: Some(at(120)) };
    let gone = LineChange { sequence: 1, waiting_until: None };
    let changes = world.store.line_changes(line, 0, 10).await.expect("the store reads");
    assert_eq!(changes.changes, vec![came, gone]);
}

async fn assert_seats<S: Store>(world: &World<S>, show: &Show, states: &[SeatState]) {
    let seats = world.seats(show).await;
    assert_eq!(seats.iter().map(|seat| seat.state).collect::<Vec<_>>(), states);
}

/// Its seats come in the order of their numbers, however they were named.
pub async fn a_hold_reads_back_with_its_seats<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 3).await;
    let fan = world.fan(show.room_id).await;
    let all = world.seats(&show).await;
    let choice = SeatChoice::Ids([5, 0, 3].map(|index: usize| all[index].id).to_vec());
    let command = world.hold_choice(fan, &show, choice);
    let held = world.done(command.clone(), at(1)).await;
    let expected = Reservation {
        id: command.reservation_id,
        user_id: fan.user_id,
        concert_id: show.concert_id,
        schedule_id: show.schedule_id,
        queue_token_id: Some(fan.token_id),
        seats: [0, 3, 5].map(|index: usize| ReservedSeat::from(&all[index])).to_vec(),
        total_price: points(3 * PRICE),
        created_at: at(1),
        expires_at: at(1 + HOLD_SECONDS),
        extendable_until: Some(at(1 + HOLD_SECONDS + EXTENSION_SECONDS)),
        reference: None,
        tickets_issued: false,
        state: ReservationState::Held,
    };
    assert_eq!(held, expected);
    assert_eq!(world.reservation(held.id).await, expected);
    let taken = SeatState::Held { reservation_id: held.id, until: held.expires_at };
    let free = SeatState::Free;
    assert_seats(&world, &show, &[taken, free, free, taken, free, taken]).await;
}

/// Numbers, and the best block in the middle of the front row.
pub async fn seats_are_held_by_number_and_by_best_block<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 7).await;
    let fan = world.fan(show.room_id).await;
    let by_number = world.held(fan, &show, &[4], OPENING).await;
    assert_eq!(by_number.seats.iter().map(|seat| seat.number).collect::<Vec<_>>(), [4]);
    let best = world.hold_choice(fan, &show, SeatChoice::best(3));
    let best = world.done(best, OPENING).await;
    assert_eq!(best.seats.iter().map(|seat| seat.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(world.reservation(best.id).await, best);
}

/// Rule 8: a token's deadline moves with its hold, and is kept.
pub async fn a_hold_keeps_its_token_alive<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1], at(599)).await;
    let state = TokenState::Active { since: OPENING, expires_at: held.expires_at };
    let token = assert_state(&world, fan, state).await;
    assert_eq!(token.version, 1, "the line does not change with it");
}

/// Released, expired, paid: the reservation, and what becomes of its seats.
pub async fn a_reservation_reads_back_in_every_state<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    let released = world.held(fan, &show, &[1], OPENING).await;
    world.done(release(&released), at(1)).await;
    let cancelled = ReservationState::Cancelled { at: at(1) };
    let expected = Reservation { state: cancelled, ..released };
    assert_eq!(world.reservation(expected.id).await, expected);
    let run_out = world.held(fan, &show, &[2], OPENING).await;
    assert_eq!(world.done(ExpireHolds, run_out.expires_at).await, 1);
    let expected = Reservation { state: ReservationState::Expired, ..run_out };
    assert_eq!(world.reservation(expected.id).await, expected);
    let paid = world.sold(fan, &show, &[3], at(301)).await.reservation;
    assert_eq!(paid.state, ReservationState::Confirmed { at: at(301) });
    assert_eq!(world.reservation(paid.id).await, paid);
    let sold = SeatState::Sold { reservation_id: paid.id };
    assert_seats(&world, &show, &[SeatState::Free, SeatState::Free, sold]).await;
}

/// Entries are numbered from 1 and carry the balance after them.
pub async fn charges_and_uses_read_back_as_a_history<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let most = Points::MAX.get();
    let moves: [(_, _, i64, i64, Instant); 4] = [
        (CHARGE, PointKind::Charge, 1, 1, at(1)),
        (CHARGE, PointKind::Charge, most - 1, most, at(2) + Duration::microseconds(1)),
        (USE, PointKind::Use, most, 0, at(3)),
        (CHARGE, PointKind::Charge, 7, 7, at(2)),
    ];
    let mut entries = Vec::new();
    for (number, (change, kind, amount, balance, now)) in (1..).zip(moves) {
        let command = world.points(user_id, change, amount);
        let entry = world.done(command.clone(), now).await.entry;
        assert_eq!((entry.id, entry.number, entry.kind), (command.entry_id, number, kind));
        assert_eq!((entry.amount, entry.balance_after), (points(amount), points(balance)));
        assert_eq!((entry.payment_id, entry.created_at), (None, now));
        entries.push(entry);
    }
    assert_eq!(all_entries(&world.store, user_id).await, entries);
    let account = world.account(user_id).await;
    assert_eq!((account.balance, account.entries), (points(7), 4));
}

/// The payment, its reservation, its entry, the balance right after it and the token.
pub async fn a_payment_reads_back_with_all_it_did<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, 50_000).await;
    let held = world.held(fan, &show, &[1, 2, 3, 4], at(1)).await;
    let command = world.pay(fan, held.id);
    let paid = world.done(command.clone(), at(2)).await;
    assert_eq!((paid.payment.id, paid.payment.user_id), (command.payment_id, fan.user_id));
    assert_eq!((paid.payment.amount, paid.balance), (points(4 * PRICE), points(10_000)));
    assert_eq!((paid.payment.reservation_id, paid.payment.created_at), (held.id, at(2)));
    world.charge(fan.user_id, 5).await;
    let details = PaymentDetails {
        payment: paid.payment,
        reservation: paid.reservation,
        balance: points(10_000),
    };
    assert_eq!(world.store.payment(command.payment_id).await, Ok(Some(details)));
    assert_eq!(world.token(fan.token_id).await, paid.token);
    let entries = all_entries(&world.store, fan.user_id).await;
    let entry = &entries[1];
    assert_eq!((entry.id, entry.kind), (command.entry_id, PointKind::Use));
    assert_eq!((entry.payment_id, entry.amount), (Some(command.payment_id), points(40_000)));
}

/// A token of the site-wide room pays too, also for what was held with another token.
pub async fn a_site_wide_token_books_and_pays<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1], OPENING).await;
    let site_wide = world.enter(RoomId::SITE, fan.user_id, at(1)).await;
    world.charge(fan.user_id, PRICE).await;
    let paid = world.done(world.pay(site_wide, held.id), at(2)).await;
    assert_eq!(
        (paid.token.id, paid.reservation.queue_token_id),
        (site_wide.token_id, Some(fan.token_id))
    );
    assert_eq!(world.held(fan, &show, &[2], at(3)).await.queue_token_id, Some(fan.token_id));
}
