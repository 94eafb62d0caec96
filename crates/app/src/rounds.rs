//! Work that many ask for at once and that is done once for all of them.

use std::sync::atomic::{AtomicU64, Ordering};

use stagedoor_domain::ports::StoreError;
use tokio::sync::Mutex;

/// Rounds of the same work, one at a time.
#[derive(Debug)]
pub(crate) struct Rounds {
    begun: AtomicU64,
    last: Mutex<(u64, Result<(), StoreError>)>,
}

impl Default for Rounds {
    fn default() -> Self {
        Self { begun: AtomicU64::new(0), last: Mutex::new((0, Ok(()))) }
    }
}

impl Rounds {
    /// The outcome of a round that began after this call: the caller's own, or one that another
    /// caller began meanwhile.
    ///
    /// # Errors
    /// Those of the round.
    pub(crate) async fn join(
        &self,
        work: impl AsyncFnOnce() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let begun_before = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if last.0 > begun_before {
            return last.1.clone();
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        *last = (number, work().await);
        last.1.clone()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn all_who_ask_while_a_round_runs_share_the_next_one_and_its_failure() {
        let (rounds, gate, done) = (Rounds::default(), Semaphore::new(0), AtomicU64::new(0));
        let failure = Err(StoreError::Unavailable("down".to_owned()));
        let ask = || {
            rounds.join(async || {
                gate.acquire().await.unwrap().forget();
                match done.fetch_add(1, Ordering::SeqCst) {
                    1 => failure.clone(),
                    _ => Ok(()),
                }
            })
        };
        let open = async { gate.add_permits(2) };

        let (first, second, third, ()) = tokio::join!(ask(), ask(), ask(), open);

        assert_eq!((first, second, third), (Ok(()), failure.clone(), failure.clone()));
        assert_eq!(done.load(Ordering::SeqCst), 2);
        gate.add_permits(1);
        assert_eq!(ask().await, Ok(()));
    }
}
