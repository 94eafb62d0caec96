//! Lists: every item once, in the documented order, and figures as of the instant asked for.

use stagedoor_domain::operations::{
    ChangePolicy, CreateSchedule, EndSessions, HoldSeats, PolicyEdit, ReadUser, SchedulePlan,
};
use stagedoor_domain::ports::ConcertFilter;
use stagedoor_domain::room::RoomMessage;
use stagedoor_domain::{
    BookingWindow, Instant, OperatorAction, OperatorDeed, PageSize, Reference, Reservation,
    ReservationStatus, Role, RoomId, ScheduleTerms, UserPart,
};

use super::snapshot::all_pages;
use super::store::Store;
use super::world::{CHARGE, HOLD_SECONDS, OPENING, Show, USE, World, at, before, leave, release};

const SIZES: [i64; 4] = [1, 3, 7, 100];

/// Newest id first.
pub async fn concerts_are_paged_newest_first<S: Store>(store: S) {
    let world = World::new(store);
    let organizer = world.user(Role::Organizer).await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(world.done(world.announcement(organizer, Vec::new()), OPENING).await.concert.id);
    }
    ids.reverse();
    let filter = ConcertFilter::default();
    for size in SIZES {
        let read = |after, size| world.store.concerts(&filter, after, size, OPENING);
        let listings = all_pages(size, read).await;
        let listed: Vec<_> = listings.iter().map(|listing| listing.concert.id).collect();
        assert_eq!(listed, ids, "{size} at a time");
    }
    let size = PageSize::new(7).expect("a page size");
    let full = world.store.concerts(&filter, None, size, OPENING).await.expect("the store reads");
    assert_eq!(full.next, None, "nothing comes after a last page that is full");
}

/// Newest id first, as they were recorded; an edit that changes nothing leaves no record.
pub async fn operator_actions_are_paged_newest_first<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.show(1, 1).await.room_id;
    let mut expected = Vec::new();
    for capacity in [1, 2, 2, 3] {
        let edit = PolicyEdit { capacity: Some(capacity), ..PolicyEdit::default() };
        let message = Some(RoomMessage::parse("문이 7시에 열립니다").expect("a message"));
        let update_controls = ChangePolicy { message, ..world.change_policy(room_id, edit) };
        let before = world.room(room_id).await.controls();
        let after = world.done(update_controls.clone(), at(capacity.into())).await.controls();
        let (id, operator_id) = (update_controls.action_id, update_controls.operator_id);
        if before != after {
            let at = at(capacity.into());
            let deed = OperatorDeed::RoomChanged { room_id, before, after };
            expected.push(OperatorAction { id, operator_id, deed, at });
        }
    }
    for part in [UserPart::Account, UserPart::Reservations] {
        let (user_id, action_id) = (world.user(Role::Fan).await, world.id());
        let operator_id = world.id();
        world.done(ReadUser { action_id, operator_id, user_id, part }, at(4)).await;
        let deed = OperatorDeed::UserRead { user_id, part };
        expected.push(OperatorAction { id: action_id, operator_id, deed, at: at(4) });
    }
    expected.reverse();
    assert_eq!(expected.len(), 5);
    for size in SIZES {
        let read = |after, size| world.store.operator_actions(after, size);
        assert_eq!(all_pages(size, read).await, expected, "{size} at a time");
    }
}

/// Newest id first, with what has changed of them.
pub async fn users_are_paged_newest_first<S: Store>(store: S) {
    let world = World::new(store);
    let mut ids = world.users(5).await;
    ids.reverse();
    let ended = EndSessions { user_id: ids[1], role: Some(Role::Operator), password_hash: None };
    world.done(ended, at(1)).await;
    for size in SIZES {
        let read = |after, size| world.store.users(after, size);
        let users = all_pages(size, read).await;
        let found: Vec<_> = users.iter().map(|user| user.id).collect();
        assert_eq!(found, ids, "{size} at a time");
        assert_eq!((users[1].role, users[1].sessions.version), (Role::Operator, 1));
        assert_eq!((users[2].role, users[2].sessions.version), (Role::Fan, 0));
    }
}

/// Each user once, with the newest version.
pub async fn sessions_that_ended_are_read_from_an_instant_on<S: Store>(store: S) {
    let world = World::new(store);
    let users = world.users(3).await;
    let end = |user_id| EndSessions { user_id, role: None, password_hash: None };
    for (user_id, second) in [(users[0], 1), (users[1], 2), (users[0], 3)] {
        world.done(end(user_id), at(second)).await;
    }
    let read = async |since| {
        let mut ended = world.store.sessions_ended(since).await.expect("the store reads");
        ended.sort_unstable();
        ended
    };

    let mut both = vec![(users[0], 2), (users[1], 1)];
    both.sort_unstable();
    assert_eq!(read(at(0)).await, both);
    assert_eq!(read(at(2)).await, both);
    assert_eq!(read(at(3)).await, [(users[0], 2)]);
    assert_eq!(read(at(4)).await, []);
}

/// Free, held, sold and run out, as of the instant.
pub async fn sales_count_each_seat_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 5).await;
    let fans = world.fans(show.room_id, 2).await;
    world.held(fans[0], &show, &[1, 2, 3], OPENING).await;
    let paid = world.sold(fans[1], &show, &[4, 5], OPENING).await;
    let price = paid.reservation.total_price.get();
    let figures = async |now| {
        let sales = world.store.sales(show.concert_id, now).await.expect("the store reads");
        sales.iter().map(|of| (of.free, of.held, of.sold, of.revenue)).collect::<Vec<_>>()
    };
    assert_eq!(figures(at(1)).await, [(5, 3, 2, price)]);
    assert_eq!(figures(at(HOLD_SECONDS)).await, [(8, 0, 2, price)]);
    let unknown = world.store.sales(world.id(), OPENING).await;
    assert_eq!(unknown, Ok(Vec::new()));
}

async fn add<S: Store>(world: &World<S>, show: &Show, plan: SchedulePlan) {
    let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
    world.done(CreateSchedule { concert_id, organizer_id, plan }, OPENING).await;
}

/// Oldest id first; only the available if so asked, page by page without a gap.
pub async fn schedules_are_paged_oldest_first<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(1, 2).await, world.show(1, 1).await);
    let mut ids = vec![show.schedule_id];
    for number in 1..7 {
        let mut plan = world.plan(1, number);
        if number % 2 == 0 {
            plan.terms.booking = BookingWindow { opens_at: at(50), closes_at: at(60) };
        }
        ids.push(plan.id);
        add(&world, &show, plan).await;
    }
    add(&world, &other, world.plan(1, 1)).await;
    let fan = world.fan(show.room_id).await;
    world.held(fan, &show, &[1, 2], OPENING).await;
    for size in SIZES {
        for (only_available, now, expected) in [
            (false, OPENING, vec![0, 1, 2, 3, 4, 5, 6]),
            (true, OPENING, vec![1, 3, 5]),
            (true, at(50), vec![1, 2, 3, 4, 5, 6]),
            (true, at(60), vec![1, 3, 5]),
            (true, at(HOLD_SECONDS), vec![0, 1, 3, 5]),
            (true, at(86_400), vec![]),
        ] {
            let concert = show.concert_id;
            let read =
                |after, size| world.store.schedules(concert, only_available, after, size, now);
            let listed: Vec<_> =
                all_pages(size, read).await.into_iter().map(|l| l.schedule.id).collect();
            let expected: Vec<_> = expected.into_iter().map(|index: usize| ids[index]).collect();
            assert_eq!(listed, expected, "{size} at a time at {now}");
        }
    }
}

async fn available<S: Store>(world: &World<S>, show: &Show, now: Instant) -> (i64, bool) {
    let concert = world.store.concert(show.concert_id, now).await.expect("the store reads");
    let schedules =
        world.store.schedules(show.concert_id, false, None, PageSize::DEFAULT, now).await;
    let listing = schedules.expect("the store reads").items.remove(0);
    let page = world
        .store
        .concerts(&ConcertFilter::default(), None, PageSize::DEFAULT, now)
        .await
        .expect("it reads");
    let concert = concert.expect("the concert exists");
    assert!(page.items.contains(&concert), "alone and in a list it is the same");
    (listing.seats_available, concert.bookable)
}

/// At the edges of the booking window and of a hold, and when all is sold.
pub async fn what_is_left_is_told_as_of_the_instant<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    assert_eq!(available(&world, &show, before(OPENING)).await, (3, false));
    assert_eq!(available(&world, &show, OPENING).await, (3, true));
    assert_eq!(available(&world, &show, before(at(86_400))).await, (3, true));
    assert_eq!(available(&world, &show, at(86_400)).await, (3, false));
    let fans = world.fans(show.room_id, 3).await;
    let held = world.held(fans[0], &show, &[1, 2], OPENING).await;
    world.sold(fans[1], &show, &[3], OPENING).await;
    assert_eq!(available(&world, &show, before(held.expires_at)).await, (0, false));
    assert_eq!(available(&world, &show, held.expires_at).await, (2, true));
    world.done(release(&held), at(1)).await;
    assert_eq!(available(&world, &show, at(1)).await, (2, true));
    world.sold(fans[2], &show, &[1, 2], at(2)).await;
    assert_eq!(available(&world, &show, at(3)).await, (0, false));
    assert_eq!(available(&world, &show, at(80_000)).await, (0, false));
}

/// The next five, soonest first; those that have started are gone.
pub async fn the_next_dates_come_soonest_first<S: Store>(store: S) {
    let world = World::new(store);
    let organizer = world.user(Role::Organizer).await;
    let starts = [900, 100, 700, 300, 500, 800, 200];
    let plans = starts.map(|seconds| {
        let booking = BookingWindow { opens_at: OPENING, closes_at: at(seconds) };
        let (starts_at, ends_at) = (at(seconds), at(seconds + 10));
        let cancellation_closes_at = None;
        let plan = world.plan(1, 1);
        let terms =
            ScheduleTerms { starts_at, ends_at, booking, cancellation_closes_at, ..plan.terms };
        SchedulePlan { terms, ..plan }
    });
    let command = world.announcement(organizer, plans.to_vec());
    let id = command.id;
    world.done(command, OPENING).await;
    for (now, expected) in [
        (OPENING, vec![100, 200, 300, 500, 700]),
        (before(at(100)), vec![100, 200, 300, 500, 700]),
        (at(101), vec![200, 300, 500, 700, 800]),
        (at(701), vec![800, 900]),
        (at(901), vec![]),
    ] {
        let listing = world.store.concert(id, now).await.expect("the store reads");
        let expected: Vec<_> = expected.into_iter().map(at).collect();
        assert_eq!(listing.expect("the concert exists").next_dates, expected, "at {now}");
    }
}

/// The earliest opening that is still to come, whatever is open already; at its instant it has come.
pub async fn the_next_opening_of_booking_is_the_earliest_to_come<S: Store>(store: S) {
    let world = World::new(store);
    let organizer = world.user(Role::Organizer).await;
    let plans = [0, 50, 20].map(|seconds| {
        let booking = BookingWindow { opens_at: at(seconds), closes_at: at(100) };
        let plan = world.plan(1, 1);
        SchedulePlan { terms: ScheduleTerms { booking, ..plan.terms }, ..plan }
    });
    let command = world.announcement(organizer, plans.to_vec());
    let id = command.id;
    world.done(command, OPENING).await;
    for (now, expected) in [
        (before(at(20)), Some(at(20))),
        (at(20), Some(at(50))),
        (before(at(50)), Some(at(50))),
        (at(50), None),
    ] {
        let listing = world.store.concert(id, now).await.expect("the store reads");
        assert_eq!(listing.expect("the concert exists").booking_opens_at, expected, "at {now}");
    }
}

async fn listed<S: Store>(
    world: &World<S>,
    of: &Reservation,
    status: Option<ReservationStatus>,
    size: i64,
    now: Instant,
) -> Vec<Reservation> {
    let read = |after, size| world.store.reservations(of.user_id, status, after, size, now);
    all_pages(size, read).await
}

/// Newest id first; with a status, those that have it at the instant, whether or not that was written.
pub async fn reservations_are_paged_by_their_status_now<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(4, 4).await;
    let fans = world.fans(show.room_id, 2).await;
    let mut all = Vec::new();
    for seat in (1..=9).step_by(2) {
        all.push(world.held(fans[0], &show, &[seat, seat + 1], at(i64::from(seat))).await);
    }
    world.held(fans[1], &show, &[16], OPENING).await;
    world.done(release(&all[1]), at(10)).await;
    world.charge(fans[0].user_id, 20_000).await;
    let site_wide = world.enter(RoomId::SITE, fans[0].user_id, at(10)).await;
    world.done(world.pay(site_wide, all[2].id), at(10)).await;
    let (held, run_out) = (Some(ReservationStatus::Held), Some(ReservationStatus::Expired));
    let (confirmed, cancelled) =
        (Some(ReservationStatus::Confirmed), Some(ReservationStatus::Cancelled));
    let over = all[3].expires_at;
    for size in SIZES {
        for (status, now, expected) in [
            (None, at(10), vec![4, 3, 2, 1, 0]),
            (held, at(10), vec![4, 3, 0]),
            (held, before(over), vec![4, 3]),
            (held, over, vec![4]),
            (run_out, at(10), vec![]),
            (run_out, over, vec![3, 0]),
            (run_out, at(9_999), vec![4, 3, 0]),
            (confirmed, over, vec![2]),
            (cancelled, over, vec![1]),
        ] {
            let found = listed(&world, &all[0], status, size, now).await;
            let found: Vec<_> = found.iter().map(|reservation| reservation.id).collect();
            let expected: Vec<_> = expected.into_iter().map(|i: usize| all[i].id).collect();
            assert_eq!(found, expected, "{status:?} at {now}, {size} at a time");
        }
    }
    for reservation in listed(&world, &all[0], None, 2, at(10)).await {
        assert_eq!(world.reservation(reservation.id).await, reservation, "in a list as alone");
    }
}

/// The newest of the user's own; other people may use the same reference.
pub async fn a_reference_finds_the_newest_reservation_that_has_it<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 10).await;
    let (fan, other) = (world.fan(show.room_id).await, world.fan(show.room_id).await);
    let reference = Reference::parse("표 1", "reference").expect("a sound reference");
    let find = |user_id| world.store.reservation_by_reference(user_id, &reference);
    assert_eq!(find(fan.user_id).await, Ok(None));

    let mut newest = Vec::new();
    for (fan, seat) in [(fan, 1), (other, 2), (fan, 3)] {
        let named =
            HoldSeats { reference: Some(reference.clone()), ..world.hold(fan, &show, &[seat]) };
        newest.push(world.done(named, OPENING).await);
    }
    world.held(fan, &show, &[4], OPENING).await;

    assert_eq!(find(fan.user_id).await, Ok(Some(newest[2].clone())));
    assert_eq!(find(other.user_id).await, Ok(Some(newest[1].clone())));
}

/// Newest number first, of one user alone.
pub async fn point_entries_are_paged_newest_first<S: Store>(store: S) {
    let world = World::new(store);
    let users = world.users(2).await;
    let mut changes = Vec::new();
    for number in 0..8 {
        let change = if number % 2 == 0 { CHARGE } else { USE };
        changes.extend(users.iter().map(|user| world.points(*user, change, 10 - number)));
    }
    assert!(world.ask_all(changes, OPENING).await.iter().all(Result::is_ok));
    for size in SIZES {
        let read = |after, size| world.store.point_entries(users[1], after, size);
        let entries = all_pages(size, read).await;
        assert!(entries.iter().all(|entry| entry.user_id == users[1]));
        let numbers: Vec<_> = entries.iter().map(|entry| entry.number).collect();
        assert_eq!(numbers, [8, 7, 6, 5, 4, 3, 2, 1], "{size} at a time");
    }
}

/// Newest id first, of one user alone, each with its reservation and the balance after it.
pub async fn payments_are_paged_newest_first<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 10).await;
    let user_id = world.users(1).await[0];
    let stranger = world.fan(show.room_id).await;
    world.sold(stranger, &show, &[20], OPENING).await;
    world.charge(user_id, 777).await;
    let mut paid = Vec::new();
    for seat in 1..=5 {
        let fan = world.enter(show.room_id, user_id, at(seat.into())).await;
        paid.push(world.sold(fan, &show, &[seat, seat + 10], at(seat.into())).await);
    }
    paid.reverse();
    for size in SIZES {
        let read = |after, size| world.store.payments(user_id, after, size);
        let listed = all_pages(size, read).await;
        assert_eq!(listed.len(), 5, "{size} at a time");
        for (details, paid) in listed.iter().zip(&paid) {
            assert_eq!((&details.payment, details.balance), (&paid.payment, paid.balance));
            assert_eq!(details.reservation, paid.reservation);
            let alone = world.store.payment(details.payment.id).await;
            assert_eq!(alone, Ok(Some(details.clone())));
            let of_reservation = world.store.payment_of(details.reservation.id).await;
            assert_eq!(of_reservation, Ok(Some(details.clone())));
        }
    }
}

/// Neither the abandoned nor the overdue count; newest id first, the site-wide room last.
pub async fn rooms_are_counted_as_of_the_instant<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.show(1, 1).await.room_id;
    let edit = PolicyEdit { capacity: Some(2), idle_seconds: Some(120), ..PolicyEdit::default() };
    world.update_controls(room_id, edit, OPENING).await;
    let fans = world.fans(room_id, 6).await;
    world.done(leave(fans[5]), at(1)).await;
    let empty = world.show(1, 1).await.room_id;
    for (now, waiting, active) in [
        (at(1), 3, 2),
        (before(at(120)), 3, 2),
        (at(120), 0, 2),
        (before(at(600)), 0, 2),
        (at(600), 0, 0),
    ] {
        let count = world.store.room_count(room_id, now).await.expect("it reads");
        let count = count.expect("the room exists");
        assert_eq!((count.waiting, count.active), (waiting, active), "at {now}");
        assert_eq!(count.room, world.room(room_id).await);
        for size in SIZES {
            let read = |after, size| world.store.room_counts(after, size, now);
            let counts = all_pages(size, read).await;
            let ids: Vec<_> = counts.iter().map(|count| count.room.id).collect();
            assert_eq!(ids, [empty, room_id, RoomId::SITE], "{size} at a time");
            assert_eq!(counts[1], count);
        }
    }
}
