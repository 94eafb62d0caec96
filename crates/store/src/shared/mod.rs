//! The source that is the same for both databases. [`postgres`](crate::postgres) and [`sqlite`](crate::sqlite) each
//! mount this folder as a module of their own; what they differ in, it takes from their `dialect`.

use super::dialect;

mod audit;
mod concert;
mod door;
mod event;
mod execute;
mod hall;
pub(super) mod load;
mod load_mails;
mod load_tickets;
mod load_webhooks;
mod maintenance;
mod migrations;
mod operator_action;
mod order;
mod payment;
mod point;
mod poster;
pub(super) mod pulse;
mod queue_token;
mod reservation;
mod room;
mod schedule;
mod ticket;
mod user;
mod venue;
mod waiting_line;
mod webhook;
mod write;
mod write_events;
mod write_mails;
mod write_tickets;

use stagedoor_domain::PageSize;

/// How many rows to read for a page: one more, which shows whether there is a next page.
fn one_more(size: PageSize) -> i64 {
    i64::try_from(size.items()).map_or(i64::MAX, |items| items + 1)
}
