//! What operators did.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::{
    Instant, OperatorAction, OperatorActionId, OperatorDeed, RoomControls, RoomId, UserId, UserPart,
};

use super::corrupt;
use crate::failure::Failure;
use crate::schema;

const ROOM_CHANGED: &str = "ROOM_CHANGED";
const ACCOUNT_READ: &str = "ACCOUNT_READ";
const RESERVATIONS_READ: &str = "RESERVATIONS_READ";

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
    pub(crate) at: Instant,
}

impl TryFrom<OperatorActionRow> for OperatorAction {
    type Error = Failure;

    fn try_from(row: OperatorActionRow) -> Result<Self, Failure> {
        let controls = |text: &str, column| {
            serde_json::from_str(text).map_err(|_| corrupt("operator action", row.id, column))
        };
        let read = |user_id, part| OperatorDeed::UserRead { user_id, part };
        let deed = match (row.kind.as_str(), row.room_id, &row.before, &row.after, row.user_id) {
            (ROOM_CHANGED, Some(room_id), Some(before), Some(after), None) => {
                OperatorDeed::RoomChanged {
                    room_id,
                    before: controls(before, "before")?,
                    after: controls(after, "after")?,
                }
            }
            (ACCOUNT_READ, None, None, None, Some(user_id)) => read(user_id, UserPart::Account),
            (RESERVATIONS_READ, None, None, None, Some(user_id)) => {
                read(user_id, UserPart::Reservations)
            }
            _ => return Err(corrupt("operator action", row.id, "kind")),
        };
        Ok(Self { deed, id: row.id, operator_id: row.operator_id, at: row.at })
    }
}

impl TryFrom<&OperatorAction> for OperatorActionRow {
    type Error = Failure;

    fn try_from(action: &OperatorAction) -> Result<Self, Failure> {
        let text = |controls: &RoomControls| {
            serde_json::to_string(controls).map_err(|error| Failure::Corrupt(error.to_string()))
        };
        let (kind, room_id, before, after, user_id) = match &action.deed {
            OperatorDeed::RoomChanged { room_id, before, after } => {
                (ROOM_CHANGED, Some(*room_id), Some(text(before)?), Some(text(after)?), None)
            }
            OperatorDeed::UserRead { user_id, part } => {
                let kind = match part {
                    UserPart::Account => ACCOUNT_READ,
                    UserPart::Reservations => RESERVATIONS_READ,
                };
                (kind, None, None, None, Some(*user_id))
            }
        };
        Ok(Self {
            id: action.id,
            operator_id: action.operator_id,
            kind: kind.to_owned(),
            room_id,
            before,
            after,
            user_id,
            at: action.at,
        })
    }
}
