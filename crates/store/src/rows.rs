//! Rows of tables, and how they fold into entities.

mod booking;
mod concert;
mod event;
mod mail;
mod operator_action;
mod queue;
mod ticket;
mod venue;
mod wallet;
mod webhook;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::mail::Contact;
use stagedoor_domain::user::Sessions;
use stagedoor_domain::{Email, Instant, PersonName, Role, User, UserId};

use crate::failure::Failure;
use crate::schema;

pub(crate) use booking::{
    ReservationRow, ReservedSeatColumns, ReservedSeatRow, ScheduleRow, SeatRow, SeatStateRow,
    own_tickets_row, reservation_columns, seat_columns, seat_kind_column, with_seats,
};
use concert::concert_state;
pub(crate) use concert::{ConcertRow, PosterImageRow, concert_state_text, tags_text};
pub(crate) use event::EventRow;
pub(crate) use mail::{MailRow, MailTokenRow, mail_columns};
pub(crate) use operator_action::OperatorActionRow;
pub(crate) use queue::{
    LineDeltaRow, NumberRangeRow, QueueTokenRow, RoomRow, sequence_bytes, token_columns,
};
pub(crate) use ticket::{DoorStaffRow, TicketRow, ticket_columns};
pub(crate) use venue::{HallPlanRow, HallRow, VenueRow};
pub(crate) use wallet::{
    IdempotencyRecordRow, PaymentRow, PointAccountRow, PointEntryRow, kind_text,
};
pub(crate) use webhook::{
    DeliveryRow, WebhookRow, delivery_columns, kinds_text, webhook_state_text,
};

/// Folds rows into entities.
pub(crate) fn fold<R, T: TryFrom<R, Error = Failure>>(rows: Vec<R>) -> Result<Vec<T>, Failure> {
    rows.into_iter().map(T::try_from).collect()
}

/// Folds a row into an entity, if there is one.
pub(crate) fn fold_one<R, T: TryFrom<R, Error = Failure>>(
    row: Option<R>,
) -> Result<Option<T>, Failure> {
    row.map(T::try_from).transpose()
}

pub(crate) fn corrupt(table: &str, id: impl std::fmt::Display, column: &str) -> Failure {
    Failure::Corrupt(format!("{table} {id}: {column} makes no sense"))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::users, check_for_backend(Pg, Sqlite))]
pub(crate) struct UserRow {
    id: UserId,
    name: String,
    email: String,
    password_hash: String,
    role: String,
    created_at: Instant,
    session_version: i64,
    sessions_ended_at: Option<Instant>,
    email_verified_at: Option<Instant>,
    language: String,
}

impl TryFrom<UserRow> for User {
    type Error = Failure;

    fn try_from(row: UserRow) -> Result<Self, Failure> {
        let wrong = |column| corrupt("user", row.id, column);
        Ok(Self {
            id: row.id,
            name: PersonName::stored(&row.name).map_err(|_| wrong("name"))?,
            email: Email::stored(&row.email).map_err(|_| wrong("email"))?,
            role: role(&row.role).ok_or_else(|| wrong("role"))?,
            password_hash: row.password_hash,
            created_at: row.created_at,
            sessions: Sessions { version: row.session_version, ended_at: row.sessions_ended_at },
            contact: Contact {
                verified_at: row.email_verified_at,
                language: mail::language(&row.language).ok_or_else(|| wrong("language"))?,
            },
        })
    }
}

fn role(text: &str) -> Option<Role> {
    let roles = [Role::Fan, Role::Organizer, Role::Door, Role::Operator];
    roles.into_iter().find(|role| role_text(*role) == text)
}

pub(crate) fn role_text(role: Role) -> &'static str {
    match role {
        Role::Fan => "FAN",
        Role::Organizer => "ORGANIZER",
        Role::Door => "DOOR",
        Role::Operator => "OPERATOR",
    }
}
