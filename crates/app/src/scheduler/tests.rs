use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use mockall::Sequence;
use stagedoor_domain::ReservationId;
use stagedoor_domain::operations::{Admit, ExpireHolds, ExpireTokens, SettleCancelled, Settled};
use stagedoor_domain::ports::{Kept, MockExecute, MockLineSync, MockMaintenance, MockWaitingLines};

use uuid::Uuid;

use super::*;
use crate::testing::{NOW, StoppedClock, Written, log};

/// Counts its runs, and fails or panics as told.
#[derive(Default)]
struct Counting {
    jobs: AtomicUsize,
    failures: Mutex<Vec<&'static str>>,
}

#[async_trait]
impl PeriodicJob for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        self.jobs.fetch_add(1, Ordering::SeqCst);
        let failure = self.failures.lock().unwrap().pop();
        match failure {
            Some("panic") => panic!("as told"),
            Some(cause) => Err(StoreError::Unavailable(cause.to_owned())),
            None => Ok(()),
        }
    }
}

async fn run_for(job: &Arc<Counting>, time: Duration) -> usize {
    let stop = CancellationToken::new();
    let running = tokio::spawn(run_every(job.clone(), Duration::from_secs(1), stop.clone()));
    tokio::time::sleep(time).await;
    stop.cancel();
    running.await.unwrap();
    job.jobs.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn a_loop_runs_its_job_at_once_and_then_in_its_interval_until_it_is_stopped() {
    let job = Arc::new(Counting::default());

    assert_eq!(run_for(&job, Duration::from_millis(3_500)).await, 4);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(job.jobs.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn a_loop_outlives_failures_and_panics() {
    let job = Arc::new(Counting::default());
    *job.failures.lock().unwrap() = vec!["panic", "down", "panic", "down"];

    assert_eq!(run_for(&job, Duration::from_millis(5_500)).await, 6);
}

#[tokio::test]
async fn expiry_goes_on_until_less_was_written_than_may_be() {
    let mut store = MockExecute::<ExpireTokens>::new();
    let mut sequence = Sequence::new();
    for written in [ExpireTokens::TOKENS_MAX, ExpireTokens::TOKENS_MAX, 7] {
        store
            .expect_execute()
            .times(1)
            .in_sequence(&mut sequence)
            .returning(move |_, _| Ok(vec![Ok(written)]));
    }
    let job = TokenExpiryJob::new(Arc::new(store), Arc::new(StoppedClock(NOW)));

    job.run_once().await.unwrap();
}

#[tokio::test]
async fn expiry_is_bounded() {
    let mut store = MockExecute::<ExpireHolds>::new();
    let written = || Ok(vec![Ok(ExpireHolds::RESERVATIONS_MAX)]);
    store.expect_execute().times(50).returning(move |_, _| written());
    let job = HoldExpiryJob::new(Arc::new(store), Arc::new(StoppedClock(NOW)));

    job.run_once().await.unwrap();
}

#[tokio::test]
async fn settlement_goes_on_after_the_last_reservation_until_none_is_left() {
    let mut store = MockExecute::<SettleCancelled>::new();
    let mut sequence = Sequence::new();
    let reservation = |n: u128| ReservationId(Uuid::from_u128(n));
    for (after, last) in [(0, Some(7)), (7, Some(9)), (9, None)] {
        store
            .expect_execute()
            .times(1)
            .in_sequence(&mut sequence)
            .withf(move |asked, now| {
                let SettleCancelled { after: from, entry_ids } = &asked[0].command;
                let is_whole = entry_ids.len() == SettleCancelled::RESERVATIONS_MAX;
                *from == reservation(after) && is_whole && *now == NOW
            })
            .returning(move |_, _| {
                let last = last.map(reservation);
                Ok(vec![Ok(Settled { refunded: 1, released: 0, left: 1, last })])
            });
    }
    let job = SettlementJob::new(Arc::new(store), Arc::new(StoppedClock(NOW)));

    job.run_once().await.unwrap();

    assert_eq!(job.name(), "settlement");
}

#[tokio::test]
async fn settlement_is_bounded() {
    let mut store = MockExecute::<SettleCancelled>::new();
    let last = Some(ReservationId(Uuid::from_u128(1)));
    let settled = Settled { refunded: 1, released: 0, left: 0, last };
    store.expect_execute().times(50).returning(move |_, _| Ok(vec![Ok(settled)]));
    let job = SettlementJob::new(Arc::new(store), Arc::new(StoppedClock(NOW)));

    job.run_once().await.unwrap();
}

/// A scheduler of jobs that only count: refresh, flush, gauges and one of the janitor's.
fn counting(janitor_is_on: bool) -> (Scheduler, [Arc<Counting>; 4]) {
    let jobs: [Arc<Counting>; 4] = std::array::from_fn(|_| Arc::default());
    let [refresh, flush, gauges, janitor] = jobs.clone();
    let second = Duration::from_secs(1);
    let scheduler = Scheduler {
        refresh,
        sessions: Arc::new(Counting::default()),
        pulse: flush.clone(),
        leave: janitor.clone(),
        line_sync: Arc::new(MockLineSync::new()),
        peers: Arc::default(),
        flush,
        janitor: vec![(janitor, 3 * second)],
        gauges,
        refresh_interval: second,
        flush_interval: second,
        clock: None,
        gauges_interval: 4 * second,
        janitor_is_on,
    };
    (scheduler, jobs)
}

fn counts(jobs: &[Arc<Counting>; 4]) -> [usize; 4] {
    jobs.each_ref().map(|job| job.jobs.load(Ordering::SeqCst))
}

#[tokio::test]
async fn one_round_writes_and_reads_before_the_janitor_and_reads_after_it() {
    let (scheduler, jobs) = counting(false);

    scheduler.refresh().await.unwrap();
    assert_eq!(counts(&jobs), [1, 0, 0, 0]);
    scheduler.flush().await.unwrap();
    assert_eq!(counts(&jobs), [1, 1, 0, 0]);
    scheduler.run_once().await.unwrap();
    assert_eq!(counts(&jobs), [3, 2, 0, 1], "whether or not the janitor is on");

    jobs[3].failures.lock().unwrap().push("down");
    assert!(scheduler.run_once().await.is_err());
    assert_eq!(counts(&jobs), [4, 3, 0, 2]);
}

#[tokio::test]
async fn a_process_pulses_and_leaves_when_it_is_told_to() {
    let (scheduler, jobs) = counting(false);

    scheduler.pulse().await.unwrap();
    scheduler.leave().await.unwrap();

    assert_eq!(counts(&jobs), [0, 1, 0, 1], "flush stands for the pulse, the janitor for leaving");
}

#[tokio::test(start_paused = true)]
async fn each_job_runs_in_its_own_interval_and_the_janitors_only_if_it_is_on() {
    for (is_on, expected) in [(true, [12, 12, 3, 4]), (false, [12, 12, 3, 0])] {
        let (scheduler, jobs) = counting(is_on);
        let stop = CancellationToken::new();

        let loops = scheduler.start(&stop);
        tokio::time::sleep(Duration::from_millis(11_500)).await;
        stop.cancel();
        for running in loops {
            running.await.unwrap();
        }

        assert_eq!(counts(&jobs), expected);
    }
}

/// A store whose clock stands still and counts how often it is read.
fn timed() -> (Arc<MockMaintenance>, Arc<AtomicUsize>) {
    let reads = Arc::new(AtomicUsize::new(0));
    let mut store = MockMaintenance::new();
    let counted = Arc::clone(&reads);
    store.expect_time().returning(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(Some(NOW))
    });
    (Arc::new(store), reads)
}

#[tokio::test]
async fn the_clock_job_reads_the_time_of_the_store() {
    let (store, reads) = timed();
    let clock = Arc::new(StoreClock::following(&*store).await.unwrap().unwrap());
    let job = ClockJob { clock, store };

    job.run_once().await.unwrap();

    assert_eq!(job.name(), "clock");
    assert_eq!(reads.load(Ordering::SeqCst), 2, "at the start, and once more");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_follows_the_store_is_measured_every_second() {
    let (store, reads) = timed();
    let clock = Arc::new(StoreClock::following(&*store).await.unwrap().unwrap());
    let scheduler = counting(false).0.following(&store, clock);
    let stop = CancellationToken::new();

    let loops = scheduler.start(&stop);
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    stop.cancel();
    for running in loops {
        running.await.unwrap();
    }

    assert_eq!(reads.load(Ordering::SeqCst), 5, "at the start of the clock, and four times since");
}

#[tokio::test(start_paused = true)]
async fn of_failures_in_a_row_the_first_is_logged_and_then_their_end() {
    let (log, _logging) = log(tracing::Level::INFO);
    let job = Arc::new(Counting::default());
    *job.failures.lock().unwrap() = vec!["down", "down", "down"];

    assert_eq!(run_for(&job, Duration::from_millis(5_500)).await, 6);

    let text = log.text();
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains("ERROR") && lines[0].contains("a job failed"), "{text}");
    assert!(lines[1].contains("works again") && lines[1].contains("failures=3"), "{text}");
}

#[test]
fn every_job_has_a_name_of_its_own_in_logs_and_metrics() {
    let clock = || -> Arc<dyn Clock> { Arc::new(StoppedClock(NOW)) };
    let lines = Arc::new(MemoryLines::new(1));
    let tokens = Arc::new(MockExecute::<ExpireTokens>::new());
    let holds = Arc::new(MockExecute::<ExpireHolds>::new());
    let admit = Arc::new(MockExecute::<Admit>::new());
    let retention = |what| {
        let store = Arc::new(MockMaintenance::new());
        RetentionJob::new(what, store, clock(), time::Duration::HOUR)
    };
    let names = [
        LineFollower::new(lines.clone(), Arc::new(MockWaitingLines::new()), clock()).name(),
        HeartbeatFlusher::new(lines.clone(), Arc::new(Written::default()), clock()).name(),
        TokenExpiryJob::new(tokens, clock()).name(),
        HoldExpiryJob::new(holds, clock()).name(),
        AdmissionJob::new(lines, admit, clock()).name(),
        retention(Kept::IdempotencyRecords).name(),
        retention(Kept::LineChanges).name(),
        retention(Kept::Events).name(),
    ];

    let expected = [
        "line_refresh",
        "heartbeat_flush",
        "token_expiry",
        "hold_expiry",
        "admission",
        "answers",
        "line_changes",
        "events",
    ];
    assert_eq!(names, expected);
}
