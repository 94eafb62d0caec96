//! Checking stored data against the invariants.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Text;
use stagedoor_domain::Instant;
use stagedoor_domain::ports::{Audit, StoreError, Violation};

use super::dialect::{self, Store};
use crate::types::SqlInstant;

/// Each invariant, and a query for what breaks it as of `$1`.
const INVARIANTS: [(&str, &str); 22] = [
    ("no seat is in two live reservations", include_str!("audit/seat_in_two_reservations.sql")),
    (
        "a sold seat has one confirmed reservation, and one payment unless it is complimentary",
        include_str!("audit/sold_seat.sql"),
    ),
    ("a seat of a confirmed reservation is sold to it", include_str!("audit/confirmed_seat.sql")),
    ("a seat and the reservation that holds it agree", include_str!("audit/held_seat.sql")),
    ("an active token does not end before its holds", include_str!("audit/token_of_hold.sql")),
    (
        "a schedule has the seats, the paid and the blocked ones, that it counts",
        include_str!("audit/seat_count.sql"),
    ),
    ("a blocked seat names the record of its blocking", include_str!("audit/blocked_seat.sql")),
    ("a hall has every version of its plan", include_str!("audit/hall_plan.sql")),
    (
        "a schedule has as many seats as its plan has places",
        include_str!("audit/schedule_plan.sql"),
    ),
    ("every user has a point account", include_str!("audit/account.sql")),
    ("a balance is the sum of its entries", include_str!("audit/balance.sql")),
    ("an account's entries are numbered and add up", include_str!("audit/entries.sql")),
    (
        "a payment has one use entry of its amount, and pays what is left and what came back",
        include_str!("audit/payment.sql"),
    ),
    ("a reservation costs what its seats cost", include_str!("audit/price.sql")),
    ("each seat of a confirmed reservation has one valid ticket", include_str!("audit/ticket.sql")),
    ("a ticket is checked in as its last event says", include_str!("audit/check_in.sql")),
    ("no room exceeds its capacity", include_str!("audit/capacity.sql")),
    ("no place is given twice or out of order", include_str!("audit/place.sql")),
    ("a queue token has a room and a user", include_str!("audit/token_owner.sql")),
    ("a user has one live token in a room", include_str!("audit/live_token.sql")),
    (
        "rooms and schedules know the state of their concert",
        include_str!("audit/concert_state.sql"),
    ),
    ("a concert has the images of its poster alone", include_str!("audit/poster.sql")),
];

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[async_trait]
impl Audit for Store {
    async fn audit(&self, now: Instant) -> Result<Vec<Violation>, StoreError> {
        self.long_snapshot(move |conn| {
            dialect::read_whole_tables(conn)?;
            let mut violations = Vec::new();
            for (invariant, query) in INVARIANTS {
                let found: Vec<Detail> =
                    diesel::sql_query(query).bind::<SqlInstant, _>(now).load(conn)?;
                violations.extend(found.into_iter().map(|found| Violation {
                    invariant: invariant.to_owned(),
                    detail: found.detail,
                }));
            }
            Ok(violations)
        })
        .await
    }
}
