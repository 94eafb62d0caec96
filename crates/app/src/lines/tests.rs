use std::collections::BTreeMap;

use async_trait::async_trait;
use stagedoor_domain::ports::{Clock, MockWaitingLines, StoreError, WaitingLines};
use stagedoor_domain::pulse::WRITTEN_AHEAD;
use stagedoor_domain::queue_token::Heartbeats;
use stagedoor_domain::{Instant, LineChange, LinePage, QueueTokenId};
use time::macros::datetime;
use uuid::Uuid;

use super::*;
use crate::periodic_job::PeriodicJob;
use crate::testing::Written;

const START: Instant = datetime!(2026-11-21 10:00 UTC);
const IDLE: Duration = Duration::seconds(600);

struct MovableClock(Mutex<Instant>);

impl MovableClock {
    fn forward(&self, seconds: i64) {
        *self.0.lock() += Duration::seconds(seconds);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Instant {
        *self.0.lock()
    }
}

/// One room as a store keeps it: what changed, in its order.
#[derive(Default)]
struct StoredLine(Mutex<Stored>);

#[derive(Default)]
struct Stored {
    changes: Vec<LineChange>,
    /// How many of the oldest changes are kept no longer.
    forgotten: i64,
    reads_of_whole: usize,
    is_down: bool,
}

impl Stored {
    fn version(&self) -> i64 {
        i64::try_from(self.changes.len()).unwrap()
    }
}

impl StoredLine {
    fn write(&self, sequence: i64, waiting_until: Option<Instant>) {
        self.0.lock().changes.push(LineChange { sequence, waiting_until });
    }

    /// Keeps no changes but those still to come.
    fn forget(&self) {
        let mut stored = self.0.lock();
        stored.forgotten = stored.version();
    }
}

#[async_trait]
impl WaitingLines for StoredLine {
    async fn all_rooms(&self) -> Result<Vec<Room>, StoreError> {
        let stored = self.0.lock();
        if stored.is_down {
            return Err(StoreError::Unavailable("down".to_owned()));
        }
        Ok(vec![Room { version: stored.version(), ..Room::open(RoomId::SITE, None, START) }])
    }

    /// Parts of two places.
    async fn line_part(&self, _: RoomId, after: i64, _: usize) -> Result<LinePage, StoreError> {
        let mut stored = self.0.lock();
        stored.reads_of_whole += usize::from(after == 0);
        let newest: BTreeMap<i64, LineChange> =
            stored.changes.iter().map(|change| (change.sequence, *change)).collect();
        let waits = |change: &LineChange| change.waiting_until.is_some() && change.sequence > after;
        let mut changes: Vec<_> = newest.into_values().filter(waits).collect();
        let has_more = changes.len() > 2;
        changes.truncate(2);
        Ok(LinePage { changes, version: stored.version(), has_more, has_gap: false })
    }

    /// Pages of two changes.
    async fn line_changes(&self, _: RoomId, above: i64, _: usize) -> Result<LinePage, StoreError> {
        let stored = self.0.lock();
        let known = usize::try_from(above).unwrap();
        let mut changes = stored.changes[known..].to_vec();
        let has_more = changes.len() > 2;
        changes.truncate(2);
        let version = above + i64::try_from(changes.len()).unwrap();
        let has_gap = above < stored.forgotten;
        Ok(LinePage { changes, version, has_more, has_gap })
    }
}

struct Setup {
    clock: Arc<MovableClock>,
    store: Arc<StoredLine>,
    lines: Arc<MemoryLines>,
    follower: LineFollower<StoredLine>,
}

/// A line of which the sequence numbers from 1 to `waiting` have just sent a heartbeat.
async fn line_of(waiting: i64) -> Setup {
    line_with_room(waiting, 3).await
}

/// As [`line_of`], with room for the heartbeats of this number of tokens that are not in it.
async fn line_with_room(waiting: i64, heartbeats_max: usize) -> Setup {
    let clock = Arc::new(MovableClock(Mutex::new(START)));
    let store = Arc::new(StoredLine::default());
    (1..=waiting).for_each(|sequence| store.write(sequence, Some(START + IDLE)));
    let lines = Arc::new(MemoryLines::new(heartbeats_max));
    let follower = LineFollower::new(lines.clone(), store.clone(), clock.clone());
    follower.run_once().await.unwrap();
    Setup { clock, store, lines, follower }
}

impl Setup {
    fn ahead(&self, sequence: i64) -> Option<u64> {
        self.lines.look(RoomId::SITE, sequence, START).map(|known| known.position.ahead)
    }

    fn heartbeat(&self, sequence: i64) -> Heartbeat {
        let token_id = QueueTokenId(Uuid::from_u128(sequence.unsigned_abs().into()));
        let room = Room::open(RoomId::SITE, None, START);
        let heartbeats = Heartbeats::one(&room.policy, self.clock.now(), true);
        Heartbeat { room_id: RoomId::SITE, sequence, token_id, heartbeats }
    }

    async fn run_after(&self, seconds: i64) {
        self.clock.forward(seconds);
        self.follower.run_once().await.unwrap();
    }
}

#[tokio::test]
async fn the_whole_line_is_read_once_and_then_what_changed() {
    let setup = line_of(3).await;
    assert_eq!(setup.ahead(3), Some(2));
    assert_eq!(setup.lines.room(RoomId::SITE).unwrap().version, 3);

    setup.store.write(1, None);
    for sequence in 4..=7 {
        setup.store.write(sequence, Some(START + IDLE));
    }
    setup.follower.run_once().await.unwrap();

    assert_eq!(setup.ahead(1), None);
    assert_eq!(setup.ahead(7), Some(5));
    assert_eq!(setup.store.0.lock().reads_of_whole, 1);
}

#[tokio::test]
async fn a_line_of_which_changes_are_missing_is_read_anew_and_keeps_its_heartbeats() {
    let setup = line_of(5).await;
    setup.clock.forward(60);
    setup.lines.note_heartbeat(setup.heartbeat(5)).unwrap();
    setup.store.write(1, None);
    setup.store.write(6, Some(START + IDLE));
    setup.store.forget();

    setup.follower.run_once().await.unwrap();

    assert_eq!((setup.ahead(1), setup.ahead(5), setup.ahead(6)), (None, Some(3), Some(4)));
    assert_eq!(setup.store.0.lock().reads_of_whole, 2);
    let at_the_deadline = |sequence| setup.lines.look(RoomId::SITE, sequence, START + IDLE);
    assert!(at_the_deadline(5).is_some() && at_the_deadline(2).is_none());
}

/// Token 1 leaves and token 3 joins while the line is read, and only the second of these changes has a row.
#[tokio::test]
async fn a_line_of_which_changes_are_missing_while_it_is_read_is_read_again_with_the_next_refresh()
{
    let waits = |sequence| LineChange { sequence, waiting_until: Some(START + IDLE) };
    let mut store = MockWaitingLines::new();
    let room = Room { version: 4, ..Room::open(RoomId::SITE, None, START) };
    store.expect_all_rooms().returning(move || Ok(vec![room.clone()]));
    let mut parts = [(2, [1, 2]), (4, [2, 3])].into_iter();
    store.expect_line_part().times(2).returning(move |_, _, _| {
        let (version, sequences) = parts.next().expect("the line is read twice");
        let changes = sequences.map(waits).to_vec();
        Ok(LinePage { changes, version, ..LinePage::default() })
    });
    store.expect_line_changes().returning(move |_, above, _| {
        let (changes, has_gap) = if above < 4 { (vec![waits(3)], true) } else { (vec![], false) };
        Ok(LinePage { changes, version: 4, has_gap, ..LinePage::default() })
    });
    let lines = Arc::new(MemoryLines::new(3));
    let clock = Arc::new(MovableClock(Mutex::new(START)));
    let follower = LineFollower::new(lines.clone(), Arc::new(store), clock);

    follower.run_once().await.unwrap();
    let known = lines.line_state(RoomId::SITE).map(|state| (state.version, state.waiting));
    assert_eq!(known, Some((2, 2)));
    follower.run_once().await.unwrap();

    let ahead = |sequence| {
        let known = lines.look(RoomId::SITE, sequence, START);
        known.map(|known| known.position.ahead)
    };
    assert_eq!([1, 2, 3].map(ahead), [None, Some(0), Some(1)]);
}

#[tokio::test]
async fn a_silent_place_counts_until_the_store_has_written_that_it_ended_and_never_comes_back() {
    let setup = line_of(3).await;
    setup.clock.forward(60);
    setup.lines.note_heartbeat(setup.heartbeat(3)).unwrap();
    setup.run_after(540).await;
    assert_eq!(setup.ahead(1), Some(0));
    assert_eq!(setup.ahead(3), Some(2));
    let silent = setup.lines.look(RoomId::SITE, 1, setup.clock.now());
    assert_eq!(silent, None, "the store must be asked about it");

    setup.store.write(1, None);
    setup.run_after(0).await;
    assert_eq!((setup.ahead(1), setup.ahead(3)), (None, Some(1)));
    setup.run_after(-3_600).await;

    assert_eq!((setup.ahead(1), setup.ahead(3)), (None, Some(1)));
}

#[tokio::test]
async fn a_line_catches_up_when_it_is_asked_to_and_so_does_that_of_a_new_room() {
    let setup = line_of(3).await;
    setup.store.write(1, None);

    setup.follower.catch_up(RoomId::SITE).await.unwrap();
    assert_eq!((setup.ahead(1), setup.ahead(3)), (None, Some(1)));

    let lines = Arc::new(MemoryLines::new(3));
    let new = LineFollower::new(lines.clone(), setup.store.clone(), setup.clock.clone());
    new.catch_up(RoomId::SITE).await.unwrap();
    assert_eq!(lines.waiting(RoomId::SITE), 2);
}

#[tokio::test(start_paused = true)]
async fn the_lag_is_the_age_of_the_last_refresh_that_worked() {
    let setup = line_of(1).await;
    assert_eq!(setup.lines.lag(), Some(Duration::ZERO));

    setup.store.0.lock().is_down = true;
    tokio::time::advance(std::time::Duration::from_secs(2)).await;

    assert!(setup.follower.run_once().await.is_err());
    assert_eq!(setup.lines.lag(), Some(Duration::seconds(2)));
    assert_eq!(MemoryLines::new(1).lag(), None);
}

#[tokio::test]
async fn of_each_token_that_is_not_known_the_latest_sign_is_gathered_and_no_more_than_allowed() {
    let setup = line_of(0).await;
    let early = setup.heartbeat(1);
    setup.lines.note_heartbeat(early).unwrap();
    setup.clock.forward(1);
    for sequence in [1, 2, 3, 1] {
        setup.lines.note_heartbeat(setup.heartbeat(sequence)).unwrap();
    }
    setup.lines.note_heartbeat(early).unwrap();

    assert_eq!(setup.lines.note_heartbeat(setup.heartbeat(4)), Err(TooManyHeartbeats));
    let mut gathered = setup.lines.heartbeats().take();
    gathered.sort_by_key(|heartbeat| heartbeat.sequence);
    let mut expected = [1, 2, 3].map(|sequence| setup.heartbeat(sequence));
    expected[0].heartbeats.since = START;
    assert_eq!(gathered, expected);
}

fn flusher(setup: &Setup, store: &Arc<Written>) -> HeartbeatFlusher<Written> {
    HeartbeatFlusher::new(setup.lines.clone(), Arc::clone(store), setup.clock.clone())
}

#[tokio::test]
async fn heartbeats_of_the_unknown_are_written_at_once_and_others_when_their_deadline_comes_near() {
    let (setup, store) = (line_of(2).await, Arc::default());
    let flusher = flusher(&setup, &store);
    for sequence in [1, 2, 3] {
        setup.lines.note_heartbeat(setup.heartbeat(sequence)).unwrap();
    }
    // A heartbeat at the beginning changes no deadline.
    flusher.run_once().await.unwrap();
    assert_eq!(store.take(), [("record_heartbeats", 1)]);

    setup.clock.forward(100);
    for sequence in [1, 2] {
        setup.lines.note_heartbeat(setup.heartbeat(sequence)).unwrap();
    }
    setup.clock.forward((IDLE - WRITTEN_AHEAD).whole_seconds() - 101);
    flusher.run_once().await.unwrap();
    assert_eq!((store.take(), setup.lines.heartbeats_waiting()), (vec![], 2));
    setup.clock.forward(1);
    flusher.run_once().await.unwrap();
    assert_eq!((store.take(), setup.lines.heartbeats_waiting()), (vec![("keep_waiting", 2)], 0));
    flusher.run_once().await.unwrap();
    assert_eq!(store.take(), []);
}

#[tokio::test]
async fn at_the_end_all_heartbeats_are_written_unless_they_are_too_many() {
    for (unknown, are_written) in [(19_990, true), (19_991, false)] {
        let (setup, store) = (line_with_room(10, unknown).await, Arc::default());
        setup.clock.forward(100);
        for sequence in 1..=10 + i64::try_from(unknown).unwrap() {
            setup.lines.note_heartbeat(setup.heartbeat(sequence)).unwrap();
        }

        assert_eq!(flusher(&setup, &store).write_all().await, Ok(are_written));

        assert_eq!(store.take().contains(&("keep_waiting", 10)), are_written);
    }
}

#[tokio::test]
async fn heartbeats_that_may_not_have_been_written_stay_and_corrupt_ones_do_not() {
    let table = [
        (StoreError::Unavailable(String::new()), 1),
        (StoreError::OutcomeUnknown(String::new()), 1),
        (StoreError::Corrupt(String::new()), 0),
    ];
    for (failure, stay) in table {
        for sequence in [1, 2] {
            let setup = line_of(1).await;
            setup.clock.forward(IDLE.whole_seconds() - 1);
            setup.lines.note_heartbeat(setup.heartbeat(sequence)).unwrap();
            let store = Arc::new(Written::failing(failure.clone()));

            assert_eq!(flusher(&setup, &store).run_once().await, Err(failure.clone()));
            assert_eq!(setup.lines.heartbeats_waiting(), stay, "{failure} {sequence}");
        }
    }
}

#[tokio::test]
async fn how_many_wait_and_how_fast_they_are_admitted_is_told_of_the_room_alone() {
    let setup = line_of(3).await;
    let other = RoomId(Uuid::from_u128(1));
    assert_eq!((setup.lines.waiting(RoomId::SITE), setup.lines.waiting(other)), (3, 0));
    assert_eq!(setup.lines.admission_rate(RoomId::SITE), None);

    let mut room = setup.lines.room(RoomId::SITE).unwrap();
    room.admissions.count += 30;
    let known = setup.lines.line(RoomId::SITE).unwrap();
    known.line.write().take_in(room, START + Duration::seconds(60));

    assert_eq!(setup.lines.admission_rate(RoomId::SITE), Some(0.5));
    assert_eq!(setup.lines.admission_rate(other), None);
}

#[tokio::test]
async fn the_room_of_a_concert_is_known_once_the_room_was_read() {
    let lines = MemoryLines::new(1);
    let (concert, other) = (ConcertId(Uuid::from_u128(2)), ConcertId(Uuid::from_u128(3)));
    let room = Room::open(RoomId(Uuid::from_u128(1)), Some(concert), START);

    assert_eq!(lines.room_of_concert(concert), None);
    lines.line_or_new(&room);

    assert_eq!(lines.room_of_concert(concert), Some(room.id));
    assert_eq!(lines.room_of_concert(other), None);
}
