//! The service from outside, over HTTP, on both stores.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod abuse;
mod accounts;
mod booking;
mod complimentary_tickets;
mod concerts;
mod contracts;
mod door;
mod edge;
mod extend_and_cancel;
mod flow;
mod line;
mod mail;
mod managed_schedules;
mod orders;
mod overload;
mod pages;
mod people;
mod posters;
mod races;
mod seat_blocks;
mod sessions;
mod slow_clients;
mod sold_out;
mod start_up;
mod tickets;
mod varnish;
mod venues;
mod waiting_room;
mod wallet;
mod webhooks;

/// Stamps each of these tests on both stores.
macro_rules! on_both_stores {
    ($($test:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(stagedoor_tests::service::StoreKind::Embedded).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(stagedoor_tests::service::StoreKind::Postgres).await;
            })*
        }
    };
}
pub(crate) use on_both_stores;
