//! Checking stored data against the invariants.

use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz};
use stagedoor_domain::Instant;
use stagedoor_domain::ports::{Audit, Break, StoreError};

use crate::postgres::store::PostgresStore;
use crate::postgres::transaction::Isolation;

/// Each invariant, and a query for what breaks it as of `$1`.
const INVARIANTS: [(&str, &str); 14] = [
    ("no seat is in two live reservations", include_str!("audit/seat_in_two_reservations.sql")),
    (
        "a sold seat has one confirmed reservation and one payment",
        include_str!("audit/sold_seat.sql"),
    ),
    ("a seat of a confirmed reservation is sold to it", include_str!("audit/confirmed_seat.sql")),
    ("a seat and the reservation that holds it agree", include_str!("audit/held_seat.sql")),
    ("an active token does not end before its holds", include_str!("audit/token_of_hold.sql")),
    (
        "a schedule has the seats, and the paid ones, that it counts",
        include_str!("audit/seat_count.sql"),
    ),
    ("every user has a point account", include_str!("audit/account.sql")),
    ("a balance is the sum of its entries", include_str!("audit/balance.sql")),
    ("an account's entries are numbered and add up", include_str!("audit/entries.sql")),
    ("a payment has one use entry of its amount", include_str!("audit/payment.sql")),
    ("a reservation costs what its seats cost", include_str!("audit/price.sql")),
    ("no room is over capacity", include_str!("audit/capacity.sql")),
    ("no place is given twice or out of order", include_str!("audit/place.sql")),
    ("a user has one live token in a room", include_str!("audit/live_token.sql")),
];

/// An audit reads all there is, in whatever way is quickest, however long it takes.
const WHOLE_TABLES: &str = "SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; \
    SET LOCAL enable_mergejoin = on; SET LOCAL enable_sort = on; SET LOCAL plan_cache_mode = auto; \
    SET LOCAL statement_timeout = 0";

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[async_trait]
impl Audit for PostgresStore {
    async fn audit(&self, now: Instant) -> Result<Vec<Break>, StoreError> {
        self.run(Isolation::Snapshot, move |conn| {
            conn.batch_execute(WHOLE_TABLES)?;
            let mut breaks = Vec::new();
            for (invariant, query) in INVARIANTS {
                let found: Vec<Detail> =
                    diesel::sql_query(query).bind::<Timestamptz, _>(now).load(conn)?;
                breaks.extend(
                    found.into_iter().map(|found| Break {
                        invariant: invariant.to_owned(),
                        detail: found.detail,
                    }),
                );
            }
            Ok(breaks)
        })
        .await
    }
}
