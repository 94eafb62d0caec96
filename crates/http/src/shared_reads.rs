//! One read for all who ask for the same thing at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, Weak};

use tokio::sync::Mutex;

/// Reads that are shared by those who ask while the last one is running. Nobody is given a read that
/// began before they asked, so that everybody sees what was answered to them before.
pub(crate) struct SharedReads<K, V> {
    slots: std::sync::Mutex<HashMap<K, Weak<Slot<V>>>>,
}

struct Slot<V> {
    /// How many reads have begun.
    begun: AtomicU64,
    /// The last read: its number, and what it found.
    last: Mutex<(u64, Option<V>)>,
}

/// Slots that nobody uses are swept out when there are so many.
const SLOTS_MAX: usize = 1_024;

impl<K, V> Default for SharedReads<K, V> {
    fn default() -> Self {
        Self { slots: std::sync::Mutex::default() }
    }
}

impl<K: Copy + Eq + Hash, V: Clone> SharedReads<K, V> {
    /// What `read` finds, or what somebody else's read found that began after this call.
    pub(crate) async fn get(&self, key: K, read: impl Future<Output = V>) -> V {
        let slot = self.slot(key);
        let begun_before = slot.begun.load(Ordering::SeqCst);
        let mut last = slot.last.lock().await;
        if let (number, Some(found)) = &*last
            && *number > begun_before
        {
            return found.clone();
        }
        let number = slot.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let found = read.await;
        *last = (number, Some(found.clone()));
        found
    }

    fn slot(&self, key: K) -> Arc<Slot<V>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(&key).and_then(Weak::upgrade) {
            return slot;
        }
        if slots.len() >= SLOTS_MAX {
            slots.retain(|_, slot| slot.strong_count() > 0);
        }
        let slot = Arc::new(Slot { begun: AtomicU64::new(0), last: Mutex::new((0, None)) });
        slots.insert(key, Arc::downgrade(&slot));
        slot
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

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
    async fn a_read_that_is_given_up_leaves_the_next_one_to_others() {
        let reads = SharedReads::<u8, usize>::default();
        {
            let stuck = reads.get(7, std::future::pending());
            assert_eq!(stuck.now_or_never(), None);
        }

        assert_eq!(reads.get(7, async { 1 }).await, 1);
    }
}
