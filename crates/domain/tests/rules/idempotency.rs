//! Repeated requests (rule 16).

use stagedoor_domain::operations::{
    Admit, CancelRefused, ChangePoints, CreateConcert, CreateConcertRefused, CreateSchedule,
    CreateScheduleRefused, CreateUserRefused, EndSessionsRefused, ExpireHolds, ExpireTokens,
    ExtendRefused, GiveBackRefused, HoldRefused, HoldSeats, JoinRefused, LeaveRefused, LeaveRoom,
    OnlyKeyReused, Pay, PayRefused, PointChange, PointsRefused, PolicyEdit, PolicyRefused,
    ReadUser, SeeRefused, SeeToken,
};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::working_set::Answer;
use stagedoor_domain::{
    Command, Idempotency, PointAccount, PointEntry, Refusal, Request, Role, UserPart, Verdict,
    WorkingSet, decide_all,
};

use crate::builders::*;
use crate::world::{World, a_box_office, touched};

fn keyed<C>(key: &str, fingerprint: &str, command: C) -> Request<C> {
    let idempotency =
        Idempotency { owner: user(1), key: key.to_owned(), fingerprint: fingerprint.to_owned() };
    Request { command, idempotency: Some(idempotency) }
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
    assert_eq!(touched(&changes), 0);
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
    let refused = Err(PointsRefused::Balance(BalanceRefused::Insufficient));

    assert_eq!(world.submit(&[spend(1), spend(2)], NOW), [refused.clone(), refused]);
    assert_eq!(world.all::<Answer>().count(), 0);
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

    assert_eq!(refused, [Err(HoldRefused::SeatNotFound)]);
    assert_eq!(again, [Err(HoldRefused::SeatNotFound), Err(HoldRefused::KeyReused)]);
}

/// Checks each refusal of a table, which says whether it is final.
fn check<R: Refusal + PartialEq>(table: &[(R, bool)]) {
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
        (HoldRefused::ScheduleNotFound, true),
        (HoldRefused::SeatNotFound, true),
        (HoldRefused::TooExpensive, true),
        (HoldRefused::KeyReused, true),
    ]);
    check(&tokens.map(|refused| (PayRefused::NotActive(refused), false)));
    check(&holds.map(|refused| (PayRefused::NotHeld(refused), false)));
    check(&balances.map(|refused| (PayRefused::Balance(refused), false)));
    check(&[
        (PayRefused::OtherRoom, false),
        (PayRefused::ReservationNotFound, false),
        (PayRefused::OtherPrice(points(1)), false),
        (PayRefused::KeyReused, true),
    ]);
    check(&balances.map(|refused| (PointsRefused::Balance(refused), false)));
    check(&[(PointsRefused::UserNotFound, true), (PointsRefused::KeyReused, true)]);
    check(&holds.map(|refused| (GiveBackRefused::NotHeld(refused), true)));
    check(&[(GiveBackRefused::ReservationNotFound, true), (GiveBackRefused::KeyReused, true)]);
    check(&holds.map(|refused| (ExtendRefused::NotHeld(refused), true)));
    check(&[
        (ExtendRefused::ReservationNotFound, true),
        (ExtendRefused::NotExtendable, true),
        (ExtendRefused::KeyReused, true),
    ]);
    check(&balances.map(|refused| (CancelRefused::Balance(refused), false)));
    check(&[
        (CancelRefused::NotConfirmed, false),
        (CancelRefused::ReservationNotFound, true),
        (CancelRefused::CancellationClosed, true),
        (CancelRefused::KeyReused, true),
    ]);
}

#[test]
fn every_other_refusal_says_whether_it_is_final() {
    check(&[(CreateUserRefused::EmailTaken, true), (CreateUserRefused::KeyReused, true)]);
    check(&[(CreateConcertRefused::NotOrganizer, false), (CreateConcertRefused::KeyReused, true)]);
    check(&[
        (CreateScheduleRefused::ConcertNotFound, true),
        (CreateScheduleRefused::NotOrganizer, true),
        (CreateScheduleRefused::TooManySeats, true),
        (CreateScheduleRefused::KeyReused, true),
    ]);
    check(&[(PolicyRefused::RoomNotFound, true), (PolicyRefused::KeyReused, true)]);
    check(&[
        (JoinRefused::BookingClosed, false),
        (JoinRefused::SoldOut, false),
        (JoinRefused::RoomNotFound, true),
        (JoinRefused::KeyReused, true),
    ]);
    check(&[(LeaveRefused::TokenNotFound, true), (LeaveRefused::KeyReused, true)]);
    check(&[(SeeRefused::NotWaiting, true), (SeeRefused::KeyReused, true)]);
    check(&[(OnlyKeyReused::KeyReused, true)]);
}

#[test]
fn a_key_used_for_something_else_is_refused_and_does_nothing() {
    let mut world = a_box_office();
    let first = world.submit(&[keyed("k", "f", charge(1, 10))], NOW);

    let other = [keyed("k", "g", charge(2, 20)), keyed("k", "f", charge(3, 10))];
    let (verdicts, changes) = world.outcome(&other, NOW);
    assert_eq!(verdicts[0], Err(PointsRefused::KeyReused));
    assert_eq!(verdicts[1], first[0], "the first answer is kept");
    assert_eq!(touched(&changes), 0);

    let (verdicts, changes) = world.outcome(&[keyed("k", "f", leave(1))], NOW);
    assert_eq!(verdicts, [Err(LeaveRefused::KeyReused)], "another command");
    assert_eq!(touched(&changes), 0);
}

#[test]
fn a_key_reused_within_one_batch_is_refused() {
    let mut world = a_box_office();

    let batch = [keyed("k", "f", charge(1, 10)), keyed("k", "g", charge(2, 20))];
    let verdicts = world.submit(&batch, NOW);

    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[1], Err(PointsRefused::KeyReused));
    assert_eq!(balance(&world), 100_010);
}

#[test]
fn the_same_key_of_another_owner_is_another_key() {
    let mut world = a_box_office();
    let mut of_another = keyed("k", "g", charge(2, 20));
    of_another.idempotency.as_mut().unwrap().owner = user(2);

    let verdicts = world.submit(&[keyed("k", "f", charge(1, 10)), of_another], NOW);

    assert!(verdicts.iter().all(Result::is_ok));
    assert_eq!(world.all::<Answer>().count(), 2);
}

#[test]
fn requests_without_a_key_are_never_taken_for_repetitions() {
    let mut world = a_box_office();

    world.decide_batch(&[charge(1, 10), charge(2, 10)], NOW);

    assert_eq!(balance(&world), 100_020);
    assert_eq!(world.all::<Answer>().count(), 0);
}

#[test]
fn an_answer_is_kept_with_all_that_tells_it_from_others() {
    let mut world = a_box_office();

    world.submit(&[keyed("k", "f", leave(1))], NOW);

    let expected = Answer {
        owner: user(1),
        key: "k".to_owned(),
        command: LeaveRoom::NAME.to_owned(),
        fingerprint: "f".to_owned(),
        verdict: r#"{"Ok":null}"#.to_owned(),
        recorded_at: NOW,
    };
    assert_eq!(world.all::<Answer>().collect::<Vec<_>>(), [&expected]);
}

/// Has a command carried out twice under one key, and answers its verdict.
fn twice<C: Command>(world: &mut World, command: C) -> Verdict<C>
where
    C::Success: PartialEq,
    C::Refusal: PartialEq,
{
    let request = keyed(&format!("{command:?}"), "f", command);
    let now = NOW + TICK;
    let first = world.submit(std::slice::from_ref(&request), now).remove(0);
    let (mut again, changes) = world.outcome(&[request], now + seconds(1));
    assert_eq!((&again.remove(0), touched(&changes)), (&first, 0));
    first
}

#[test]
fn every_kind_of_success_reads_back_as_it_was_given() {
    let mut world = a_box_office().with([a_user(9, Role::Organizer)]);
    let another_schedule =
        CreateSchedule { concert_id: concert(1), organizer_id: user(9), plan: a_plan(3) };
    let another_concert =
        CreateConcert { id: concert(5), room_id: room(5), ..announce(9, vec![a_plan(5)]) };
    let pause = PolicyEdit { paused: Some(true), ..PolicyEdit::default() };

    assert!(twice(&mut world, join(7, 7)).is_ok());
    assert!(twice(&mut world, hold(1, seats(&[1, 2]))).is_ok());
    assert!(twice(&mut world, charge(9, 10)).is_ok());
    assert!(twice(&mut world, pay(1)).is_ok());
    assert!(twice(&mut world, leave(2)).is_ok());
    assert!(twice(&mut world, hold(3, seats(&[5]))).is_ok());
    assert!(twice(&mut world, give_back(3)).is_ok());
    assert!(twice(&mut world, Admit { room_id: room(1) }).is_ok());
    assert!(twice(&mut world, change_policy(room(1), pause)).is_ok());
    assert!(twice(&mut world, join(8, 8)).is_ok());
    assert!(
        twice(&mut world, SeeToken { token_id: token(8), heartbeats: heartbeat(NOW + TICK) })
            .is_ok()
    );
    assert!(twice(&mut world, sign_up(8, 8)).is_ok());
    assert!(twice(&mut world, another_schedule).is_ok());
    assert!(twice(&mut world, another_concert).is_ok());
}

#[test]
fn every_kind_of_refusal_reads_back_as_it_was_given() {
    let mut world = a_box_office().with_tokens([a_token(1)]).with([a_user(9, Role::Fan)]);
    world.decide(hold(2, seats(&[1])), NOW).unwrap();
    let too_much = change_points(1, PointChange::Use, 100_001);
    let late = HoldSeats { reservation_id: reservation(7), ..hold(2, seats(&[1])) };

    assert!(twice(&mut world, hold(1, seats(&[1]))).is_err());
    assert!(twice(&mut world, late).is_err());
    assert!(twice(&mut world, pay(1)).is_err());
    assert!(twice(&mut world, Pay { reservation_id: reservation(2), ..pay(3) }).is_err());
    assert!(twice(&mut world, too_much).is_err());
    assert!(twice(&mut world, give_back(8)).is_err());
    assert!(twice(&mut world, announce(9, vec![])).is_err());
    assert!(twice(&mut world, sign_up(1, 9)).is_err());
    assert!(twice(&mut world, leave(9)).is_err());
}

#[test]
fn every_command_can_tell_that_its_key_was_reused() {
    fn reused<C: Command>(command: C) -> C::Refusal {
        let used = charge(9, 10);
        let mut world = a_box_office();
        world.submit(&[keyed("k", "f", used)], NOW);
        let (mut verdicts, changes) = world.outcome(&[keyed("k", "f", command)], NOW);
        assert_eq!(touched(&changes), 0);
        verdicts.remove(0).unwrap_err()
    }
    let plan = a_plan(3);
    let add = CreateSchedule { concert_id: concert(1), organizer_id: user(9), plan };
    let steer = change_policy(room(1), PolicyEdit::default());
    let part = UserPart::Account;
    let read = ReadUser { action_id: action(1), operator_id: user(1), user_id: user(2), part };
    let sign = SeeToken { token_id: token(1), heartbeats: heartbeat(NOW) };

    assert_eq!(reused(join(1, 1)), JoinRefused::KeyReused);
    assert_eq!(reused(leave(1)), LeaveRefused::KeyReused);
    assert_eq!(reused(sign), SeeRefused::KeyReused);
    assert_eq!(reused(steer), PolicyRefused::KeyReused);
    assert_eq!(reused(Admit { room_id: room(1) }), OnlyKeyReused::KeyReused);
    assert_eq!(reused(ExpireTokens), OnlyKeyReused::KeyReused);
    assert_eq!(reused(ExpireHolds), OnlyKeyReused::KeyReused);
    assert_eq!(reused(hold(1, seats(&[1]))), HoldRefused::KeyReused);
    assert_eq!(reused(give_back(1)), GiveBackRefused::KeyReused);
    assert_eq!(reused(pay(1)), PayRefused::KeyReused);
    assert_eq!(reused(sign_up(1, 1)), CreateUserRefused::KeyReused);
    assert_eq!(reused(end_sessions(1)), EndSessionsRefused::KeyReused);
    assert_eq!(reused(read), OnlyKeyReused::KeyReused);
    assert_eq!(reused(announce(1, vec![])), CreateConcertRefused::KeyReused);
    assert_eq!(reused(add), CreateScheduleRefused::KeyReused);
}

#[test]
fn a_kept_answer_that_does_not_read_stops_the_batch() {
    let broken = Answer {
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

    let batch = [Request::new(charge(1, 10)), keyed("k", "f", charge(2, 10))];
    let corrupt = decide_all(set, &batch, NOW).unwrap_err();

    assert!(corrupt.to_string().contains("change_points"), "{corrupt}");
}
