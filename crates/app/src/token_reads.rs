//! Reading queue tokens: a caller that asks while a read runs is answered by the next one.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::ports::{QueueTokens, StoreError};
use stagedoor_domain::{QueueToken, QueueTokenId, Room, UserId};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::batcher::{BatchWorker, take_queued};

/// The most questions that one read answers.
const TOKENS_PER_READ_MAX: usize = 1_000;

type Answer = Result<Option<(QueueToken, Room)>, StoreError>;

struct Asked {
    id: QueueTokenId,
    reply: oneshot::Sender<Answer>,
}

/// Reads the tokens of all who ask at once with one statement. No caller is given a read that began
/// before they asked.
pub(crate) struct TokenReads {
    store: Arc<dyn QueueTokens>,
    queue: mpsc::Sender<Asked>,
}

impl TokenReads {
    /// Starts a batch worker that reads from `store`. At most `queue_length_max` may wait. Must be called
    /// within a tokio runtime.
    pub(crate) fn start(
        store: Arc<dyn QueueTokens>,
        queue_length_max: usize,
    ) -> (Self, BatchWorker) {
        let (queue, waiting) = mpsc::channel(queue_length_max.max(1));
        let reads_from = Arc::clone(&store);
        let worker = BatchWorker::start(|closing| answer_all(reads_from, waiting, closing));
        (Self { store, queue }, worker)
    }
}

#[async_trait]
impl QueueTokens for TokenReads {
    async fn queue_tokens(
        &self,
        ids: &[QueueTokenId],
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        self.store.queue_tokens(ids).await
    }

    async fn queue_tokens_of(
        &self,
        user_id: UserId,
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        self.store.queue_tokens_of(user_id).await
    }

    async fn queue_token(&self, id: QueueTokenId) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.queue
            .try_send(Asked { id, reply })
            .map_err(|_| unavailable("too many queue tokens wait to be read"))?;
        answer.await.map_err(|_| unavailable("the reading of queue tokens broke off"))?
    }
}

fn unavailable(cause: &str) -> StoreError {
    StoreError::Unavailable(cause.to_owned())
}

async fn answer_all(
    store: Arc<dyn QueueTokens>,
    mut waiting: mpsc::Receiver<Asked>,
    closing: CancellationToken,
) {
    let mut asked = Vec::new();
    while take_queued(&mut waiting, &mut asked, TOKENS_PER_READ_MAX, &closing).await > 0 {
        let ids: Vec<_> = asked.iter().map(|asked: &Asked| asked.id).collect();
        let found = store.queue_tokens(&ids).await.map(by_id);
        for Asked { id, reply } in asked.drain(..) {
            let answer = found.as_ref().map(|found| found.get(&id).cloned());
            // The caller may have gone.
            let _ = reply.send(answer.map_err(StoreError::clone));
        }
    }
}

fn by_id(found: Vec<(QueueToken, Room)>) -> HashMap<QueueTokenId, (QueueToken, Room)> {
    found.into_iter().map(|found| (found.0.id, found)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::future::join_all;
    use stagedoor_domain::{RoomId, TokenState, UserId};
    use time::macros::datetime;
    use tokio::sync::Semaphore;
    use uuid::Uuid;

    use super::*;

    /// A store that has the tokens below 100, and reads when it is let.
    struct Gated {
        gate: Semaphore,
        reads: Mutex<Vec<usize>>,
        failure: Option<StoreError>,
    }

    fn gated(failure: Option<StoreError>) -> Arc<Gated> {
        Arc::new(Gated { gate: Semaphore::new(0), reads: Mutex::default(), failure })
    }

    fn id(n: u128) -> QueueTokenId {
        QueueTokenId(Uuid::from_u128(n))
    }

    fn token(id: QueueTokenId) -> (QueueToken, Room) {
        let now = datetime!(2026-11-21 10:00 UTC);
        let room = Room::open(RoomId::SITE, None, now);
        let token = QueueToken {
            id,
            room_id: room.id,
            user_id: UserId(id.0),
            sequence: Some(1),
            version: 1,
            created_at: now,
            state: TokenState::Waiting { seen_at: now, idle_at: now },
        };
        (token, room)
    }

    #[async_trait]
    impl QueueTokens for Gated {
        async fn queue_tokens(
            &self,
            ids: &[QueueTokenId],
        ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
            self.reads.lock().unwrap().push(ids.len());
            self.gate.acquire().await.unwrap().forget();
            match &self.failure {
                Some(failure) => Err(failure.clone()),
                None => {
                    Ok(ids.iter().filter(|known| **known < id(100)).copied().map(token).collect())
                }
            }
        }

        async fn queue_tokens_of(
            &self,
            user_id: UserId,
        ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
            Ok(vec![token(QueueTokenId(user_id.0))])
        }
    }

    async fn ask(store: &Arc<Gated>, ids: &[u128]) -> Vec<Answer> {
        let (reads, _worker) = TokenReads::start(store.clone(), ids.len());
        let first = reads.queue_token(id(1));
        let others = async {
            while store.reads.lock().unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
            let others = join_all(ids.iter().map(|n| reads.queue_token(id(*n))));
            store.gate.add_permits(2);
            others.await
        };
        let (first, mut answers) = tokio::join!(first, others);
        answers.insert(0, first);
        answers
    }

    #[tokio::test]
    async fn those_who_ask_while_a_read_runs_are_answered_by_the_next_one_each_with_their_own() {
        let store = gated(None);

        let answers = ask(&store, &[2, 3, 2, 500]).await;

        let own = |n| Ok(Some(token(id(n))));
        assert_eq!(answers, [own(1), own(2), own(3), own(2), Ok(None)]);
        assert_eq!(*store.reads.lock().unwrap(), [1, 4]);
    }

    #[tokio::test]
    async fn a_read_that_fails_fails_for_all_who_asked() {
        let failure = StoreError::Unavailable("gone".to_owned());
        let store = gated(Some(failure.clone()));

        let answers = ask(&store, &[2, 3]).await;

        assert_eq!(answers, vec![Err(failure); 3]);
    }

    #[tokio::test]
    async fn more_than_may_wait_are_rejected() {
        let store = gated(None);
        let (reads, _worker) = TokenReads::start(store.clone(), 1);
        let asked = join_all((1..=4).map(|n| reads.queue_token(id(n))));

        let release = async { store.gate.add_permits(4) };
        let (answers, ()) = tokio::join!(asked, release);

        let refused = answers.iter().filter(|answer| answer.is_err()).count();
        assert!(refused > 0, "{answers:?}");
        assert!(answers.iter().any(|answer| answer == &Ok(Some(token(id(1))))), "{answers:?}");
    }
}
