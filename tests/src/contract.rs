//! The contract of a store: what every MUST of the ports asks, as tests that any store can be held
//! against. [`contract!`](crate::contract!) stamps all of them on one store.

pub mod audits;
pub mod batches;
pub mod check_ins;
pub mod complimentary_tickets;
pub mod concerts;
pub mod deadlines;
pub mod events;
pub mod extend_and_cancel;
pub mod fixture;
pub mod history;
pub mod idempotency;
pub mod ids;
pub mod lines;
pub mod lost_writes;
pub mod mails;
pub mod managed_schedules;
pub mod only_stores;
pub mod orders;
pub mod outages;
pub mod pages;
pub mod posters;
pub mod races;
pub mod ranges;
pub mod refusals;
pub mod round_trips;
pub mod seat_blocks;
pub mod snapshot;
mod stamp;
pub mod store;
pub mod tickets;
pub mod venues;
pub mod world;

use fixture::Fixture;

/// Holds a fresh store to one part of the contract. Whatever the part does, the store is sound
/// after it.
pub async fn hold_to<F: Fixture>(part: impl AsyncFnOnce(F::Store)) {
    let fixture = F::new().await;
    part(fixture.store()).await;
    store::assert_sound(&fixture.store(), world::at(10_000_000)).await;
}

/// Holds a fresh store to a part of the contract that leaves it broken or without tables.
pub async fn hold_fixture_to<F: Fixture>(part: impl AsyncFnOnce(&F)) {
    part(&F::new().await).await;
}
