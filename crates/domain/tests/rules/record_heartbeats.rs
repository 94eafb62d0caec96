//! Heartbeats (rule 5).

use stagedoor_domain::operations::{HeartbeatRefused, RecordHeartbeats};
use stagedoor_domain::{ExpiryReason, QueueToken, Room, Submission, TokenState};

use crate::builders::*;
use crate::world::World;

fn see(n: u128, at_second: i64) -> RecordHeartbeats {
    RecordHeartbeats { token_id: token(n), heartbeats: heartbeat(NOW + seconds(at_second)) }
}

fn someone(state: TokenState) -> World {
    World::default().with([a_room()]).with([QueueToken { state, ..a_token(1) }])
}

#[test]
fn a_heartbeat_moves_the_deadline_of_a_waiting_token_without_a_new_stamp() {
    let world = someone(waiting(NOW));

    let submissions = [Submission::new(see(1, 100)), Submission::new(see(1, 90))];
    let (verdicts, changes) = world.outcome(&submissions, NOW + seconds(101));

    assert_eq!(verdicts, [Ok(()), Ok(())]);
    let expected = QueueToken { state: waiting(NOW + seconds(100)), ..a_token(1) };
    assert_eq!(changes.updated::<QueueToken>(), [&expected]);
    assert!(changes.updated::<Room>().is_empty(), "the line did not change");
}

#[test]
fn a_heartbeat_counts_as_of_the_instant_at_which_it_was_given() {
    let mut world = someone(waiting(NOW));
    let written_late = NOW + seconds(602);

    assert_eq!(world.refusal(see(1, 600), written_late), HeartbeatRefused::NotWaiting);
    assert_eq!(world.decide(see(1, 599), written_late), Ok(()));
    assert!(world.get::<QueueToken>(token(1)).is_live(written_late));
}

#[test]
fn a_heartbeat_does_not_count_for_a_token_that_does_not_wait() {
    let over = TokenState::Expired { reason: ExpiryReason::Abandoned, at: NOW };
    for state in [active_until(NOW + seconds(60)), active_until(NOW), over] {
        assert_eq!(
            someone(state).refusal(see(1, 0), NOW),
            HeartbeatRefused::NotWaiting,
            "{state:?}"
        );
    }
    assert_eq!(someone(waiting(NOW)).refusal(see(2, 0), NOW), HeartbeatRefused::NotWaiting);
}

#[test]
fn heartbeats_that_are_written_late_count_when_the_first_of_them_was_in_time() {
    let kept = |since| {
        let heartbeats = heartbeat(NOW + seconds(since)).and(heartbeat(NOW + seconds(900)));
        RecordHeartbeats { token_id: token(1), heartbeats }
    };
    let world = || someone(waiting(NOW));

    assert_eq!(world().decide(kept(599), NOW + seconds(901)), Ok(()));
    assert_eq!(world().refusal(kept(600), NOW + seconds(901)), HeartbeatRefused::NotWaiting);
}
