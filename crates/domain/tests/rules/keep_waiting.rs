//! Heartbeats that a process has kept to itself (rule 5).

use proptest::prelude::*;
use stagedoor_domain::operations::{HeartbeatRefused, KeepWaiting};
use stagedoor_domain::queue_token::Heartbeats;
use stagedoor_domain::{Instant, Line, LineChange, QueueToken, RoomPolicy, TokenState};

use crate::builders::*;
use crate::world::World;

const SEQUENCE: i64 = 7;
const IDLE: time::Duration = time::Duration::seconds(600);

fn someone(state: TokenState) -> World {
    let token = QueueToken { sequence: Some(SEQUENCE), state, ..a_token(1) };
    World::default().with([a_room()]).with([token])
}

fn deadline(world: &World) -> Option<Instant> {
    match world.get::<QueueToken>(token(1)).state {
        TokenState::Waiting { idle_at, .. } => Some(idle_at),
        TokenState::Active { .. } | TokenState::Expired { .. } => None,
    }
}

#[test]
fn a_kept_deadline_is_written_and_never_shortens_one_that_is_later() {
    for (until, expected) in [(900, 900), (500, 600)] {
        let mut world = someone(waiting(NOW));

        let kept = kept(SEQUENCE, NOW + IDLE, NOW + seconds(until));
        assert_eq!(world.decide(KeepWaiting(kept), NOW + seconds(599)), Ok(()));

        assert_eq!(deadline(&world), Some(NOW + seconds(expected)));
    }
}

#[test]
fn it_counts_even_late_as_long_as_the_store_has_what_it_had() {
    let late = NOW + seconds(3_000);
    let of = |stored| KeepWaiting(kept(SEQUENCE, stored, NOW + seconds(3_600)));

    assert_eq!(someone(waiting(NOW)).decide(of(NOW + IDLE), late), Ok(()));
    let refused = someone(waiting(NOW)).refusal(of(NOW + IDLE + TICK), late);
    assert_eq!(refused, HeartbeatRefused::NotWaiting, "the deadline was shortened meanwhile");
    let refused = someone(active_until(late)).refusal(of(NOW), NOW);
    assert_eq!(refused, HeartbeatRefused::NotWaiting);
    let other = KeepWaiting(kept(SEQUENCE + 1, NOW, late));
    assert_eq!(someone(waiting(NOW)).refusal(other, NOW), HeartbeatRefused::NotWaiting);
}

/// A line with one token that waits until `NOW + IDLE`.
fn a_line() -> Line {
    let mut line = Line::default();
    line.apply(LineChange { sequence: SEQUENCE, waiting_until: Some(NOW + IDLE) });
    line
}

fn seen(line: &mut Line, at: i64) -> bool {
    line.note_heartbeats(SEQUENCE, &heartbeat(NOW + seconds(at)))
}

#[test]
fn a_heartbeat_is_kept_until_the_deadline_of_the_store_comes_near() {
    let mut line = a_line();
    assert!(seen(&mut line, 100) && seen(&mut line, 200));
    assert_eq!(line.kept(), 1);

    assert_eq!(line.take_kept(room(1), NOW + IDLE - seconds(1), usize::MAX), []);
    let due = kept(SEQUENCE, NOW + IDLE, NOW + IDLE + seconds(200));
    assert_eq!(line.take_kept(room(1), NOW + IDLE, usize::MAX), [due]);
    assert_eq!((line.kept(), line.take_kept(room(1), NOW + IDLE, usize::MAX)), (0, vec![]));

    assert!(seen(&mut line, 300));
    line.put_back(&due);
    let due = kept(SEQUENCE, NOW + IDLE, NOW + IDLE + seconds(300));
    assert_eq!(line.take_kept(room(1), NOW + IDLE, usize::MAX), [due], "it could not be written");
}

#[test]
fn nothing_is_kept_of_a_token_that_is_not_known_to_wait_or_gets_less_time() {
    let shorter = RoomPolicy { idle_seconds: 10, ..a_room().policy };
    let mut line = a_line();
    let at = NOW + seconds(50);
    assert!(!line.note_heartbeats(SEQUENCE + 1, &heartbeat(at)));
    assert!(
        line.note_heartbeats(SEQUENCE, &Heartbeats::one(&shorter, at, false)),
        "it changes nothing"
    );
    assert_eq!(line.kept(), 0);
    assert!(seen(&mut line, 50));

    assert!(!line.note_heartbeats(SEQUENCE, &Heartbeats::one(&shorter, at, true)));

    assert_eq!(line.kept(), 0);
    assert!(seen(&mut line, 51));
    let due = kept(SEQUENCE, NOW + seconds(60), NOW + IDLE + seconds(51));
    assert_eq!(line.take_kept(room(1), NOW + IDLE, usize::MAX), [due]);
}

#[test]
fn who_left_the_line_has_nothing_kept_and_who_is_read_anew_has() {
    let mut line = a_line();
    seen(&mut line, 100);
    let mut anew = a_line();
    anew.keep_from(&line);
    assert_eq!(anew.take_kept(room(1), NOW + IDLE, usize::MAX).len(), 1);

    line.apply(LineChange { sequence: SEQUENCE, waiting_until: None });

    assert_eq!((line.kept(), line.take_kept(room(1), NOW + IDLE, usize::MAX)), (0, vec![]));
    let mut empty = Line::default();
    empty.keep_from(&line);
    assert_eq!(empty.kept(), 0);
}

#[test]
fn of_a_crowd_a_share_is_written_early_those_that_are_due_first_and_never_more_than_the_most() {
    let mut line = Line::default();
    for sequence in 1..=900 {
        let waiting_until = Some(NOW + IDLE + seconds(sequence % 3));
        line.apply(LineChange { sequence, waiting_until });
        line.note_heartbeats(sequence, &heartbeat(NOW + seconds(100)));
    }
    let mut take = |until, most| -> Vec<i64> {
        line.take_kept(room(1), until, most).iter().map(|kept| kept.sequence).collect()
    };

    assert_eq!(take(NOW, usize::MAX), [3, 6, 9]);
    assert!(take(NOW, usize::MAX).is_empty(), "in the same second");
    assert_eq!(take(NOW + seconds(1), 1), [12]);
    assert_eq!(take(NOW + IDLE - seconds(1), usize::MAX), [15, 18]);
    assert_eq!(take(NOW + IDLE, 5), [21, 24, 27, 30, 33]);
    assert_eq!(take(NOW + IDLE, usize::MAX).len(), 300 - 11);
}

proptest! {
    /// Whatever a client does and however often the policy changes, the store knows the token to wait whenever memory does.
    #[test]
    fn a_token_that_is_written_when_its_deadline_comes_near_never_looks_abandoned_in_the_store(
        polls in prop::collection::vec((0_i64..400, 40_i32..900), 1..40),
    ) {
        let ahead = stagedoor_domain::pulse::WRITTEN_AHEAD;
        let mut line = a_line();
        let mut world = someone(waiting(NOW));
        let mut next = polls.into_iter();
        let (mut now, mut poll) = (NOW, next.next());
        let mut polled_at = NOW;
        while let Some((after, idle_seconds)) = poll {
            now += seconds(1);
            if now >= polled_at + seconds(after) {
                if line.is_overdue(SEQUENCE, now) {
                    break;
                }
                let room_policy = RoomPolicy { idle_seconds, ..a_room().policy };
                let heartbeats = Heartbeats::one(&room_policy, now, true);
                if !line.note_heartbeats(SEQUENCE, &heartbeats) {
                    let told = stagedoor_domain::operations::RecordHeartbeats { token_id: token(1), heartbeats };
                    prop_assert_eq!(world.decide(told, now), Ok(()));
                }
                (polled_at, poll) = (now, next.next());
            }
            for kept in line.take_kept(room(1), now + ahead, usize::MAX) {
                prop_assert_eq!(world.decide(KeepWaiting(kept), now), Ok(()));
            }
            let is_waiting = world.get::<QueueToken>(token(1)).is_waiting(now);
            prop_assert_eq!(is_waiting, !line.is_overdue(SEQUENCE, now), "at {}", now);
        }
    }
}
