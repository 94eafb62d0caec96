//! The janitor: it only writes down what has passed already (rule 13).

use stagedoor_domain::operations::{ExpireHolds, ExpireTokens, RecordHeartbeats};
use stagedoor_domain::queue_token::HEARTBEAT_GRACE;
use stagedoor_domain::{
    ExpiryReason, Instant, QueueToken, Reservation, ReservationState, Seat, SeatState, Submission,
    TokenState,
};

use crate::builders::*;
use crate::world::{World, a_box_office, ids_of};

fn over(reason: ExpiryReason, at: Instant) -> TokenState {
    TokenState::Expired { reason, at }
}

#[test]
fn overdue_tokens_are_written_down_and_the_abandoned_only_after_a_grace() {
    let idle = seconds(600);
    let table = [
        (active_until(NOW + TICK), None),
        (active_until(NOW), Some(over(ExpiryReason::TimedOut, NOW))),
        (waiting(NOW), None),
        (waiting(NOW - idle), None),
        (waiting(NOW - idle - HEARTBEAT_GRACE + TICK), None),
        (waiting(NOW - idle - HEARTBEAT_GRACE), {
            Some(over(ExpiryReason::Abandoned, NOW - HEARTBEAT_GRACE))
        }),
        (over(ExpiryReason::Left, NOW - idle), None),
    ];
    for (state, written) in table {
        let mut world =
            World::default().with([a_room()]).with([QueueToken { state, ..a_token(1) }]);

        let count = world.decide(ExpireTokens, NOW).unwrap();

        assert_eq!(count, usize::from(written.is_some()), "{state:?}");
        assert_eq!(world.get::<QueueToken>(token(1)).state, written.unwrap_or(state));
    }
}

#[test]
fn a_heartbeat_that_is_written_within_the_grace_still_counts() {
    let late = NOW + seconds(600) + HEARTBEAT_GRACE - TICK;
    let mut world = World::default().with([a_room()]).with([a_token(1)]);
    assert_eq!(world.decide(ExpireTokens, late), Ok(0));

    let at = NOW + seconds(599);
    let sign = RecordHeartbeats { token_id: token(1), heartbeats: heartbeat(at) };
    world.decide(sign, late).unwrap();

    assert_eq!(world.decide(ExpireTokens, late + HEARTBEAT_GRACE), Ok(0));
}

#[test]
fn expiring_tokens_twice_is_expiring_once() {
    let overdue = QueueToken { state: active_until(NOW), ..a_token(1) };
    let mut world = World::default().with([a_room()]).with([overdue, a_token(2)]);

    assert_eq!(world.decide_batch(&[ExpireTokens, ExpireTokens], NOW), [Ok(1), Ok(0)]);
    let (_, changes) = world.outcome(&[Submission::new(ExpireTokens)], NOW);

    assert_eq!(changes.count(), 0);
}

#[test]
fn overdue_holds_are_written_down_and_their_seats_freed() {
    let mut world = a_box_office();
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    let deadline = NOW + HOLD_TIME;

    assert_eq!(world.decide(ExpireHolds, deadline - TICK), Ok(0));
    let (verdicts, changes) = world.outcome(&[Submission::new(ExpireHolds)], deadline);

    assert_eq!(verdicts, [Ok(1)]);
    assert_eq!(changes.updated::<Reservation>()[0].state, ReservationState::Expired);
    assert_eq!(ids_of(&changes.updated::<Seat>()), [seat(1), seat(2)]);
    assert!(changes.updated::<Seat>().iter().all(|seat| seat.state == SeatState::Free));
    assert_eq!(changes.count(), 4);
}

#[test]
fn a_seat_that_a_later_hold_took_over_stays_with_it() {
    let mut world = a_box_office();
    let deadline = NOW + HOLD_TIME;
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    let until = deadline + HOLD_TIME;
    world.decide(hold(2, seats(&[2])), deadline).unwrap();

    assert_eq!(world.decide(ExpireHolds, deadline), Ok(1));

    assert_eq!(world.get::<Seat>(seat(1)).state, SeatState::Free);
    assert_eq!(world.get::<Seat>(seat(2)).state, held_by(2, until));
    assert_eq!(world.get::<Reservation>(reservation(2)).state, ReservationState::Held);
    assert_eq!(world.decide(ExpireHolds, deadline), Ok(0));
}
