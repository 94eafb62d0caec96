//! What operators did: reading and writing it.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{OperatorActions, StoreError};
use stagedoor_domain::{
    Changes, Instant, OperatorAction, OperatorActionId, OperatorDeed, Page, PageSize, RoomId,
    Steering, UserId, UserPart,
};
use uuid::Uuid;

use crate::postgres::failure::Failure;
use crate::postgres::rows::{corrupt, fold};
use crate::postgres::schema::operator_actions;
use crate::postgres::store::{PostgresStore, one_more};

const ROOM_CHANGED: &str = "ROOM_CHANGED";
const ACCOUNT_READ: &str = "ACCOUNT_READ";
const RESERVATIONS_READ: &str = "RESERVATIONS_READ";

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = operator_actions, check_for_backend(diesel::pg::Pg))]
struct OperatorActionRow {
    id: Uuid,
    operator_id: Uuid,
    kind: String,
    room_id: Option<Uuid>,
    before: Option<String>,
    after: Option<String>,
    user_id: Option<Uuid>,
    at: Instant,
}

impl TryFrom<OperatorActionRow> for OperatorAction {
    type Error = Failure;

    fn try_from(row: OperatorActionRow) -> Result<Self, Failure> {
        let steering = |text: &str, column| {
            serde_json::from_str(text).map_err(|_| corrupt("operator action", row.id, column))
        };
        let read = |user_id: Uuid, part| OperatorDeed::UserRead { user_id: UserId(user_id), part };
        let deed = match (row.kind.as_str(), row.room_id, &row.before, &row.after, row.user_id) {
            (ROOM_CHANGED, Some(room_id), Some(before), Some(after), None) => {
                OperatorDeed::RoomChanged {
                    room_id: RoomId(room_id),
                    before: steering(before, "before")?,
                    after: steering(after, "after")?,
                }
            }
            (ACCOUNT_READ, None, None, None, Some(user_id)) => read(user_id, UserPart::Account),
            (RESERVATIONS_READ, None, None, None, Some(user_id)) => {
                read(user_id, UserPart::Reservations)
            }
            _ => return Err(corrupt("operator action", row.id, "kind")),
        };
        Ok(Self {
            deed,
            id: OperatorActionId(row.id),
            operator_id: UserId(row.operator_id),
            at: row.at,
        })
    }
}

impl TryFrom<&OperatorAction> for OperatorActionRow {
    type Error = Failure;

    fn try_from(action: &OperatorAction) -> Result<Self, Failure> {
        let text = |steering: &Steering| {
            serde_json::to_string(steering).map_err(|error| Failure::Corrupt(error.to_string()))
        };
        let (kind, room_id, before, after, user_id) = match &action.deed {
            OperatorDeed::RoomChanged { room_id, before, after } => {
                (ROOM_CHANGED, Some(room_id.0), Some(text(before)?), Some(text(after)?), None)
            }
            OperatorDeed::UserRead { user_id, part } => {
                let kind = match part {
                    UserPart::Account => ACCOUNT_READ,
                    UserPart::Reservations => RESERVATIONS_READ,
                };
                (kind, None, None, None, Some(user_id.0))
            }
        };
        Ok(Self {
            id: action.id.0,
            operator_id: action.operator_id.0,
            kind: kind.to_owned(),
            room_id,
            before,
            after,
            user_id,
            at: action.at,
        })
    }
}

/// The newest action on a room, if there is any.
pub(crate) fn of_room(
    conn: &mut PgConnection,
    room_id: RoomId,
) -> Result<Option<OperatorAction>, Failure> {
    let row = operator_actions::table
        .select(OperatorActionRow::as_select())
        .filter(operator_actions::room_id.eq(room_id.0))
        .order(operator_actions::id.desc())
        .first(conn)
        .optional()?;
    row.map(OperatorAction::try_from).transpose()
}

pub(crate) fn write(conn: &mut PgConnection, changes: &Changes) -> Result<(), Failure> {
    for action in changes.inserted::<OperatorAction>() {
        let row = OperatorActionRow::try_from(action)?;
        let written = diesel::insert_into(operator_actions::table).values(row).execute(conn)?;
        if written != 1 {
            return Err(Failure::Corrupt("an operator action was not written".to_owned()));
        }
    }
    Ok(())
}

#[async_trait]
impl OperatorActions for PostgresStore {
    async fn operator_actions(
        &self,
        after: Option<OperatorActionId>,
        size: PageSize,
    ) -> Result<Page<OperatorAction, OperatorActionId>, StoreError> {
        self.read(move |conn| {
            let mut query = operator_actions::table
                .select(OperatorActionRow::as_select())
                .order(operator_actions::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(operator_actions::id.lt(after.0));
            }
            let actions: Vec<OperatorAction> = fold(query.load(conn)?)?;
            Ok(Page::of(actions, size, |action| action.id))
        })
        .await
    }
}
