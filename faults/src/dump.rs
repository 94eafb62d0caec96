//! What is in a store, read in one snapshot.

use anyhow::Result;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use crate::history::{Micros, now};
use crate::store::Connection;

macro_rules! rows {
    ($($(#[$doc:meta])* $row:ident { $($field:ident: $type:ty as $sql:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
        pub struct $row {
            $(
                #[doc = concat!("The column `", stringify!($field), "`.")]
                #[diesel(sql_type = $sql)]
                pub $field: $type,
            )*
        }
    )*};
}

rows! {
    /// A row of `users`.
    User { id: String as Text, email: String as Text }
    /// A row of `rooms`.
    Room { id: String as Text, capacity: i64 as BigInt }
    /// A row of `queue_tokens`.
    Token {
        id: String as Text,
        room_id: String as Text,
        user_id: String as Text,
        place: Option<i64> as Nullable<BigInt>,
        version: i64 as BigInt,
        status: String as Text,
        active_since: Option<Micros> as Nullable<BigInt>,
        expires_at: Option<Micros> as Nullable<BigInt>,
        reason: Option<String> as Nullable<Text>,
        ended_at: Option<Micros> as Nullable<BigInt>,
    }
    /// A row of `reservations`.
    Reservation {
        id: String as Text,
        user_id: String as Text,
        schedule_id: String as Text,
        queue_token_id: String as Text,
        total_price: i64 as BigInt,
        created_at: Micros as BigInt,
        expires_at: Micros as BigInt,
        status: String as Text,
        ended_at: Option<Micros> as Nullable<BigInt>,
    }
    /// A row of `tickets`.
    Ticket {
        id: String as Text,
        number: i64 as BigInt,
        reservation_id: String as Text,
        seat_id: String as Text,
        holder_id: String as Text,
        issued_at: Micros as BigInt,
        state: String as Text,
        void_at: Option<Micros> as Nullable<BigInt>,
        version: i64 as BigInt,
        checked_in_at: Option<Micros> as Nullable<BigInt>,
        door: Option<String> as Nullable<Text>,
    }
    /// A row of `events` that is of a ticket.
    TicketEvent { subject_id: String as Text, number: i64 as BigInt, kind: String as Text }
    /// A row of `reservation_seats`.
    ReservedSeat { reservation_id: String as Text, seat_id: String as Text }
    /// A row of `seats`.
    Seat {
        id: String as Text,
        schedule_id: String as Text,
        number: i64 as BigInt,
        price: i64 as BigInt,
        status: String as Text,
        reservation_id: Option<String> as Nullable<Text>,
        held_until: Option<Micros> as Nullable<BigInt>,
    }
    /// A row of `point_accounts`.
    Account { user_id: String as Text, balance: i64 as BigInt, entries: i64 as BigInt }
    /// A row of `payments`.
    Payment {
        id: String as Text,
        user_id: String as Text,
        reservation_id: String as Text,
        amount: i64 as BigInt,
        created_at: Micros as BigInt,
    }
    /// A row of `point_entries`.
    Entry {
        id: String as Text,
        user_id: String as Text,
        number: i64 as BigInt,
        kind: String as Text,
        amount: i64 as BigInt,
        balance_after: i64 as BigInt,
        payment_id: Option<String> as Nullable<Text>,
    }
}

/// Everything that the checker looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dump {
    /// When it was read.
    pub taken_at: Micros,
    /// The users.
    pub users: Vec<User>,
    /// The rooms.
    pub rooms: Vec<Room>,
    /// The queue tokens.
    pub tokens: Vec<Token>,
    /// The reservations.
    pub reservations: Vec<Reservation>,
    /// The tickets.
    pub tickets: Vec<Ticket>,
    /// The events of tickets.
    pub ticket_events: Vec<TicketEvent>,
    /// Whether a program from before tickets has confirmed reservations. It issues none, and voids none.
    pub lacks_tickets: bool,
    /// Which reservation has or had which seat. One that was taken off a paid reservation is not here.
    pub reserved_seats: Vec<ReservedSeat>,
    /// The seats.
    pub seats: Vec<Seat>,
    /// The point accounts.
    pub accounts: Vec<Account>,
    /// The payments.
    pub payments: Vec<Payment>,
    /// The lines of the accounts' histories.
    pub entries: Vec<Entry>,
}

/// The columns of the two tables that a line is judged by.
const ROOMS: &str =
    "SELECT CAST(id AS text) AS id, CAST(capacity AS bigint) AS capacity FROM rooms";
const TOKENS: &str = "SELECT CAST(id AS text) AS id, CAST(room_id AS text) AS room_id, \
    CAST(user_id AS text) AS user_id, place, version, status, @active_since@, @expires_at@, reason, \
    @ended_at@ \
    FROM queue_tokens";

macro_rules! read {
    ($connection:expr, $sql:expr) => {
        match $connection {
            Connection::Postgres(connection) => {
                sql_query(with_instants($sql, MICROS_OF_POSTGRES)).load(connection)?
            }
            Connection::Embedded(connection) => {
                sql_query(with_instants($sql, MICROS_OF_SQLITE)).load(connection)?
            }
        }
    };
}

const MICROS_OF_POSTGRES: &str = "CAST(extract(epoch FROM {}) * 1000000 AS bigint) AS {}";
const MICROS_OF_SQLITE: &str = "{}";

/// Puts what reads an instant in the place of `@column@`.
fn with_instants(sql: &str, form: &str) -> String {
    let parts = sql.split('@').enumerate();
    parts
        .map(|(i, part)| if i % 2 == 1 { form.replace("{}", part) } else { part.to_owned() })
        .collect()
}

impl Dump {
    /// Reads everything, inside a snapshot that the caller has begun.
    ///
    /// # Errors
    /// The store failed, or lacks a column.
    pub fn read(connection: &mut Connection) -> Result<Self> {
        Ok(Self {
            users: read!(connection, "SELECT CAST(id AS text) AS id, email FROM users"),
            reservations: read!(
                connection,
                "SELECT CAST(id AS text) AS id, CAST(user_id AS text) AS user_id, \
                 CAST(schedule_id AS text) AS schedule_id, \
                 CAST(queue_token_id AS text) AS queue_token_id, total_price, \
                 @created_at@, @expires_at@, status, @ended_at@ FROM reservations"
            ),
            tickets: read!(
                connection,
                "SELECT CAST(id AS text) AS id, number, \
                 CAST(reservation_id AS text) AS reservation_id, \
                 CAST(seat_id AS text) AS seat_id, CAST(holder_id AS text) AS holder_id, \
                 @issued_at@, state, @void_at@, version, @checked_in_at@, door FROM tickets"
            ),
            ticket_events: read!(
                connection,
                "SELECT CAST(subject_id AS text) AS subject_id, number, kind FROM events \
                 WHERE kind LIKE 'ticket.%'"
            ),
            reserved_seats: read!(
                connection,
                "SELECT CAST(reservation_id AS text) AS reservation_id, \
                 CAST(seat_id AS text) AS seat_id FROM reservation_seats"
            ),
            seats: read!(
                connection,
                "SELECT CAST(id AS text) AS id, CAST(schedule_id AS text) AS schedule_id, \
                 CAST(number AS bigint) AS number, price, status, \
                 CAST(reservation_id AS text) AS reservation_id, @held_until@ FROM seats"
            ),
            accounts: read!(
                connection,
                "SELECT CAST(user_id AS text) AS user_id, balance, entries FROM point_accounts"
            ),
            payments: read!(
                connection,
                "SELECT CAST(id AS text) AS id, CAST(user_id AS text) AS user_id, \
                 CAST(reservation_id AS text) AS reservation_id, amount, @created_at@ FROM payments"
            ),
            entries: read!(
                connection,
                "SELECT CAST(id AS text) AS id, CAST(user_id AS text) AS user_id, number, kind, \
                 amount, balance_after, CAST(payment_id AS text) AS payment_id FROM point_entries"
            ),
            ..Self::read_line(connection)?
        })
    }

    /// Reads the rooms and their tokens alone.
    ///
    /// # Errors
    /// The store failed, or lacks a column.
    pub fn read_line(connection: &mut Connection) -> Result<Self> {
        let rooms = read!(connection, ROOMS);
        let tokens = read!(connection, TOKENS);
        Ok(Self { taken_at: now(), rooms, tokens, ..Self::default() })
    }
}
