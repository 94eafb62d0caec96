//! Where the state of rate limits is kept: a table of fixed size.

use std::sync::{Arc, Mutex, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;

/// How many keys share a shelf.
const PLACES: usize = 8;
const SHELVES: usize = 32_768;

/// A table of 262,144 places, 4 MiB. A key has its place on one shelf of eight; on a full shelf the
/// place goes to the newcomer whose owner is nearest to having all of its allowance again, which
/// loses least by being forgotten. So nobody can make the table grow, or be refused because of others.
#[derive(Clone)]
pub(super) struct Places(Arc<[Mutex<Shelf>]>);

type Shelf = [Place; PLACES];

#[derive(Clone, Copy, Default)]
struct Place {
    key: u64,
    /// When the next request would be due at an even rate; 0 in a free place.
    arrival: u64,
}

impl Default for Places {
    fn default() -> Self {
        Self((0..SHELVES).map(|_| Mutex::new(Shelf::default())).collect())
    }
}

impl StateStore for Places {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let index = usize::try_from(*key).unwrap_or(usize::MAX) % self.0.len();
        let Some(shelf) = self.0.get(index) else { return decide(None).map(|(answer, _)| answer) };
        let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let known = shelf.iter_mut().position(|place| place.arrival > 0 && place.key == *key);
        let arrival = known.and_then(|index| shelf.get(index)).map(|place| place.arrival);
        let (answer, next) = decide(arrival.map(Nanos::new))?;
        let place = match known {
            Some(index) => shelf.get_mut(index),
            None => shelf.iter_mut().min_by_key(|place| place.arrival),
        };
        if let Some(place) = place {
            *place = Place { key: *key, arrival: next.as_u64().max(1) };
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of one shelf.
    fn key(n: u64) -> u64 {
        n * SHELVES as u64 + 5
    }

    fn set(places: &Places, key: u64, arrival: u64) {
        let decided: Result<(), ()> =
            places.measure_and_replace(&key, |_| Ok(((), Nanos::new(arrival))));
        decided.unwrap();
    }

    fn known(places: &Places, key: u64) -> Option<u64> {
        let decided: Result<(), Option<u64>> =
            places.measure_and_replace(&key, |at| Err(at.map(Nanos::as_u64)));
        decided.unwrap_err()
    }

    #[test]
    fn on_a_full_shelf_the_one_nearest_to_a_full_allowance_is_forgotten() {
        let places = Places::default();
        for n in 1..=8 {
            set(&places, key(n), 100 - n);
        }

        set(&places, key(9), 50);

        assert_eq!(known(&places, key(8)), None, "the newcomer has its place");
        assert_eq!(known(&places, key(9)), Some(50));
        assert_eq!(known(&places, key(7)), Some(93), "others are as they were");
    }
}
