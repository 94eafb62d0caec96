//! The state of rate limits: a table of fixed size.

use std::sync::Arc;

use governor::nanos::Nanos;
use governor::state::StateStore;
use parking_lot::Mutex;

/// How many keys share a bucket.
const BUCKET_ENTRIES: usize = 8;
const BUCKETS: usize = 32_768;

/// A table of 262,144 entries, 4 MiB. A key belongs to one bucket of eight entries. In a full bucket a new
/// key replaces the one that is nearest to its full allowance, which loses least. So clients can neither make
/// the table grow nor cause the rejection of others.
#[derive(Clone)]
pub(super) struct LimitTable(Arc<[Mutex<Bucket>]>);

type Bucket = [Entry; BUCKET_ENTRIES];

#[derive(Clone, Copy, Default)]
struct Entry {
    key: u64,
    /// When the next request would be due at an even rate; 0 in a free entry.
    arrival: u64,
}

impl Default for LimitTable {
    fn default() -> Self {
        Self((0..BUCKETS).map(|_| Mutex::new(Bucket::default())).collect())
    }
}

impl StateStore for LimitTable {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let index = usize::try_from(*key).unwrap_or(usize::MAX) % self.0.len();
        let Some(bucket) = self.0.get(index) else { return decide(None).map(|(answer, _)| answer) };
        let mut bucket = bucket.lock();
        let known = bucket.iter_mut().position(|entry| entry.arrival > 0 && entry.key == *key);
        let arrival = known.and_then(|index| bucket.get(index)).map(|entry| entry.arrival);
        let (answer, next) = decide(arrival.map(Nanos::new))?;
        let entry = match known {
            Some(index) => bucket.get_mut(index),
            None => bucket.iter_mut().min_by_key(|entry| entry.arrival),
        };
        if let Some(entry) = entry {
            *entry = Entry { key: *key, arrival: next.as_u64().max(1) };
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of one bucket.
    fn key(n: u64) -> u64 {
        n * BUCKETS as u64 + 5
    }

    fn set(table: &LimitTable, key: u64, arrival: u64) {
        let decided: Result<(), ()> =
            table.measure_and_replace(&key, |_| Ok(((), Nanos::new(arrival))));
        decided.unwrap();
    }

    fn known(table: &LimitTable, key: u64) -> Option<u64> {
        let decided: Result<(), Option<u64>> =
            table.measure_and_replace(&key, |at| Err(at.map(Nanos::as_u64)));
        decided.unwrap_err()
    }

    #[test]
    fn in_a_full_bucket_the_entry_nearest_to_its_full_allowance_is_replaced() {
        let table = LimitTable::default();
        for n in 1..=8 {
            set(&table, key(n), 100 - n);
        }

        set(&table, key(9), 50);

        assert_eq!(known(&table, key(8)), None, "the newcomer has its entry");
        assert_eq!(known(&table, key(9)), Some(50));
        assert_eq!(known(&table, key(7)), Some(93), "others are as they were");
    }
}
