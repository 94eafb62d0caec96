//! `/api/v1`.

pub(crate) mod complimentary_ticket;
pub(crate) mod concert;
pub(crate) mod deletion;
pub(crate) mod door;
pub(crate) mod event;
pub(crate) mod event_streams;
pub(crate) mod export;
pub(crate) mod hall;
pub(crate) mod line;
pub(crate) mod mail;
pub(crate) mod managed_schedule;
mod managed_token;
mod named_seats;
pub(crate) mod operator_action;
pub(crate) mod order;
pub(crate) mod password;
pub(crate) mod payment;
pub(crate) mod point;
pub(crate) mod queue_events;
pub(crate) mod queue_token;
pub(crate) mod reservation;
pub(crate) mod role;
pub(crate) mod room;
pub(crate) mod sales;
pub(crate) mod schedule;
pub(crate) mod seat_block;
pub(crate) mod seat_events;
pub(crate) mod session;
pub(crate) mod ticket;
pub(crate) mod user;
pub(crate) mod venue;
pub(crate) mod webhook;

use crate::route::Route;

pub(crate) const PREFIX: &str = "/api/v1";

/// Every route, without the prefix. They are tried in this order, so the most frequent ones come first.
pub(crate) fn routes() -> Vec<Route> {
    let groups = [
        queue_token::routes(),
        reservation::routes(),
        payment::routes(),
        ticket::routes(),
        schedule::routes(),
        point::routes(),
        user::routes(),
        password::routes(),
        mail::routes(),
        deletion::routes(),
        export::routes(),
        session::routes(),
        concert::routes(),
        seat_events::routes(),
        queue_events::routes(),
        line::routes(),
        room::routes(),
        managed_token::routes(),
        managed_schedule::routes(),
        seat_block::routes(),
        order::routes(),
        complimentary_ticket::routes(),
        role::routes(),
        operator_action::routes(),
        sales::routes(),
        venue::routes(),
        hall::routes(),
        webhook::routes(),
        door::routes(),
    ];
    groups.into_iter().flatten().collect()
}
