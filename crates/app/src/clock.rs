//! Clocks: the machine's, and the store's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use stagedoor_domain::Instant;
use stagedoor_domain::ports::{Clock, Maintenance, StoreError};
use tokio::time::Instant as Tick;

/// Tells the time of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's adapter")]
    fn now(&self) -> Instant {
        cut_to_microseconds(Instant::now_utc())
    }
}

fn cut_to_microseconds(instant: Instant) -> Instant {
    instant.replace_nanosecond(instant.microsecond() * 1_000).unwrap_or(instant)
}

/// How far the store's clock may be from what this process made of it. Beyond this the process
/// decides nothing until a second measurement confirms it.
const JUMP_MAX: Duration = Duration::from_secs(5);

/// Tells the time of a store: what it said last, and what has passed since by a clock that no
/// operator sets. So all processes on one store have one clock, whatever their machines' clocks say.
pub struct StoreClock {
    started: Tick,
    /// The store's time at `started`, in microseconds since 1970.
    base: AtomicI64,
    /// The latest instant that was told, in microseconds since 1970: time never goes back.
    latest: AtomicI64,
    /// What a measurement made of `base`, as long as it is too far off and not confirmed.
    doubted: Mutex<Option<i64>>,
}

impl StoreClock {
    /// A clock that follows a store's; nothing if the store has none of its own.
    ///
    /// # Errors
    /// The store did not tell its time.
    pub async fn following<S: Maintenance + ?Sized>(store: &S) -> Result<Option<Self>, StoreError> {
        let clock = Self {
            started: Tick::now(),
            base: AtomicI64::new(0),
            latest: AtomicI64::new(i64::MIN),
            doubted: Mutex::default(),
        };
        let Some(measured) = clock.measured(store).await? else { return Ok(None) };
        clock.base.store(measured.base, Ordering::SeqCst);
        Ok(Some(clock))
    }

    /// Asks the store for its time, and follows it.
    ///
    /// # Errors
    /// The store did not tell its time, or it is too far off to be believed at once.
    pub async fn measure<S: Maintenance + ?Sized>(&self, store: &S) -> Result<(), StoreError> {
        match self.measured(store).await? {
            Some(measured) => self.follow(&measured),
            None => Ok(()),
        }
    }

    async fn measured<S: Maintenance + ?Sized>(
        &self,
        store: &S,
    ) -> Result<Option<Measured>, StoreError> {
        let asked_at = self.started.elapsed();
        let Some(told) = store.time().await? else { return Ok(None) };
        // The store told its time at some instant between the question and the answer.
        let error = (self.started.elapsed() - asked_at) / 2;
        let base = micros_of(told).saturating_sub(micros(asked_at + error));
        Ok(Some(Measured { base, error: micros(error) }))
    }

    fn follow(&self, measured: &Measured) -> Result<(), StoreError> {
        let known = self.base.load(Ordering::SeqCst);
        let jump = measured.base.saturating_sub(known);
        let mut doubted = self.doubted.lock();
        let believed = micros(JUMP_MAX).saturating_add(measured.error).unsigned_abs();
        let far_off = |base: i64| measured.base.abs_diff(base) > believed;
        if !far_off(known) {
            *doubted = None;
            // No further than is sure: within the error of the measurement the clock agrees.
            let low = measured.base.saturating_sub(measured.error);
            let high = measured.base.saturating_add(measured.error);
            self.base.store(known.clamp(low, high), Ordering::SeqCst);
            return Ok(());
        }
        if doubted.is_none_or(far_off) {
            *doubted = Some(measured.base);
            tracing::error!(jump_microseconds = jump, "the store's clock jumped");
            return Err(StoreError::Unavailable(format!(
                "the store's clock jumped by {jump} microseconds"
            )));
        }
        tracing::warn!(jump_microseconds = jump, "the store's clock jumped and is followed");
        *doubted = None;
        self.base.store(measured.base, Ordering::SeqCst);
        self.latest.store(i64::MIN, Ordering::SeqCst);
        Ok(())
    }
}

impl Clock for StoreClock {
    fn now(&self) -> Instant {
        let passed = micros(self.started.elapsed());
        let now = self.base.load(Ordering::SeqCst).saturating_add(passed);
        let latest = self.latest.fetch_max(now, Ordering::SeqCst).max(now);
        let second = Instant::from_unix_timestamp(latest.div_euclid(1_000_000));
        let microsecond = u32::try_from(latest.rem_euclid(1_000_000)).unwrap_or(0);
        second
            .and_then(|second| second.replace_microsecond(microsecond))
            .unwrap_or(Instant::UNIX_EPOCH)
    }

    fn is_sure(&self) -> bool {
        self.doubted.lock().is_none()
    }
}

/// What a measurement says, in microseconds.
struct Measured {
    /// What it makes of [`StoreClock::base`].
    base: i64,
    /// By how much that may be off.
    error: i64,
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn micros_of(instant: Instant) -> i64 {
    i64::try_from(instant.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

/// The time of a store, or the machine's if the store has none of its own.
///
/// # Errors
/// The store did not tell its time.
pub async fn time_of<S: Maintenance + ?Sized>(store: &S) -> Result<Instant, StoreError> {
    Ok(store.time().await?.unwrap_or_else(|| SystemClock.now()))
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use stagedoor_domain::ports::{Kept, Readiness};
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_instant_is_cut_and_not_rounded() {
        let fine = datetime!(2026-11-21 10:00:00.123_456_789 UTC);

        assert_eq!(cut_to_microseconds(fine), datetime!(2026-11-21 10:00:00.123_456 UTC));
        assert_eq!(SystemClock.now().nanosecond() % 1_000, 0);
    }

    const NOON: Instant = datetime!(2026-11-29 12:00 UTC);

    /// A store whose clock is set by hand, and that takes a while to answer.
    struct Told {
        at: Mutex<Instant>,
        set_at: Mutex<Tick>,
        round_trip: Duration,
    }

    impl Told {
        fn new(round_trip: Duration) -> Self {
            Self { at: Mutex::new(NOON), set_at: Mutex::new(Tick::now()), round_trip }
        }

        fn now(&self) -> Instant {
            *self.at.lock() + self.set_at.lock().elapsed()
        }

        fn step(&self, by: time::Duration) {
            let now = self.now();
            *self.set_at.lock() = Tick::now();
            *self.at.lock() = now + by;
        }
    }

    #[async_trait]
    impl Maintenance for Told {
        async fn readiness(&self) -> Result<Readiness, StoreError> {
            Err(StoreError::Unavailable("not asked".to_owned()))
        }

        async fn delete_old(&self, _: Kept, _: Instant, _: usize) -> Result<usize, StoreError> {
            Ok(0)
        }

        async fn time(&self) -> Result<Option<Instant>, StoreError> {
            tokio::time::sleep(self.round_trip / 2).await;
            let now = self.now();
            tokio::time::sleep(self.round_trip / 2).await;
            Ok(Some(now))
        }
    }

    /// Two processes agree with the store at any time; no machine's clock is asked.
    #[tokio::test(start_paused = true)]
    async fn deadlines_follow_the_stores_clock_and_not_the_machines() {
        let store = Told::new(Duration::from_millis(10));
        let processes = [
            StoreClock::following(&store).await.unwrap().unwrap(),
            StoreClock::following(&store).await.unwrap().unwrap(),
        ];
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(200)).await;
            for clock in &processes {
                assert_eq!(clock.now(), store.now());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_drifts_is_corrected_and_never_goes_back() {
        let store = Told::new(Duration::from_millis(10));
        let clock = StoreClock::following(&store).await.unwrap().unwrap();
        store.step(time::Duration::milliseconds(-300));
        let before = clock.now();

        clock.measure(&store).await.unwrap();
        assert_eq!(clock.now(), before, "it waits until the store's clock has come up");
        tokio::time::advance(Duration::from_secs(1)).await;
        let error = Duration::from_millis(5);
        assert_eq!(clock.now(), store.now() + error, "half of the round trip");

        store.step(time::Duration::milliseconds(300));
        clock.measure(&store).await.unwrap();
        assert_eq!(clock.now(), store.now() - error);
        assert!(clock.is_sure());
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_stood_still_is_no_jump() {
        let store = Told::new(Duration::from_millis(10));
        let clock = StoreClock::following(&store).await.unwrap().unwrap();
        let late = Told { at: Mutex::new(store.now()), ..Told::new(Duration::from_secs(60)) };
        late.step(time::Duration::seconds(29));

        clock.measure(&late).await.unwrap();

        assert!(clock.is_sure());
        assert_eq!(clock.now(), store.now());
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_jump_nothing_is_decided_until_the_store_confirms_it() {
        let store = Told::new(Duration::ZERO);
        let clock = StoreClock::following(&store).await.unwrap().unwrap();
        for jump in [time::Duration::minutes(-10), time::Duration::minutes(10)] {
            store.step(jump);

            assert!(clock.measure(&store).await.is_err());
            assert!(!clock.is_sure());
            clock.measure(&store).await.unwrap();

            assert!(clock.is_sure());
            assert_eq!(clock.now(), store.now());
        }
        store.step(time::Duration::minutes(10));
        assert!(clock.measure(&store).await.is_err());
        store.step(time::Duration::minutes(-10));
        clock.measure(&store).await.unwrap();
        assert!(clock.is_sure(), "it was a slip");
    }
}
