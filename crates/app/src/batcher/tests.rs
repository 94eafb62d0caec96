use mockall::Sequence;
use stagedoor_domain::operations::{ChangePoints, PointChange, PointsChanged, PointsRefused};
use stagedoor_domain::ports::MockExecute;
use stagedoor_domain::{Instant, PointEntry, PointEntryId, PointKind, Points, UserId};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::*;
use crate::testing::{NOW, StoppedClock};

const WAIT_MAX: Duration = Duration::from_secs(1);

struct UnsureClock;

impl Clock for UnsureClock {
    fn now(&self) -> Instant {
        NOW
    }

    fn is_sure(&self) -> bool {
        false
    }
}

/// Another process may decide by another time.
#[tokio::test]
async fn no_command_is_decided_while_the_time_is_not_sure() {
    let limits =
        BatchLimits { batch_size_max: 1, queue_length_max: 1, wait_max: WAIT_MAX, rests: false };
    let store = Arc::new(MockExecute::<ChangePoints>::new());
    let (batcher, _worker) = Batcher::start(store, Arc::new(UnsureClock), limits);

    let refused = batcher.submit(charge(1)).await;

    assert!(matches!(refused, Err(SubmitError::Store(StoreError::Unavailable(_)))), "{refused:?}");
}

/// A store that finishes a batch only when the test lets it, and refuses the command whose amount
/// is 13.
struct GatedStore {
    inner: MockExecute<ChangePoints>,
    gate: Arc<Semaphore>,
}

#[async_trait]
impl Execute<ChangePoints> for GatedStore {
    async fn execute(
        &self,
        submissions: &[Submission<ChangePoints>],
        now: Instant,
    ) -> Result<Vec<Verdict<ChangePoints>>, StoreError> {
        let executed = self.inner.execute(submissions, now).await;
        self.gate.acquire().await.unwrap().forget();
        executed
    }
}

fn charge(amount: i64) -> Submission<ChangePoints> {
    Submission::new(ChangePoints {
        entry_id: PointEntryId(Uuid::from_u128(amount.unsigned_abs().into())),
        user_id: UserId(Uuid::from_u128(1)),
        change: PointChange::Charge,
        amount: Points::new(amount).unwrap(),
    })
}

fn verdict(submission: &Submission<ChangePoints>) -> Verdict<ChangePoints> {
    let command = &submission.command;
    if command.amount.get() == 13 {
        return Err(PointsRefused::UserNotFound.into());
    }
    Ok(PointsChanged {
        entry: PointEntry {
            id: command.entry_id,
            user_id: command.user_id,
            number: 1,
            kind: PointKind::Charge,
            amount: command.amount,
            balance_after: command.amount,
            payment_id: None,
            created_at: NOW,
        },
    })
}

fn amounts(submissions: &[Submission<ChangePoints>]) -> Vec<i64> {
    submissions.iter().map(|submission| submission.command.amount.get()).collect()
}

/// Expects batches of these amounts, in this order, and answers each command's verdict.
fn expecting(batches: &[&[i64]]) -> MockExecute<ChangePoints> {
    let mut store = MockExecute::new();
    let mut sequence = Sequence::new();
    for batch in batches {
        let expected = batch.to_vec();
        store
            .expect_execute()
            .times(1)
            .in_sequence(&mut sequence)
            .withf(move |submissions, now| amounts(submissions) == expected && *now == NOW)
            .returning(|submissions, _| Ok(submissions.iter().map(verdict).collect()));
    }
    store
}

fn start(
    inner: MockExecute<ChangePoints>,
    gate: &Arc<Semaphore>,
    batch_size_max: usize,
    queue_length_max: usize,
) -> (Arc<Batcher<ChangePoints>>, BatchWorker) {
    let store = Arc::new(GatedStore { inner, gate: Arc::clone(gate) });
    let limits = BatchLimits { batch_size_max, queue_length_max, wait_max: WAIT_MAX, rests: false };
    let (batcher, worker) = Batcher::start(store, Arc::new(StoppedClock(NOW)), limits);
    (Arc::new(batcher), worker)
}

type Answer = Result<Verdict<ChangePoints>, SubmitError>;

/// Hands in a command and lets the batch worker and the command run as far as they can.
async fn hand_in(batcher: &Arc<Batcher<ChangePoints>>, amount: i64) -> JoinHandle<Answer> {
    let batcher = Arc::clone(batcher);
    let submitted = tokio::spawn(async move { batcher.submit(charge(amount)).await });
    settle().await;
    submitted
}

async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_queues_while_the_store_is_busy_becomes_the_next_batch_in_order() {
    let gate = Arc::new(Semaphore::new(0));
    let (batcher, worker) = start(expecting(&[&[1], &[2, 13, 4], &[5]]), &gate, 3, 10);
    let mut submitted = Vec::new();
    for amount in [1, 2, 13, 4, 5] {
        submitted.push(hand_in(&batcher, amount).await);
    }
    gate.add_permits(3);

    let mut answers = Vec::new();
    for answer in submitted {
        answers.push(answer.await.unwrap().unwrap());
    }
    assert_eq!(answers, [1, 2, 13, 4, 5].map(|amount| verdict(&charge(amount))));
    worker.drain().await;
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_nothing_else_is_lost() {
    let gate = Arc::new(Semaphore::new(0));
    let (batcher, worker) = start(expecting(&[&[1], &[2]]), &gate, 8, 1);
    let first = hand_in(&batcher, 1).await;
    let second = hand_in(&batcher, 2).await;

    assert_eq!(batcher.submit(charge(3)).await, Err(SubmitError::Overloaded));

    gate.add_permits(2);
    assert!(first.await.unwrap().unwrap().is_ok());
    assert!(second.await.unwrap().unwrap().is_ok());
    worker.drain().await;
}

#[tokio::test]
async fn a_failure_of_the_store_reaches_every_command_of_the_batch_and_no_other() {
    let failure = StoreError::OutcomeUnknown("the connection broke".to_owned());
    let mut store = expecting(&[&[1]]);
    let answered = failure.clone();
    store.expect_execute().times(1).returning(move |_, _| Err(answered.clone()));
    store.expect_execute().times(1).returning(|submissions, _| Ok(vec![verdict(&submissions[0])]));
    let gate = Arc::new(Semaphore::new(0));
    let (batcher, worker) = start(store, &gate, 8, 8);
    let before = hand_in(&batcher, 1).await;
    let failed = [hand_in(&batcher, 2).await, hand_in(&batcher, 3).await];
    gate.add_permits(2);

    assert!(before.await.unwrap().unwrap().is_ok());
    for answer in failed {
        assert_eq!(answer.await.unwrap(), Err(SubmitError::Store(failure.clone())));
    }
    gate.add_permits(1);
    assert!(batcher.submit(charge(4)).await.unwrap().is_ok());
    worker.drain().await;
}

#[tokio::test]
async fn a_wrong_number_of_verdicts_is_corrupt_for_all() {
    let mut store = MockExecute::new();
    store.expect_execute().returning(|_, _| Ok(Vec::new()));
    let gate = Arc::new(Semaphore::new(1));
    let (batcher, worker) = start(store, &gate, 8, 8);

    let answer = batcher.submit(charge(1)).await;

    let cause = "1 change_points commands got 0 verdicts".to_owned();
    assert_eq!(answer, Err(SubmitError::Store(StoreError::Corrupt(cause))));
    worker.drain().await;
}

#[tokio::test]
async fn a_panic_of_the_store_is_an_unknown_outcome_and_the_batch_worker_goes_on() {
    let mut store = MockExecute::new();
    store.expect_execute().times(1).returning(|_, _| panic!("out of paper"));
    store.expect_execute().returning(|submissions, _| Ok(vec![verdict(&submissions[0])]));
    let gate = Arc::new(Semaphore::new(8));
    let (batcher, worker) = start(store, &gate, 8, 8);

    let unknown = StoreError::OutcomeUnknown("panicked: out of paper".to_owned());
    assert_eq!(batcher.submit(charge(1)).await, Err(SubmitError::Store(unknown)));
    assert!(batcher.submit(charge(2)).await.unwrap().is_ok());
    worker.drain().await;
}

#[tokio::test]
async fn a_caller_who_has_gone_changes_nothing_for_the_others() {
    let gate = Arc::new(Semaphore::new(0));
    let (batcher, worker) = start(expecting(&[&[1], &[2, 3]]), &gate, 8, 8);
    let first = hand_in(&batcher, 1).await;
    let gone = hand_in(&batcher, 2).await;
    let third = hand_in(&batcher, 3).await;
    gone.abort();
    gate.add_permits(2);

    assert!(first.await.unwrap().unwrap().is_ok());
    assert!(third.await.unwrap().unwrap().is_ok());
    worker.drain().await;
}

#[tokio::test]
async fn draining_finishes_what_was_taken_and_refuses_what_comes_later() {
    let gate = Arc::new(Semaphore::new(0));
    let (batcher, worker) = start(expecting(&[&[1], &[2], &[3]]), &gate, 1, 8);
    let mut submitted = Vec::new();
    for amount in [1, 2, 3] {
        submitted.push(hand_in(&batcher, amount).await);
    }
    let drained = tokio::spawn(worker.drain());
    gate.add_permits(1);
    settle().await;

    assert_eq!(batcher.submit(charge(4)).await, Err(SubmitError::Overloaded));
    gate.add_permits(2);
    drained.await.unwrap();
    for answer in submitted {
        assert!(answer.await.unwrap().unwrap().is_ok());
    }
}

#[tokio::test]
async fn a_batch_worker_ends_when_all_who_could_hand_in_are_gone() {
    let gate = Arc::new(Semaphore::new(2));
    let (batcher, worker) = start(expecting(&[&[1]]), &gate, 8, 8);
    let answer = hand_in(&batcher, 1).await;
    drop(batcher);

    worker.ended().await;
    assert!(answer.await.unwrap().unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_batch_worker_that_has_come_to_a_halt_refuses_at_once_and_goes_on_with_its_store() {
    let gate = Arc::new(Semaphore::new(0));
    let (batcher, _worker) = start(expecting(&[&[1], &[2], &[4]]), &gate, 10, 10);
    let halted = hand_in(&batcher, 1).await;
    let queued = hand_in(&batcher, 2).await;
    tokio::time::advance(WAIT_MAX + Duration::from_millis(1)).await;

    let refused = batcher.submit(charge(3)).await;

    assert_eq!(refused, Err(SubmitError::Overloaded));
    gate.add_permits(3);
    assert!(halted.await.unwrap().is_ok() && queued.await.unwrap().is_ok());
    assert!(batcher.submit(charge(4)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_would_wait_too_long_behind_slow_batches_is_refused() {
    let gate = Arc::new(Semaphore::new(0));
    let batches: &[&[i64]] = &[&[1], &[2], &[3], &[4, 5]];
    let (batcher, _worker) = start(expecting(batches), &gate, 2, 10);
    let mut submitted = Vec::new();
    for amount in [1, 2] {
        submitted.push(hand_in(&batcher, amount).await);
        tokio::time::advance(Duration::from_millis(2_300)).await;
        gate.add_permits(1);
        settle().await;
    }
    // Now the mean is above a second, and behind the full batch of 4 and 5 is one more than that.
    for amount in [3, 4, 5, 6] {
        submitted.push(hand_in(&batcher, amount).await);
    }

    gate.add_permits(2);
    let answers = futures_util::future::join_all(submitted).await;

    let refused = answers.into_iter().map(|answer| answer.unwrap() == Err(SubmitError::Overloaded));
    assert_eq!(refused.collect::<Vec<_>>(), [false, false, false, false, false, true]);
}

/// A flood of large batches would leave others no time of a store that has one writer.
#[tokio::test(start_paused = true)]
async fn a_batch_worker_that_rests_begins_no_batch_for_as_long_as_the_last_one_took() {
    let begun = Arc::new(Semaphore::new(0));
    let gate = Arc::new(Semaphore::new(0));
    let mut inner = MockExecute::new();
    let begins = begun.clone();
    inner.expect_execute().returning(move |submissions, _| {
        begins.add_permits(1);
        Ok(submissions.iter().map(verdict).collect())
    });
    let limits =
        BatchLimits { batch_size_max: 1, queue_length_max: 9, wait_max: WAIT_MAX, rests: true };
    let store = Arc::new(GatedStore { inner, gate: gate.clone() });
    let (batcher, worker) = Batcher::start(store, Arc::new(StoppedClock(NOW)), limits);
    let batcher = Arc::new(batcher);
    let first = hand_in(&batcher, 1).await;
    let second = hand_in(&batcher, 2).await;
    tokio::time::advance(Duration::from_millis(700)).await;
    gate.add_permits(2);
    assert!(first.await.unwrap().is_ok());

    tokio::time::advance(Duration::from_millis(690)).await;
    assert_eq!(begun.available_permits(), 1, "it rests");
    assert!(second.await.unwrap().is_ok());

    let third = hand_in(&batcher, 3).await;
    gate.add_permits(1);
    worker.drain().await;
    assert!(third.is_finished(), "what queued is done at the end without a rest");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_batch_worker_is_waited_for_until_its_last_batch_is_done() {
    let gate = Arc::new(Semaphore::new(0));
    let (batcher, worker) = start(expecting(&[&[1]]), &gate, 10, 10);
    let answer = hand_in(&batcher, 1).await;

    let drained = tokio::spawn(worker.drain());
    settle().await;
    assert!(!drained.is_finished(), "a batch is still being carried out");
    gate.add_permits(1);

    drained.await.unwrap();
    assert!(answer.is_finished(), "what was taken is answered before the batch worker has ended");
}

#[tokio::test]
async fn what_was_accepted_refused_failed_and_rejected_is_counted() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let gate = Arc::new(Semaphore::new(0));
    let (batcher, worker) = start(expecting(&[&[1], &[13]]), &gate, 1, 1);
    let mut submitted = Vec::new();
    for amount in [1, 13, 3] {
        submitted.push(hand_in(&batcher, amount).await);
    }
    gate.add_permits(2);
    futures_util::future::join_all(submitted).await;
    worker.drain().await;

    let text = recorder.handle().render();
    for outcome in ["ok", "refused", "overloaded"] {
        let counter = format!(
            "stagedoor_verdicts_total{{command=\"change_points\",outcome=\"{outcome}\"}} 1"
        );
        assert!(text.contains(&counter), "{counter}: {text}");
    }
}
