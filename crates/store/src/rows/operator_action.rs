//! What staff did.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use serde::Serialize;
use serde::de::DeserializeOwned;
use stagedoor_domain::{
    HallId, Instant, OperatorAction, OperatorActionId, OperatorDeed, QueueTokenId, Reason,
    ReservationId, RoomId, ScheduleId, TicketId, UserId, UserPart, VenueId,
};
use uuid::Uuid;

use super::corrupt;
use crate::failure::Failure;
use crate::schema;
use crate::types::SubjectId;

const ROOM_CHANGED: &str = "ROOM_CHANGED";
const ACCOUNT_READ: &str = "ACCOUNT_READ";
const RESERVATIONS_READ: &str = "RESERVATIONS_READ";
const SCHEDULE_EDITED: &str = "SCHEDULE_EDITED";
const SCHEDULE_CANCELLED: &str = "SCHEDULE_CANCELLED";
const CHECK_IN_UNDONE: &str = "CHECK_IN_UNDONE";
const SEATS_BLOCKED: &str = "SEATS_BLOCKED";
const SEATS_UNBLOCKED: &str = "SEATS_UNBLOCKED";
const TICKETS_GIVEN: &str = "TICKETS_GIVEN";
const RESERVATION_CANCELLED: &str = "RESERVATION_CANCELLED";
const TOKEN_REMOVED: &str = "TOKEN_REMOVED";
const ROLE_CHANGED: &str = "ROLE_CHANGED";
const VENUE_EDITED: &str = "VENUE_EDITED";
const HALL_ADDED: &str = "HALL_ADDED";
const PLAN_CHANGED: &str = "PLAN_CHANGED";

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::operator_actions, check_for_backend(Pg, Sqlite))]
pub(crate) struct OperatorActionRow {
    pub(crate) id: OperatorActionId,
    pub(crate) operator_id: UserId,
    pub(crate) kind: String,
    pub(crate) room_id: Option<RoomId>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) user_id: Option<UserId>,
    /// The schedule, the reservation, the queue token, the venue or the hall.
    pub(crate) subject_id: Option<SubjectId>,
    pub(crate) reason: Option<String>,
    pub(crate) at: Instant,
}

impl OperatorActionRow {
    /// A column that rows of this kind have.
    fn required<T: Clone>(&self, value: Option<&T>, column: &str) -> Result<T, Failure> {
        value.cloned().ok_or_else(|| corrupt("operator action", self.id, column))
    }

    fn subject(&self) -> Result<Uuid, Failure> {
        self.required(self.subject_id.as_ref(), "subject_id").map(|id| id.0)
    }

    fn user(&self) -> Result<UserId, Failure> {
        self.required(self.user_id.as_ref(), "user_id")
    }

    fn reason(&self) -> Result<Reason, Failure> {
        let text = self.required(self.reason.as_ref(), "reason")?;
        Reason::stored(&text).map_err(|_| corrupt("operator action", self.id, "reason"))
    }

    /// A column of JSON.
    fn json<T: DeserializeOwned>(&self, text: Option<&String>, column: &str) -> Result<T, Failure> {
        let text = self.required(text, column)?;
        serde_json::from_str(&text).map_err(|_| corrupt("operator action", self.id, column))
    }

    /// The values before and after the change.
    fn change<T: DeserializeOwned>(&self) -> Result<(T, T), Failure> {
        let before = self.json(self.before.as_ref(), "before")?;
        Ok((before, self.json(self.after.as_ref(), "after")?))
    }

    /// What was done to something of a user.
    fn deed_to_user(&self) -> Result<OperatorDeed, Failure> {
        let (subject, user_id, reason) = (self.subject()?, self.user()?, self.reason()?);
        let reservation_id = ReservationId(subject);
        Ok(match self.kind.as_str() {
            TICKETS_GIVEN => OperatorDeed::TicketsGiven { reservation_id, user_id, reason },
            RESERVATION_CANCELLED => {
                OperatorDeed::ReservationCancelled { reservation_id, user_id, reason }
            }
            CHECK_IN_UNDONE => {
                OperatorDeed::CheckInUndone { ticket_id: TicketId(subject), user_id, reason }
            }
            TOKEN_REMOVED => {
                OperatorDeed::TokenRemoved { token_id: QueueTokenId(subject), user_id, reason }
            }
            _ => return Err(corrupt("operator action", self.id, "kind")),
        })
    }

    fn deed(&self) -> Result<OperatorDeed, Failure> {
        Ok(match self.kind.as_str() {
            ROOM_CHANGED => {
                let (before, after) = self.change()?;
                let room_id = self.required(self.room_id.as_ref(), "room_id")?;
                OperatorDeed::RoomChanged { room_id, before, after }
            }
            ACCOUNT_READ => {
                OperatorDeed::UserRead { user_id: self.user()?, part: UserPart::Account }
            }
            RESERVATIONS_READ => {
                OperatorDeed::UserRead { user_id: self.user()?, part: UserPart::Reservations }
            }
            SCHEDULE_EDITED => {
                let (before, after) = self.change()?;
                let schedule_id = ScheduleId(self.subject()?);
                OperatorDeed::ScheduleEdited { schedule_id, before, after }
            }
            SCHEDULE_CANCELLED => {
                let schedule_id = ScheduleId(self.subject()?);
                OperatorDeed::ScheduleCancelled { schedule_id, reason: self.reason()? }
            }
            SEATS_BLOCKED => OperatorDeed::SeatsBlocked {
                schedule_id: ScheduleId(self.subject()?),
                numbers: self.json(self.after.as_ref(), "after")?,
                reason: self.reason()?,
            },
            SEATS_UNBLOCKED => OperatorDeed::SeatsUnblocked {
                schedule_id: ScheduleId(self.subject()?),
                numbers: self.json(self.before.as_ref(), "before")?,
            },
            TICKETS_GIVEN | RESERVATION_CANCELLED | CHECK_IN_UNDONE | TOKEN_REMOVED => {
                self.deed_to_user()?
            }
            ROLE_CHANGED => {
                let (before, after) = self.change()?;
                OperatorDeed::RoleChanged { user_id: self.user()?, before, after }
            }
            VENUE_EDITED => {
                let (before, after) = self.change()?;
                OperatorDeed::VenueEdited { venue_id: VenueId(self.subject()?), before, after }
            }
            HALL_ADDED => OperatorDeed::HallAdded { hall_id: HallId(self.subject()?) },
            PLAN_CHANGED => {
                let (before, after) = self.change()?;
                OperatorDeed::PlanChanged { hall_id: HallId(self.subject()?), before, after }
            }
            _ => return Err(corrupt("operator action", self.id, "kind")),
        })
    }
}

impl TryFrom<OperatorActionRow> for OperatorAction {
    type Error = Failure;

    fn try_from(row: OperatorActionRow) -> Result<Self, Failure> {
        let deed = row.deed()?;
        Ok(Self { deed, id: row.id, operator_id: row.operator_id, at: row.at })
    }
}

/// The columns of a deed; those that it does not name are empty.
#[derive(Default)]
struct Columns {
    kind: &'static str,
    room_id: Option<RoomId>,
    before: Option<String>,
    after: Option<String>,
    user_id: Option<UserId>,
    subject_id: Option<Uuid>,
    reason: Option<String>,
}

impl Columns {
    fn of_kind(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }

    fn about(kind: &'static str, subject: Uuid) -> Self {
        Self { subject_id: Some(subject), ..Self::of_kind(kind) }
    }

    fn with_user(self, user_id: UserId) -> Self {
        Self { user_id: Some(user_id), ..self }
    }

    fn because(self, reason: &Reason) -> Self {
        Self { reason: Some(reason.as_str().to_owned()), ..self }
    }

    fn changing<T: Serialize>(self, before: &T, after: &T) -> Result<Self, Failure> {
        Ok(Self { before: Some(json(before)?), after: Some(json(after)?), ..self })
    }

    fn of(deed: &OperatorDeed) -> Result<Self, Failure> {
        Ok(match deed {
            OperatorDeed::RoomChanged { room_id, before, after } => {
                let changed = Self { room_id: Some(*room_id), ..Self::of_kind(ROOM_CHANGED) };
                changed.changing(before, after)?
            }
            OperatorDeed::UserRead { user_id, part: UserPart::Account } => {
                Self::of_kind(ACCOUNT_READ).with_user(*user_id)
            }
            OperatorDeed::UserRead { user_id, part: UserPart::Reservations } => {
                Self::of_kind(RESERVATIONS_READ).with_user(*user_id)
            }
            OperatorDeed::ScheduleEdited { schedule_id, before, after } => {
                Self::about(SCHEDULE_EDITED, schedule_id.0).changing(before, after)?
            }
            OperatorDeed::ScheduleCancelled { schedule_id, reason } => {
                Self::about(SCHEDULE_CANCELLED, schedule_id.0).because(reason)
            }
            OperatorDeed::CheckInUndone { ticket_id, user_id, reason } => {
                let about = Self::about(CHECK_IN_UNDONE, ticket_id.0);
                about.with_user(*user_id).because(reason)
            }
            OperatorDeed::SeatsBlocked { schedule_id, numbers, reason } => {
                let blocked = Self::about(SEATS_BLOCKED, schedule_id.0).because(reason);
                Self { after: Some(json(numbers)?), ..blocked }
            }
            OperatorDeed::SeatsUnblocked { schedule_id, numbers } => {
                let unblocked = Self::about(SEATS_UNBLOCKED, schedule_id.0);
                Self { before: Some(json(numbers)?), ..unblocked }
            }
            OperatorDeed::TicketsGiven { reservation_id, user_id, reason } => {
                let about = Self::about(TICKETS_GIVEN, reservation_id.0);
                about.with_user(*user_id).because(reason)
            }
            OperatorDeed::ReservationCancelled { reservation_id, user_id, reason } => {
                let about = Self::about(RESERVATION_CANCELLED, reservation_id.0);
                about.with_user(*user_id).because(reason)
            }
            OperatorDeed::TokenRemoved { token_id, user_id, reason } => {
                Self::about(TOKEN_REMOVED, token_id.0).with_user(*user_id).because(reason)
            }
            OperatorDeed::RoleChanged { user_id, before, after } => {
                Self::of_kind(ROLE_CHANGED).with_user(*user_id).changing(before, after)?
            }
            OperatorDeed::VenueEdited { venue_id, before, after } => {
                Self::about(VENUE_EDITED, venue_id.0).changing(before, after)?
            }
            OperatorDeed::HallAdded { hall_id } => Self::about(HALL_ADDED, hall_id.0),
            OperatorDeed::PlanChanged { hall_id, before, after } => {
                Self::about(PLAN_CHANGED, hall_id.0).changing(before, after)?
            }
        })
    }
}

fn json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::Corrupt(error.to_string()))
}

impl TryFrom<&OperatorAction> for OperatorActionRow {
    type Error = Failure;

    fn try_from(action: &OperatorAction) -> Result<Self, Failure> {
        let columns = Columns::of(&action.deed)?;
        Ok(Self {
            id: action.id,
            operator_id: action.operator_id,
            kind: columns.kind.to_owned(),
            room_id: columns.room_id,
            before: columns.before,
            after: columns.after,
            user_id: columns.user_id,
            subject_id: columns.subject_id.map(SubjectId),
            reason: columns.reason,
            at: action.at,
        })
    }
}
