//! Repeated requests (rule 16).

use stagedoor_domain::concert::NotOwn;
use stagedoor_domain::operations::{
    CancelConcertRefused, CancelRefused, ChangePoints, CreateConcert, CreateConcertRefused,
    CreateHallRefused, CreateSchedule, CreateScheduleRefused, CreateUserRefused,
    CreateVenueRefused, ExtendRefused, HoldRefused, HoldSeats, JoinRefused, LeaveRefused, Pay,
    PayRefused, PointChange, PointsRefused, PublishRefused,
};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::working_set::IdempotencyRecord;
use stagedoor_domain::{
    Command, Idempotency, PointAccount, PointEntry, Refusal, Refused, Role, Submission, Verdict,
    WorkingSet, decide_all,
};

use crate::builders::*;
use crate::world::{World, a_box_office};

fn keyed<C>(key: &str, fingerprint: &str, command: C) -> Submission<C>
where
    C: Command<Key = Idempotency>,
{
    let key =
        Idempotency { owner: user(1), key: key.to_owned(), fingerprint: fingerprint.to_owned() };
    Submission { command, key: Some(key) }
}

fn charge(e: u128, amount: i64) -> ChangePoints {
    change_points(e, PointChange::Charge, amount)
}

fn balance(world: &World) -> i64 {
    world.get::<PointAccount>(user(1)).balance.get()
}

#[test]
fn a_repeated_request_gets_the_first_answer_and_does_nothing_again() {
    let mut world = a_box_office();
    let first = world.submit(&[keyed("k", "f", charge(1, 10))], NOW);

    let repeated = [keyed("k", "f", charge(2, 10)), keyed("k", "f", charge(3, 10))];
    let (verdicts, changes) = world.outcome(&repeated, NOW + seconds(60));

    assert_eq!(verdicts[0], first[0]);
    assert_eq!(verdicts[1], first[0]);
    assert_eq!(changes.count(), 0);
}

#[test]
fn a_request_repeated_in_its_own_batch_is_done_once() {
    let mut world = a_box_office();

    let batch = [keyed("k", "f", charge(1, 10)), keyed("k", "f", charge(2, 10))];
    let verdicts = world.submit(&batch, NOW);

    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[0], verdicts[1]);
    assert_eq!(balance(&world), 100_010);
    assert_eq!(world.all::<PointEntry>().count(), 1);
}

#[test]
fn after_a_refusal_that_can_pass_the_same_key_tries_again() {
    let mut world = a_box_office();
    let spend = |e| keyed("k", "f", change_points(e, PointChange::Use, 100_001));
    let refused = Err(PointsRefused::Balance(BalanceRefused::Insufficient).into());

    assert_eq!(world.submit(&[spend(1), spend(2)], NOW), [refused.clone(), refused]);
    assert_eq!(world.all::<IdempotencyRecord>().count(), 0);
    world.decide(charge(3, 10), NOW).unwrap();
    let used = world.submit(&[spend(4)], NOW);

    assert!(used[0].is_ok());
    assert_eq!(world.submit(&[spend(5)], NOW), used);
    assert_eq!(balance(&world), 9);
}

#[test]
fn a_final_refusal_is_kept() {
    let mut world = a_box_office();
    let unknown = keyed("k", "f", hold(1, seats(&[99])));

    let refused = world.submit(std::slice::from_ref(&unknown), NOW);
    let again = world.submit(&[unknown, keyed("k", "g", hold(2, seats(&[1])))], NOW);

    assert_eq!(refused, [Err(HoldRefused::SeatNotFound.into())]);
    assert_eq!(again, [Err(HoldRefused::SeatNotFound.into()), Err(Refused::KeyReused)]);
}

/// Checks each refusal of a table, which says whether it is final.
fn check<R: Refusal>(table: &[(R, bool)]) {
    for (refusal, is_final) in table {
        assert_eq!(refusal.is_final(), *is_final, "{refusal:?}");
    }
}

#[test]
fn every_refusal_of_booking_says_whether_it_is_final() {
    let tokens = [NotActive::Waiting, NotActive::Expired];
    let holds = [NotHeld::Over, NotHeld::Paid, NotHeld::Cancelled];
    let balances = [BalanceRefused::Insufficient, BalanceRefused::TooLarge];
    check(&tokens.map(|refused| (HoldRefused::NotActive(refused), false)));
    check(&[
        (HoldRefused::OtherRoom, false),
        (HoldRefused::OwnQueue, false),
        (HoldRefused::AlreadyHeld(reservation(1)), false),
        (HoldRefused::BookingClosed, false),
        (HoldRefused::TooManyHolds, false),
        (HoldRefused::SeatTaken, false),
        (HoldRefused::ScheduleNotFound, false),
        (HoldRefused::ConcertCancelled, true),
        (HoldRefused::SeatNotFound, true),
        (HoldRefused::TooExpensive, true),
    ]);
    check(&tokens.map(|refused| (PayRefused::NotActive(refused), false)));
    check(&holds.map(|refused| (PayRefused::NotHeld(refused), false)));
    check(&balances.map(|refused| (PayRefused::Balance(refused), false)));
    check(&[
        (PayRefused::OtherRoom, false),
        (PayRefused::ReservationNotFound, false),
        (PayRefused::ConcertCancelled, false),
        (PayRefused::OtherPrice(points(1)), false),
    ]);
    check(&balances.map(|refused| (PointsRefused::Balance(refused), false)));
    check(&[(PointsRefused::UserNotFound, true)]);
    check(&holds.map(|refused| (ExtendRefused::NotHeld(refused), true)));
    check(&[(ExtendRefused::ReservationNotFound, true), (ExtendRefused::NotExtendable, true)]);
    check(&balances.map(|refused| (CancelRefused::Balance(refused), false)));
    check(&[
        (CancelRefused::NotConfirmed, false),
        (CancelRefused::CheckedIn, false),
        (CancelRefused::ReservationNotFound, true),
        (CancelRefused::CancellationClosed, true),
    ]);
}

#[test]
fn every_other_refusal_says_whether_it_is_final() {
    check(&[(CreateUserRefused::EmailTaken, true)]);
    check(&[(CreateConcertRefused::NotOrganizer, false)]);
    check(&[(CreateVenueRefused::NotOrganizer, false)]);
    check(&[(CreateHallRefused::VenueNotFound, true), (CreateHallRefused::NotManager, false)]);
    check(&[
        (CreateScheduleRefused::ConcertNotFound, true),
        (CreateScheduleRefused::NotOrganizer, true),
        (CreateScheduleRefused::Cancelled, true),
        (CreateScheduleRefused::TooManySeats, true),
    ]);
    for own in [NotOwn::NotFound, NotOwn::AnotherOrganizers] {
        check(&[(PublishRefused::NotOwn(own), true)]);
        check(&[(CancelConcertRefused::NotOwn(own), true)]);
    }
    check(&[(PublishRefused::Cancelled, true), (PublishRefused::NoSchedule, false)]);
    check(&[
        (CancelConcertRefused::NotPublished, false),
        (CancelConcertRefused::HasSales, false),
        (CancelConcertRefused::TooManyDates, false),
    ]);
    check(&[
        (JoinRefused::BookingClosed, false),
        (JoinRefused::SoldOut, false),
        (JoinRefused::ConcertNotFound, false),
        (JoinRefused::ConcertCancelled, true),
        (JoinRefused::RoomNotFound, true),
    ]);
    check(&[(LeaveRefused::TokenNotFound, true)]);
}

#[test]
fn a_key_used_for_something_else_is_refused_and_does_nothing() {
    let mut world = a_box_office();
    let first = world.submit(&[keyed("k", "f", charge(1, 10))], NOW);

    let other = [keyed("k", "g", charge(2, 20)), keyed("k", "f", charge(3, 10))];
    let (verdicts, changes) = world.outcome(&other, NOW);
    assert_eq!(verdicts[0], Err(Refused::KeyReused));
    assert_eq!(verdicts[1], first[0], "the first answer is kept");
    assert_eq!(changes.count(), 0);

    let (verdicts, changes) = world.outcome(&[keyed("k", "f", join(1, 1))], NOW);
    assert_eq!(verdicts, [Err(Refused::KeyReused)], "another command");
    assert_eq!(changes.count(), 0);
}

#[test]
fn a_key_reused_within_one_batch_is_refused() {
    let mut world = a_box_office();

    let batch = [keyed("k", "f", charge(1, 10)), keyed("k", "g", charge(2, 20))];
    let verdicts = world.submit(&batch, NOW);

    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[1], Err(Refused::KeyReused));
    assert_eq!(balance(&world), 100_010);
}

#[test]
fn the_same_key_of_another_owner_is_another_key() {
    let mut world = a_box_office();
    let mut of_another = keyed("k", "g", charge(2, 20));
    of_another.key.as_mut().unwrap().owner = user(2);

    let verdicts = world.submit(&[keyed("k", "f", charge(1, 10)), of_another], NOW);

    assert!(verdicts.iter().all(Result::is_ok));
    assert_eq!(world.all::<IdempotencyRecord>().count(), 2);
}

#[test]
fn requests_without_a_key_are_never_taken_for_repetitions() {
    let mut world = a_box_office();

    world.decide_batch(&[charge(1, 10), charge(2, 10)], NOW);

    assert_eq!(balance(&world), 100_020);
    assert_eq!(world.all::<IdempotencyRecord>().count(), 0);
}

#[test]
fn an_answer_is_kept_with_all_that_tells_it_from_others() {
    let mut world = a_box_office();

    world.submit(&[keyed("k", "f", hold(1, seats(&[99])))], NOW);

    let expected = IdempotencyRecord {
        owner: user(1),
        key: "k".to_owned(),
        command: HoldSeats::NAME.to_owned(),
        fingerprint: "f".to_owned(),
        verdict: r#"{"Err":"SeatNotFound"}"#.to_owned(),
        recorded_at: NOW,
    };
    assert_eq!(world.all::<IdempotencyRecord>().collect::<Vec<_>>(), [&expected]);
}

/// Has a command carried out twice under one key, and answers its verdict.
fn twice<C: Command<Key = Idempotency>>(world: &mut World, command: C) -> Verdict<C> {
    let submission = keyed(&format!("{command:?}"), "f", command);
    let now = NOW + TICK;
    let first = world.submit(std::slice::from_ref(&submission), now).remove(0);
    let (mut again, changes) = world.outcome(&[submission], now + seconds(1));
    assert_eq!((&again.remove(0), changes.count()), (&first, 0));
    first
}

#[test]
fn every_kind_of_success_reads_back_as_it_was_given() {
    let mut world = a_box_office().with([a_user(9, Role::Organizer)]);
    let another_schedule =
        CreateSchedule { concert_id: concert(1), organizer_id: user(9), plan: a_plan(3) };
    let another_concert =
        CreateConcert { id: concert(5), room_id: room(5), ..announce(9, vec![a_plan(5)]) };

    assert!(twice(&mut world, join(7, 7)).is_ok());
    assert!(twice(&mut world, hold(1, seats(&[1, 2]))).is_ok());
    assert!(twice(&mut world, charge(9, 10)).is_ok());
    assert!(twice(&mut world, pay(1)).is_ok());
    assert!(twice(&mut world, sign_up(8, 8)).is_ok());
    assert!(twice(&mut world, another_schedule).is_ok());
    assert!(twice(&mut world, another_concert).is_ok());
}

#[test]
fn every_kind_of_refusal_reads_back_as_it_was_given() {
    let mut world = a_box_office().with([a_token(1)]).with([a_user(9, Role::Fan)]);
    world.decide(hold(2, seats(&[1])), NOW).unwrap();
    let too_much = change_points(1, PointChange::Use, 100_001);
    let late = HoldSeats { reservation_id: reservation(7), ..hold(2, seats(&[1])) };

    assert!(twice(&mut world, hold(1, seats(&[1]))).is_err());
    assert!(twice(&mut world, late).is_err());
    assert!(twice(&mut world, pay(1)).is_err());
    assert!(twice(&mut world, Pay { reservation_id: reservation(2), ..pay(3) }).is_err());
    assert!(twice(&mut world, too_much).is_err());
    assert!(twice(&mut world, announce(9, vec![])).is_err());
    assert!(twice(&mut world, sign_up(1, 9)).is_err());
}

#[test]
fn a_kept_answer_that_does_not_read_stops_the_batch() {
    let broken = IdempotencyRecord {
        owner: user(1),
        key: "k".to_owned(),
        command: ChangePoints::NAME.to_owned(),
        fingerprint: "f".to_owned(),
        verdict: "gibberish".to_owned(),
        recorded_at: NOW,
    };
    let mut set = WorkingSet::new();
    set.load([broken]);
    set.load([an_account(1, 0)]);

    let batch = [Submission::new(charge(1, 10)), keyed("k", "f", charge(2, 10))];
    let corrupt = decide_all(set, &batch, NOW).unwrap_err();

    assert!(corrupt.to_string().contains("change_points"), "{corrupt}");
}
