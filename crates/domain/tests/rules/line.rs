//! A room's line in memory (rule 3).

use std::slice::from_ref;

use proptest::prelude::*;
use stagedoor_domain::{
    ExpiryReason, Instant, Line, LineChange, LineDelta, LinePage, Position, QueueToken, Room,
    RoomId,
};

use crate::builders::*;
use crate::strategies::config;

fn comes(sequence: i64) -> LineChange {
    LineChange { sequence, waiting_until: Some(NOW + IDLE) }
}

fn goes(sequence: i64) -> LineChange {
    LineChange { sequence, waiting_until: None }
}

fn a_line(sequences: &[i64]) -> Line {
    let mut line = Line::default();
    sequences.iter().for_each(|sequence| line.apply(comes(*sequence)));
    line
}

fn position(ahead: u64, waiting: u64) -> Position {
    Position { ahead, waiting }
}

#[test]
fn those_ahead_are_those_who_still_wait_at_lower_places() {
    let mut line = a_line(&[1, 2, 3, 4]);
    assert_eq!(line.position(1), Some(position(0, 4)));
    assert_eq!(line.position(4), Some(position(3, 4)));

    line.apply(goes(1));
    line.apply(goes(3));

    assert_eq!(line.position(2), Some(position(0, 2)));
    assert_eq!(line.position(4), Some(position(1, 2)));
    assert_eq!((line.position(1), line.position(3)), (None, None));
    assert_eq!(line.waiting(), 2);
}

#[test]
fn a_place_too_new_for_the_line_stands_behind_all_places_up_to_it() {
    let mut line = a_line(&[1, 2, 3]);
    line.apply(goes(1));

    assert_eq!(line.position(4), None);
    assert_eq!(line.position_at(4), position(2, 3));
    assert_eq!(line.position_at(7), position(5, 6));
    assert_eq!(Line::default().position_at(1), position(0, 1));
}

#[test]
fn a_place_that_waits_although_the_line_has_taken_it_out_still_counts_itself() {
    let mut line = a_line(&[1, 2, 3]);
    line.apply(goes(3));

    assert_eq!(line.position_at(3), position(2, 3));
}

#[test]
fn a_change_that_comes_again_changes_nothing() {
    let mut line = a_line(&[1, 2]);
    line.apply(goes(1));
    line.apply(comes(2));
    line.apply(goes(1));

    assert_eq!(line.waiting(), 1);
    assert_eq!(line.position(2), Some(position(0, 1)));
}

#[test]
fn the_stamp_never_goes_back() {
    let mut line = a_line(&[1]);
    line.read_up_to(9);
    assert_eq!(line.version(), 9);
    line.read_up_to(4);
    assert_eq!(line.version(), 9);
}

#[test]
fn a_place_is_overdue_from_the_instant_of_its_known_deadline() {
    let mut line = a_line(&[1, 2, 3]);
    line.note_heartbeats(2, &heartbeat(NOW + seconds(10)));
    line.note_heartbeats(9, &heartbeat(NOW + seconds(10)));

    let table = [
        (NOW + IDLE - TICK, vec![]),
        (NOW + IDLE, vec![1, 3]),
        (NOW + IDLE + seconds(10) - TICK, vec![1, 3]),
        (NOW + IDLE + seconds(10), vec![1, 2, 3]),
    ];
    for (now, expected) in table {
        let overdue: Vec<_> = (1..=9).filter(|sequence| line.is_overdue(*sequence, now)).collect();
        assert_eq!(overdue, expected, "{now}");
    }
}

#[test]
fn a_change_read_again_from_the_store_does_not_undo_a_heartbeat() {
    let mut line = a_line(&[1]);
    line.note_heartbeats(1, &heartbeat(NOW + seconds(60)));
    line.apply(comes(1));

    assert!(!line.is_overdue(1, NOW + IDLE + seconds(60) - TICK));
}

/// A delta of a room whose stamp it moves from `since` to `version`.
fn delta(since: i64, version: i64, joined: &[u64], gone: &[u64]) -> LineDelta {
    let mut delta = LineDelta::new(RoomId::SITE, since, version);
    delta.joined.extend(joined);
    delta.gone.extend(gone);
    delta.waiting_until = (!joined.is_empty()).then_some(NOW + IDLE);
    delta
}

#[test]
fn a_page_of_deltas_gives_the_line_that_their_batches_left() {
    let deltas = [delta(0, 3, &[1, 2, 3], &[]), delta(3, 3 + 2, &[4], &[1])];

    let page = LinePage::of(&deltas, 0, 10, 5);
    let mut line = Line::default();
    line.take_in(&page);

    assert_eq!((page.version, page.has_more, page.has_gap), (5, false, false));
    assert_eq!((line.version(), line.waiting()), (5, 3));
    assert_eq!((line.position(2), line.position(4)), (Some(position(0, 3)), Some(position(2, 3))));
    assert!(line.is_overdue(4, NOW + IDLE) && !line.is_overdue(4, NOW + IDLE - TICK));
}

#[test]
fn a_page_tells_whether_changes_are_missing_before_between_or_behind_its_deltas() {
    let of = |deltas: &[LineDelta], above, limit, room_version| {
        let page = LinePage::of(deltas, above, limit, room_version);
        (page.version, page.has_more, page.has_gap)
    };
    let (first, second) = (delta(0, 3, &[1], &[]), delta(3, 5, &[2], &[]));
    let later = delta(4, 5, &[2], &[]);

    assert_eq!(of(&[first.clone(), second.clone()], 0, 9, 5), (5, false, false));
    assert_eq!(of(from_ref(&second), 3, 9, 5), (5, false, false));
    assert_eq!(of(from_ref(&second), 4, 9, 5), (5, false, false), "it comes again in part");
    assert_eq!(of(&[second], 2, 9, 5), (5, false, true), "one is missing before");
    assert_eq!(of(&[first.clone(), later], 0, 9, 5), (5, false, true), "one is missing between");
    assert_eq!(of(from_ref(&first), 0, 9, 5), (3, false, true), "one is missing behind");
    assert_eq!(of(&[first], 0, 1, 5), (3, true, false), "there is more to read");
    assert_eq!(of(&[], 5, 9, 5), (5, false, false), "nothing changed");
    assert_eq!(of(&[], 4, 9, 5), (4, false, true), "an older program wrote it");
}

#[test]
fn a_batch_tells_who_waits_and_who_waits_no_more_after_it() {
    let mut delta = LineDelta::new(RoomId::SITE, 0, 4);
    let mut room = Room::open(RoomId::SITE, None, NOW);
    let mut waits = || QueueToken::wait(token(1), &mut room, user(1), NOW);
    let (stays, mut left) = (waits(), waits());
    left.end(ExpiryReason::Left, &mut room, NOW).unwrap();
    let at_once = QueueToken::enter(token(3), &mut room, user(2), NOW);

    [&stays, &left, &at_once].into_iter().for_each(|token| delta.take_in(token));

    assert_eq!(delta.joined.iter().collect::<Vec<_>>(), [1]);
    assert_eq!(delta.gone.iter().collect::<Vec<_>>(), [2]);
    assert_eq!(delta.waiting_until, Some(NOW + room.policy.idle_time()));
}

#[test]
fn a_line_that_is_read_anew_keeps_later_deadlines_of_those_who_still_wait() {
    let mut before = a_line(&[1, 2, 3]);
    before.note_heartbeats(2, &heartbeat(NOW + seconds(60)));
    before.note_heartbeats(3, &heartbeat(NOW + seconds(60)));
    let mut anew = a_line(&[1, 2]);

    anew.keep_from(&before);

    let overdue: Vec<_> = (1..=3).filter(|it| anew.is_overdue(*it, NOW + IDLE)).collect();
    assert_eq!((overdue, anew.waiting()), (vec![1], 2));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Comes(i64),
    Goes(i64),
    Seen(i64),
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let step = prop_oneof![
        3 => (1_i64..40).prop_map(Step::Comes),
        1 => (1_i64..40).prop_map(Step::Goes),
        1 => (1_i64..40).prop_map(Step::Seen),
    ];
    prop::collection::vec((step, 0_i64..200), 0..60)
}

/// The line as a plain list of sequence numbers and their deadlines.
#[derive(Default)]
struct Naive {
    waiting: Vec<(i64, Instant)>,
    last_sequence: i64,
}

impl Naive {
    fn note_heartbeats(&mut self, sequence: i64, at: Instant) {
        for (_, idle_at) in self.waiting.iter_mut().filter(|(known, _)| *known == sequence) {
            *idle_at = at + IDLE;
        }
    }

    fn take(&mut self, step: Step, at: Instant) {
        match step {
            Step::Comes(sequence) if self.waiting.iter().any(|(known, _)| *known == sequence) => {}
            Step::Comes(sequence) => {
                self.waiting.push((sequence, at + IDLE));
                self.waiting.sort_unstable();
            }
            Step::Goes(sequence) => {
                self.waiting.retain(|(known, _)| *known != sequence);
            }
            Step::Seen(sequence) => self.note_heartbeats(sequence, at),
        }
        if let Step::Comes(sequence) | Step::Goes(sequence) = step {
            self.last_sequence = self.last_sequence.max(sequence);
        }
    }

    fn position(&self, sequence: i64) -> Option<Position> {
        let ahead = self.waiting.iter().position(|(known, _)| *known == sequence)?;
        Some(position(ahead as u64, self.waiting.len() as u64))
    }

    /// As [`Self::position`], if all between the newest known and this one waited too.
    fn position_with_newer(&self, sequence: i64) -> Option<Position> {
        let mut waiting: Vec<i64> = self.waiting.iter().map(|(known, _)| *known).collect();
        waiting.extend(self.last_sequence + 1..=sequence);
        if !waiting.contains(&sequence) {
            waiting.push(sequence);
        }
        let ahead = waiting.iter().filter(|known| **known < sequence).count();
        Some(position(ahead as u64, waiting.len() as u64))
    }

    fn overdue(&self, now: Instant) -> Vec<i64> {
        let overdue = self.waiting.iter().filter(|(_, idle_at)| *idle_at <= now);
        overdue.map(|(sequence, _)| *sequence).collect()
    }
}

const IDLE: time::Duration = time::Duration::seconds(600);

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_line_answers_as_a_plain_list_would(steps in steps(), later in 0_i64..900) {
        let mut line = Line::default();
        let mut naive = Naive::default();
        for (step, second) in steps {
            let at = NOW + seconds(second);
            match step {
                Step::Comes(sequence) => {
                    let waiting_until = Some(at + IDLE);
                    line.apply(LineChange { sequence, waiting_until });
                }
                Step::Goes(sequence) => line.apply(goes(sequence)),
                Step::Seen(sequence) => {
                    line.note_heartbeats(sequence, &heartbeat(at));
                }
            }
            naive.take(step, at);
        }
        let now = NOW + seconds(later);
        prop_assert_eq!(line.waiting(), naive.waiting.len() as u64);
        for sequence in 1..45 {
            prop_assert_eq!(line.position(sequence), naive.position(sequence), "at {}", sequence);
            let expected = naive.position_with_newer(sequence);
            prop_assert_eq!(Some(line.position_at(sequence)), expected, "at {}", sequence);
        }
        let overdue: Vec<_> = (1..45).filter(|sequence| line.is_overdue(*sequence, now)).collect();
        prop_assert_eq!(overdue, naive.overdue(now));
    }
}
