//! Asking for a queue token (rules 1 to 3).

use stagedoor_domain::operations::{Admit, JoinRefused, JoinRoom};
use stagedoor_domain::{
    BookingWindow, ExpiryReason, QueueToken, Room, RoomId, RoomPolicy, Schedule, Submission,
    TokenState,
};

use crate::builders::*;
use crate::world::{World, ids_of};

fn a_room_for(capacity: i32) -> World {
    let policy = RoomPolicy { capacity, ..RoomPolicy::default() };
    World::default().with([a_schedule()]).with([Room { policy, ..a_room() }, the_site_room()])
}

fn is_active(token: &QueueToken) -> bool {
    matches!(token.state, TokenState::Active { .. })
}

#[test]
fn a_room_that_does_not_exist_cannot_be_joined() {
    let command = JoinRoom { room_id: room(7), ..join(1, 1) };
    assert_eq!(a_room_for(1).refusal(command, NOW), JoinRefused::RoomNotFound);
}

#[test]
fn newcomers_are_active_while_there_is_room_and_then_wait_in_their_order() {
    let mut world = a_room_for(2);

    let verdicts = world.decide_batch(&[1, 2, 3, 4].map(|n| join(n, n)), NOW);

    let tokens: Vec<_> = verdicts.into_iter().map(|verdict| verdict.unwrap().token).collect();
    let position: Vec<_> = tokens.iter().map(|token| (is_active(token), token.sequence)).collect();
    assert_eq!(position, [(true, None), (true, None), (false, Some(1)), (false, Some(2))]);
    let room = world.get::<Room>(room(1));
    assert_eq!((room.last_sequence, room.version), (2, 4));
}

#[test]
fn a_newcomer_waits_behind_those_who_wait_even_if_there_is_room() {
    let room_with_a_line = Room { last_sequence: 1, ..a_room() };
    let mut world =
        World::default().with([a_schedule()]).with([room_with_a_line]).with([a_token(1)]);

    let joined = world.decide(join(2, 2), NOW).unwrap();

    assert_eq!((is_active(&joined.token), joined.token.sequence), (false, Some(2)));
}

#[test]
fn an_abandoned_token_ahead_delays_no_token() {
    let gone = QueueToken { state: waiting(NOW - seconds(600)), ..a_token(1) };
    let mut world = a_room_for(1).with([gone]);

    assert!(is_active(&world.decide(join(2, 2), NOW).unwrap().token));
}

#[test]
fn an_overdue_active_token_takes_no_room() {
    let overdue = QueueToken { state: active_until(NOW), ..a_token(1) };
    let mut world = a_room_for(1).with([overdue]);

    assert!(is_active(&world.decide(join(2, 2), NOW).unwrap().token));
}

#[test]
fn no_token_is_active_at_once_in_a_paused_room() {
    let policy = RoomPolicy { paused: true, ..RoomPolicy::default() };
    let mut world = World::default().with([a_schedule()]).with([Room { policy, ..a_room() }]);

    assert!(!is_active(&world.decide(join(1, 1), NOW).unwrap().token));
}

#[test]
fn asking_again_gives_the_same_token_and_counts_as_a_sign_of_life() {
    let mut world = a_room_for(0);
    let first = world.decide(join(1, 1), NOW).unwrap();
    let later = NOW + seconds(119);

    let again = world.decide(join(1, 2), later).unwrap();

    assert!(first.is_new && !again.is_new);
    assert_eq!(again.token, QueueToken { state: waiting(later), ..first.token });
    assert_eq!(again.at, later);
    assert_eq!(world.all::<QueueToken>().count(), 1);
    assert_eq!(world.get::<Room>(room(1)).last_sequence, 1);
}

#[test]
fn asking_again_with_an_active_token_gives_it_back_and_changes_nothing() {
    let held = an_active_token(1);
    let world = a_room_for(1).with([held.clone()]);

    let (mut verdicts, changes) = world.outcome(&[Submission::new(join(1, 2))], NOW);

    let joined = verdicts.remove(0).unwrap();
    assert_eq!((joined.token, joined.is_new), (held, false));
    assert_eq!(changes.count(), 0);
}

#[test]
fn asking_twice_in_one_batch_makes_one_token() {
    for capacity in [0, 5] {
        let world = a_room_for(capacity);

        let batch = [join(1, 1), join(1, 2)].map(Submission::new);
        let (verdicts, changes) = world.outcome(&batch, NOW);

        let joined: Vec<_> = verdicts.into_iter().map(Result::unwrap).collect();
        assert_eq!([joined[0].is_new, joined[1].is_new], [true, false]);
        assert_eq!(joined[0].token, joined[1].token);
        assert_eq!(changes.inserted::<QueueToken>(), [&joined[0].token]);
        assert!(changes.updated::<QueueToken>().is_empty(), "a new row is written once");
    }
}

#[test]
fn an_overdue_token_is_written_down_as_over_and_a_new_one_made() {
    let idle_at = NOW - seconds(1);
    let table = [
        (waiting(idle_at - seconds(600)), ExpiryReason::Abandoned, idle_at),
        (waiting(NOW - seconds(600)), ExpiryReason::Abandoned, NOW),
        (active_until(NOW), ExpiryReason::TimedOut, NOW),
    ];
    for (state, reason, at) in table {
        let old = QueueToken { state, ..a_token(1) };
        let world = a_room_for(0).with([old]);

        let (mut verdicts, changes) = world.outcome(&[Submission::new(join(1, 2))], NOW);

        let joined = verdicts.remove(0).unwrap();
        assert_eq!((joined.token.id, joined.is_new), (token(2), true));
        let updated = changes.updated::<QueueToken>();
        assert_eq!(ids_of(&updated), [token(1)]);
        assert_eq!(updated[0].state, TokenState::Expired { reason, at });
        assert_eq!(ids_of(&changes.inserted::<QueueToken>()), [token(2)]);
        assert!(updated[0].version != joined.token.version, "each change has its own stamp");
    }
}

#[test]
fn a_token_that_has_ended_leaves_the_way_free_for_a_new_one() {
    let over = TokenState::Expired { reason: ExpiryReason::Completed, at: NOW };
    let mut world = a_room_for(1).with([QueueToken { state: over, ..a_token(1) }]);

    let joined = world.decide(join(1, 2), NOW).unwrap();

    assert!(joined.is_new);
    assert_eq!(world.get::<QueueToken>(token(1)).state, over);
}

#[test]
fn a_user_may_have_a_token_in_each_of_several_rooms() {
    let mut world = a_room_for(1);
    let elsewhere = JoinRoom { room_id: RoomId::SITE, ..join(1, 2) };

    let verdicts = world.decide_batch(&[join(1, 1), elsewhere], NOW);

    assert!(verdicts.into_iter().all(|verdict| verdict.unwrap().is_new));
}

#[test]
fn a_place_that_was_given_up_is_never_given_out_again() {
    let mut world = a_room_for(0);
    world.decide(join(1, 1), NOW).unwrap();
    world.decide(leave(1), NOW).unwrap();

    let joined = world.decide(join(1, 2), NOW).unwrap();

    assert_eq!(joined.token.sequence, Some(2));
}

#[test]
fn a_newcomer_does_not_overtake_those_whom_an_interval_keeps_in_line() {
    let policy = RoomPolicy { capacity: 2, admit_batch: 1, ..RoomPolicy::default() };
    let mut world = World::default()
        .with([a_schedule()])
        .with([Room { policy, last_sequence: 2, version: 2, ..a_room() }])
        .with([a_token(1), a_token(2)]);
    world.decide(Admit { room_id: room(1) }, NOW).unwrap();

    let joined = world.decide(join(3, 3), NOW).unwrap();

    assert_eq!(joined.token.sequence, Some(3));
}

/// Schedule `n` of concert 1, with this booking window from now on, in seconds, and a number of paid seats.
fn a_date(n: u128, opens: i64, closes: i64, sold_count: i32) -> Schedule {
    let booking =
        BookingWindow { opens_at: NOW + seconds(opens), closes_at: NOW + seconds(closes) };
    Schedule { id: schedule(n), booking, sold_count, ..a_schedule() }
}

#[test]
fn a_concert_is_joined_while_a_date_can_still_be_booked() {
    let elsewhere = Schedule { concert_id: concert(2), ..a_date(9, -9, 9, 0) };
    let (closed, sold_out) = (Err(JoinRefused::BookingClosed), Err(JoinRefused::SoldOut));
    let table = [
        ("no date", vec![], closed),
        ("only another concert's", vec![elsewhere], closed),
        ("closed a moment ago", vec![a_date(1, -9, 0, 0)], closed),
        ("all closed", vec![a_date(1, -9, 0, 10), a_date(2, -9, -1, 0)], closed),
        ("open for a moment more", vec![a_date(1, -9, 1, 9)], Ok(())),
        ("before it opens", vec![a_date(1, 9, 10, 0)], Ok(())),
        ("sold out", vec![a_date(1, -9, 9, 10)], sold_out),
        ("all sold out or closed", vec![a_date(1, -9, 9, 10), a_date(2, -9, 0, 0)], sold_out),
        ("one not sold out", vec![a_date(1, -9, 9, 10), a_date(2, -9, 9, 9)], Ok(())),
        ("sold out and one to come", vec![a_date(1, -9, 9, 10), a_date(2, 9, 10, 0)], Ok(())),
    ];
    for (case, dates, expected) in table {
        let mut world = World::default().with([a_room(), the_site_room()]).with(dates);
        let site_wide = JoinRoom { room_id: RoomId::SITE, ..join(1, 2) };

        assert_eq!(world.decide(join(1, 1), NOW).map(|_| ()), expected, "{case}");
        assert!(world.decide(site_wide, NOW).is_ok(), "{case}: the site-wide room has no dates");
    }
}

#[test]
fn a_live_token_is_given_back_whatever_can_be_booked() {
    for dates in [vec![], vec![a_date(1, -9, 9, 10)]] {
        let mut world = World::default().with([a_room()]).with(dates).with([a_token(1)]);

        let joined = world.decide(join(1, 2), NOW).unwrap();

        assert_eq!((joined.token.id, joined.is_new), (token(1), false));
    }
}
