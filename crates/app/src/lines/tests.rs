use std::collections::BTreeMap;

use async_trait::async_trait;
use stagedoor_domain::operations::RecordHeartbeats;
use stagedoor_domain::ports::{Clock, LinePage, MockExecute, StoreError, WaitingLines};
use stagedoor_domain::queue_token::Heartbeats;
use stagedoor_domain::{Instant, LineChange, QueueTokenId};
use time::macros::datetime;
use uuid::Uuid;

use super::*;
use crate::periodic_job::PeriodicJob;

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

/// One room as a store keeps it: the newest change of each sequence number.
#[derive(Default)]
struct StoredLine(Mutex<Stored>);

#[derive(Default)]
struct Stored {
    version: i64,
    sequences: BTreeMap<i64, LineChange>,
    reads_of_whole: usize,
    is_down: bool,
}

impl StoredLine {
    fn write(&self, sequence: i64, waiting_until: Option<Instant>) {
        let mut stored = self.0.lock();
        stored.version += 1;
        let version = stored.version;
        stored.sequences.insert(sequence, LineChange { version, sequence, waiting_until });
    }

    fn page(&self, chosen: impl Fn(&LineChange) -> bool, limit: usize) -> LinePage {
        let stored = self.0.lock();
        let mut changes: Vec<_> = stored.sequences.values().copied().filter(chosen).collect();
        changes.sort_by_key(|change| change.version);
        let has_more = changes.len() > limit;
        changes.truncate(limit);
        let last = changes.last().map_or(stored.version, |change| change.version);
        LinePage { changes, version: if has_more { last } else { stored.version }, has_more }
    }
}

#[async_trait]
impl WaitingLines for StoredLine {
    async fn all_rooms(&self) -> Result<Vec<Room>, StoreError> {
        let stored = self.0.lock();
        if stored.is_down {
            return Err(StoreError::Unavailable("down".to_owned()));
        }
        Ok(vec![Room { version: stored.version, ..Room::open(RoomId::SITE, None, START) }])
    }

    async fn whole_line(&self, _: RoomId) -> Result<LinePage, StoreError> {
        self.0.lock().reads_of_whole += 1;
        Ok(self.page(|change| change.waiting_until.is_some(), usize::MAX))
    }

    async fn line_changes(&self, _: RoomId, above: i64, _: usize) -> Result<LinePage, StoreError> {
        Ok(self.page(|change| change.version > above, 2))
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
    let clock = Arc::new(MovableClock(Mutex::new(START)));
    let store = Arc::new(StoredLine::default());
    (1..=waiting).for_each(|sequence| store.write(sequence, Some(START + IDLE)));
    let lines = Arc::new(MemoryLines::new(3));
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
async fn of_each_token_the_latest_sign_is_kept_and_no_more_tokens_than_allowed() {
    let setup = line_of(4).await;
    let early = setup.heartbeat(1);
    setup.lines.note_heartbeat(early).unwrap();
    setup.clock.forward(1);
    for sequence in [1, 2, 3, 1] {
        setup.lines.note_heartbeat(setup.heartbeat(sequence)).unwrap();
    }
    setup.lines.note_heartbeat(early).unwrap();

    assert_eq!(setup.lines.note_heartbeat(setup.heartbeat(4)), Err(TooManyHeartbeats));
    let mut kept = setup.lines.heartbeats().take();
    kept.sort_by_key(|heartbeat| heartbeat.sequence);
    let mut expected = [1, 2, 3].map(|sequence| setup.heartbeat(sequence));
    expected[0].heartbeats.since = START;
    assert_eq!(kept, expected);
}

fn flusher(
    setup: &Setup,
    store: MockExecute<RecordHeartbeats>,
) -> HeartbeatFlusher<MockExecute<RecordHeartbeats>> {
    HeartbeatFlusher::new(setup.lines.clone(), Arc::new(store), setup.clock.clone())
}

#[tokio::test]
async fn heartbeats_are_written_once() {
    let setup = line_of(2).await;
    for sequence in [1, 2] {
        setup.lines.note_heartbeat(setup.heartbeat(sequence)).unwrap();
    }
    let mut store = MockExecute::<RecordHeartbeats>::new();
    store.expect_execute().times(1).returning(|requests, now| {
        assert!(
            requests.iter().all(|request| request.command.heartbeats.at == START && now == START)
        );
        Ok(requests.iter().map(|_| Ok(())).collect())
    });
    let flusher = flusher(&setup, store);

    flusher.run_once().await.unwrap();
    assert_eq!(setup.lines.heartbeats_waiting(), 0);
    flusher.run_once().await.unwrap();
}

#[tokio::test]
async fn heartbeats_that_may_not_have_been_written_are_kept_and_corrupt_ones_are_not() {
    let table = [
        (StoreError::Unavailable(String::new()), 1),
        (StoreError::OutcomeUnknown(String::new()), 1),
        (StoreError::Corrupt(String::new()), 0),
    ];
    for (failure, kept) in table {
        let setup = line_of(1).await;
        setup.lines.note_heartbeat(setup.heartbeat(1)).unwrap();
        let mut store = MockExecute::new();
        let answered = failure.clone();
        store.expect_execute().returning(move |_, _| Err(answered.clone()));

        assert_eq!(flusher(&setup, store).run_once().await, Err(failure.clone()));
        assert_eq!(setup.lines.heartbeats_waiting(), kept, "{failure}");
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
