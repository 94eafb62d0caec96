//! What is asked of stores that write to tables, beyond what the model shows.

use stagedoor_domain::operations::{
    CreateConcert, CreateSchedule, CreateScheduleRefused, CreateUser, ExpireHolds, ExpireTokens,
    FillRange, PolicyEdit,
};
use stagedoor_domain::ports::{Execute, Maintenance, Schedules, StoreError, Users};
use stagedoor_domain::{Command, ReservationState, Role, RoomId, SeatStatus, Submission, UserId};

use super::fixture::{Migrated, Plant};
use super::ranges::void;
use super::snapshot::Snapshot;
use super::store::Store;
use super::world::{CHARGE, HOLD_SECONDS, OPENING, Show, World, at, before};

async fn assert_corrupt<S, C>(world: &World<S>, commands: Vec<C>)
where
    S: Store + Execute<C>,
    C: Command,
{
    let known = world.known();
    let earlier = Snapshot::of(&world.store, &known, at(1)).await;
    let submissions: Vec<_> = commands.into_iter().map(Submission::new).collect();
    let answer = world.store.execute(&submissions, at(1)).await;
    assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{answer:?}");
    earlier.assert_same(&Snapshot::of(&world.store, &known, at(1)).await);
}

/// Ids are made by the caller; one that comes twice without a key is a bug, not a verdict, and
/// nothing of its batch is written.
pub async fn an_id_used_twice_is_corrupt_and_writes_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    let first = world.sign_up(Role::Fan);
    world.done(first.clone(), OPENING).await;
    let sound = world.sign_up(Role::Fan);
    let again = CreateUser { id: first.id, ..world.sign_up(Role::Fan) };
    assert_corrupt(&world, vec![sound, again]).await;
    let charge = world.points(fan.user_id, CHARGE, 1);
    world.done(charge.clone(), OPENING).await;
    assert_corrupt(&world, vec![world.points(fan.user_id, CHARGE, 5), charge]).await;
    let hold = world.hold(fan, &show, &[1]);
    world.done(hold.clone(), OPENING).await;
    let mut again = world.hold(fan, &show, &[2]);
    again.reservation_id = hold.reservation_id;
    assert_corrupt(&world, vec![again]).await;
}

/// A user gets a token elsewhere between the reservation and its filling: nothing of the range is written, and it can be
/// taken back.
pub async fn a_range_of_a_user_who_got_another_token_is_not_filled<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(2).await;
    let tokens = world.reserve(room_id, &users, OPENING).await;
    let other = world.done(world.join(room_id, users[1]), OPENING).await.token;

    let fill = [Submission::new(FillRange { tokens: tokens.clone() })];
    let filled = Execute::<FillRange>::execute(&world.store, &fill, OPENING).await;

    assert!(matches!(filled, Err(StoreError::Overtaken(_))), "{filled:?}");
    assert_eq!(world.store.queue_tokens(&[tokens[0].id]).await, Ok(Vec::new()));
    assert!(world.done(void(&tokens), OPENING).await);
    let again = world.done(world.join(room_id, users[0]), OPENING).await;
    assert_eq!((again.is_new, again.token.sequence), (true, Some(4)));
    assert_eq!(world.done(world.join(room_id, users[1]), OPENING).await.token, other);
}

/// A concert of a user who does not exist cannot be written.
pub async fn a_concert_of_no_user_is_corrupt_and_writes_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let unknown: UserId = world.id();
    let concert = |user_id| {
        let announcement = world.announcement(user_id, Vec::new());
        CreateConcert { open_to_all: true, ..announcement }
    };
    assert_corrupt(&world, [user_id, unknown].map(concert).to_vec()).await;
}

/// An organizer is told an error, not a sum that wrapped round.
pub async fn a_revenue_beyond_64_bits_is_corrupt<F: Plant>(fixture: &F) {
    let world = World::new(fixture.store());
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    world.sold(fan, &show, &[1, 2], OPENING).await;
    fixture.plant("UPDATE seats SET price = 9000000000000000000");
    let sales = world.store.sales(show.concert_id, at(1)).await;
    assert!(matches!(sales, Err(StoreError::Corrupt(_))), "{sales:?}");
}

/// All dates of a concert together, those of one batch too.
pub async fn a_concert_has_no_more_seats_than_its_bound<F: Plant>(fixture: &F) {
    let world = World::new(fixture.store());
    let (show, other) = (world.open_show(1, 2).await, world.open_show(1, 1).await);
    let most = CreateSchedule::SEATS_OF_CONCERT_MAX;
    fixture.plant(&format!(
        "UPDATE schedules SET seat_count = {} WHERE id = '{}'",
        most - 3,
        show.schedule_id
    ));
    let add = |show: &Show, seats| CreateSchedule {
        concert_id: show.concert_id,
        organizer_id: show.organizer_id,
        plan: world.plan(1, seats),
    };
    let batch = vec![add(&show, 4), add(&show, 2), add(&show, 2), add(&show, 1), add(&other, 2)];
    let made = world.ask_all(batch, at(1)).await;
    let refused = Some(CreateScheduleRefused::TooManySeats);
    let refusals: Vec<_> = made.into_iter().map(Result::err).collect();
    assert_eq!(refusals, [refused, None, refused, None, None]);
    assert_eq!(
        world.ask_all(vec![add(&show, 1)], at(2)).await,
        [Err(CreateScheduleRefused::TooManySeats)]
    );
}

/// At most 1,000 in one transaction, the rest in the next.
pub async fn expiring_holds_is_bounded_and_comes_to_an_end<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(20, 55).await;
    let fans = world.fans(show.room_id, 2).await;
    let hold = |seat: i32| world.hold(fans[usize::from(seat % 2 == 0)], &show, &[seat]);
    let holds: Vec<_> = (1..=1_050).map(hold).collect();
    assert!(world.ask_all(holds, OPENING).await.iter().all(Result::is_ok));
    let later = world.held(fans[0], &show, &[1_051], at(1)).await;
    assert_eq!(world.done(ExpireHolds, before(at(HOLD_SECONDS))).await, 0);
    for expected in [ExpireHolds::RESERVATIONS_MAX, 50, 0] {
        assert_eq!(world.done(ExpireHolds, at(HOLD_SECONDS)).await, expected);
    }
    assert_eq!(world.reservation(later.id).await.state, ReservationState::Held);
    let seats = world.seats(&show).await;
    let held = seats.iter().filter(|seat| seat.status(OPENING) == SeatStatus::Held);
    assert_eq!(held.count(), 1);
}

/// At most 2,000 in one transaction, the rest in the next.
pub async fn expiring_tokens_is_bounded_and_comes_to_an_end<S: Store>(store: S) {
    let world = World::new(store);
    let (open, line) = (world.open_show(1, 1).await.room_id, world.closed_show().await.room_id);
    world.fans(open, 1_500).await;
    world.fans(line, 550).await;
    for expected in [ExpireTokens::TOKENS_MAX, 50, 0] {
        assert_eq!(world.done(ExpireTokens, at(600)).await, expected);
    }
    for room_id in [open, line] {
        let count = world.store.room_count(room_id, OPENING).await.expect("it reads");
        assert!(count.is_some_and(|count| count.waiting == 0 && count.active == 0));
    }
}

/// Up twice is up once; down takes one back; up again makes an empty store that works.
pub async fn migrations_go_up_and_down_and_up_again<F: Migrated>(fixture: &F) {
    let (store, world) = (fixture.store(), World::new(fixture.store()));
    assert_eq!(fixture.migrate_up().await, Ok(Vec::new()));
    let status = fixture.migration_status().await.expect("the status reads");
    assert!(!status.is_empty() && status.iter().all(|(_, applied)| *applied));
    world.show(2, 2).await;
    let mut taken_back = Vec::new();
    while let Some(name) = fixture.migrate_down().await.expect("it goes down") {
        taken_back.push(name);
        let status = fixture.migration_status().await.expect("the status reads");
        let pending = status.iter().filter(|(_, applied)| !applied).map(|(name, _)| name);
        let mut pending: Vec<_> = pending.cloned().collect();
        pending.reverse();
        assert_eq!(pending, taken_back);
        assert!(!store.readiness().await.expect("it answers").migrations_current);
    }
    taken_back.reverse();
    assert_eq!(taken_back.len(), status.len());
    assert_eq!(fixture.migrate_up().await, Ok(taken_back));
    assert!(store.readiness().await.expect("it answers").migrations_current);
    assert_eq!(store.count_users(9).await, Ok(0));
    world.update_controls(RoomId::SITE, PolicyEdit::default(), OPENING).await;
    world.fan(RoomId::SITE).await;
}

/// Two processes that start at once on a store without tables.
pub async fn migrating_from_two_sides_at_once_succeeds<F: Migrated>(fixture: &F) {
    while fixture.migrate_down().await.expect("it goes down").is_some() {}
    let all = fixture.migration_status().await.expect("the status reads").len();
    for _ in 0..3 {
        let (one, two) = tokio::join!(fixture.migrate_up(), fixture.migrate_up());
        let applied = one.expect("it goes up").len() + two.expect("it goes up").len();
        assert_eq!(applied, all, "each is applied once");
        while fixture.migrate_down().await.expect("it goes down").is_some() {}
    }
}
