//! One read for all concurrent requests of the same thing.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Shared reads. Callers that arrive while a read runs share the next one: one of them reads for all. No
/// caller gets a read that began before its call, so each one sees what was acknowledged to it before.
pub(crate) struct SharedReads<K, V> {
    slots: Mutex<HashMap<K, Weak<Slot<V>>>>,
}

/// The callers that wait for the next read of one thing; nothing while no read runs.
struct Slot<V>(Mutex<Option<Vec<oneshot::Sender<Turn<V>>>>>);

/// What a waiting caller receives.
enum Turn<V> {
    /// The result that was read for it.
    Found(V),
    /// The task to read, for itself and for those that wait with it.
    Read(Reading<V>),
}

/// The task to read. However it ends, the waiting callers are notified.
struct Reading<V> {
    slot: Arc<Slot<V>>,
    others: Vec<oneshot::Sender<Turn<V>>>,
}

/// Unused slots are removed when there are this many.
const SLOTS_MAX: usize = 1_024;

impl<K, V> Default for SharedReads<K, V> {
    fn default() -> Self {
        Self { slots: Mutex::default() }
    }
}

impl<K: Eq + Hash, V: Clone> SharedReads<K, V> {
    /// What `read` finds, or what another caller's read found that began after this call.
    pub(crate) async fn get(&self, key: K, read: impl Future<Output = V>) -> V {
        let reading = match self.slot(key).ask() {
            Ok(reading) => reading,
            Err(told) => match told.await {
                Ok(Turn::Found(found)) => return found,
                Ok(Turn::Read(reading)) => reading,
                Err(_) => return read.await,
            },
        };
        reading.run(read).await
    }

    fn slot(&self, key: K) -> Arc<Slot<V>> {
        let mut slots = self.slots.lock();
        if let Some(slot) = slots.get(&key).and_then(Weak::upgrade) {
            return slot;
        }
        if slots.len() >= SLOTS_MAX {
            slots.retain(|_, slot| slot.strong_count() > 0);
        }
        let slot = Arc::new(Slot(Mutex::new(None)));
        slots.insert(key, Arc::downgrade(&slot));
        slot
    }
}

impl<V> Slot<V> {
    /// The task to read, or a receiver while another caller reads.
    fn ask(self: Arc<Self>) -> Result<Reading<V>, oneshot::Receiver<Turn<V>>> {
        let mut waiting = self.0.lock();
        if let Some(waiting) = &mut *waiting {
            let (turn, told) = oneshot::channel();
            waiting.push(turn);
            return Err(told);
        }
        *waiting = Some(Vec::new());
        drop(waiting);
        Ok(Reading { slot: self, others: Vec::new() })
    }
}

impl<V: Clone> Reading<V> {
    /// Reads for all callers that have arrived so far.
    async fn run(mut self, read: impl Future<Output = V>) -> V {
        self.others = self.slot.0.lock().replace(Vec::new()).unwrap_or_default();
        let found = read.await;
        for other in self.others.drain(..) {
            // The caller may have gone.
            let _ = other.send(Turn::Found(found.clone()));
        }
        found
    }
}

impl<V> Drop for Reading<V> {
    /// Passes the next read to the first caller that still waits.
    fn drop(&mut self) {
        let mut waiting = self.slot.0.lock();
        let mut others = std::mem::take(&mut self.others);
        others.extend(waiting.take().unwrap_or_default());
        others.retain(|other| !other.is_closed());
        if others.is_empty() {
            return;
        }
        let next = others.remove(0);
        *waiting = Some(others);
        drop(waiting);
        let reading = Reading { slot: Arc::clone(&self.slot), others: Vec::new() };
        // If that caller has gone meanwhile, the task is dropped and passed on again.
        let _ = next.send(Turn::Read(reading));
    }
}
#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt;
    use futures_util::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn those_who_ask_while_a_read_runs_share_the_next_one() {
        let (reads, gate) = (SharedReads::<u8, usize>::default(), Semaphore::new(0));
        let count = AtomicUsize::new(0);
        let read = || async {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            gate.acquire().await.unwrap().forget();
            number
        };
        let release = async {
            tokio::task::yield_now().await;
            gate.add_permits(10);
        };

        let asked = (0..10).map(|_| reads.get(7, read()));
        let (found, ()) = tokio::join!(join_all(asked), release);

        assert_eq!(found, [1, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!(reads.get(7, read()).await, 3, "a later question is a read of its own");
        assert_eq!(reads.get(8, read()).await, 4, "and so is one for something else");
    }

    #[tokio::test]
    async fn those_who_wait_for_a_read_that_is_given_up_read_for_themselves() {
        let (reads, gate) = (SharedReads::<u8, usize>::default(), Semaphore::new(0));
        let mut stuck = Box::pin(reads.get(7, std::future::pending()));
        let mut gone = Box::pin(reads.get(7, async { 1 }));
        let read = |number: usize| {
            let gate = &gate;
            async move {
                gate.acquire().await.unwrap().forget();
                number
            }
        };
        assert_eq!(stuck.as_mut().now_or_never(), None);
        assert_eq!(gone.as_mut().now_or_never(), None);
        let others = (2..5).map(|number| reads.get(7, read(number)));
        let give_up = async {
            tokio::task::yield_now().await;
            drop(stuck);
            drop(gone);
            gate.add_permits(1);
        };

        let (found, ()) = tokio::join!(join_all(others), give_up);

        assert_eq!(found, [2, 2, 2]);
    }

    #[tokio::test]
    async fn a_read_that_is_given_up_leaves_the_next_one_to_others() {
        let reads = SharedReads::<u8, usize>::default();
        {
            let stuck = reads.get(7, std::future::pending());
            assert_eq!(stuck.now_or_never(), None);
        }

        assert_eq!(reads.get(7, async { 1 }).await, 1);
    }
}
