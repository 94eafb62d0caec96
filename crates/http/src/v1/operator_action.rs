//! The record of what operators did.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use actix_web::web::{Data, Json, Query};
use serde::Serialize;
use stagedoor_domain::{
    OperatorAction, OperatorActionId, OperatorDeed, RoomControls, UserId, UserPart,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::room::PolicyBody;
use crate::auth::{Access, Operator};
use crate::route::{Route, get, page, tagged};
use crate::services::Services;
use crate::wire::{ApiError, PageBody, PageQuery, Timestamp};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = vec![
        get("/operator-actions", list)
            .operation(
                "listOperatorActions",
                "List what operators changed and whose data they read, newest first.",
            )
            .access(Access::Operator)
            .response(200, page::<OperatorActionBody>()),
    ];
    tagged("rooms", routes)
}

/// One action of an operator: a change of a room, or a read of another user's data.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperatorActionBody {
    id: Uuid,
    operator_id: Uuid,
    #[schema(example = "Demo Operator")]
    operator_name: String,
    /// `ROOM_CHANGED`, `ACCOUNT_READ` or `RESERVATIONS_READ`.
    #[schema(example = "ROOM_CHANGED")]
    kind: &'static str,
    /// The changed room.
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<Uuid>,
    /// The room's controls before the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<RoomControlsBody>,
    /// The room's controls after the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<RoomControlsBody>,
    /// The user whose account or reservations were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Uuid>,
    at: Timestamp,
}

/// The controls of a room.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoomControlsBody {
    policy: PolicyBody,
    /// The message to waiting users.
    #[schema(example = "Doors open at seven.")]
    message: String,
}

impl From<RoomControls> for RoomControlsBody {
    fn from(controls: RoomControls) -> Self {
        let message = controls.message.as_str().to_owned();
        Self { policy: controls.policy.into(), message }
    }
}

impl OperatorActionBody {
    fn new(action: OperatorAction, names: &HashMap<UserId, String>) -> Self {
        let (kind, changed, user_id) = match action.deed {
            OperatorDeed::RoomChanged { room_id, before, after } => {
                ("ROOM_CHANGED", Some((room_id.0, before.into(), after.into())), None)
            }
            OperatorDeed::UserRead { user_id, part } => {
                let kind = match part {
                    UserPart::Account => "ACCOUNT_READ",
                    UserPart::Reservations => "RESERVATIONS_READ",
                };
                (kind, None, Some(user_id.0))
            }
        };
        let (room_id, before, after) = match changed {
            Some((room_id, before, after)) => (Some(room_id), Some(before), Some(after)),
            None => (None, None, None),
        };
        Self {
            id: action.id.0,
            operator_id: action.operator_id.0,
            operator_name: names.get(&action.operator_id).cloned().unwrap_or_default(),
            kind,
            room_id,
            before,
            after,
            user_id,
            at: action.at.into(),
        }
    }
}

async fn list(
    services: Data<Services>,
    _: Operator,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<OperatorActionBody>>, ApiError> {
    let (size, after) = (page.size()?, page.after()?.map(OperatorActionId));
    let found = services.operator_actions.operator_actions(after, size).await?;
    let names = names(&services, &found.items).await?;
    Ok(Json(PageBody::of(found, |action| OperatorActionBody::new(action, &names))))
}

/// The names of the operators; they are few.
async fn names(
    services: &Services,
    actions: &[OperatorAction],
) -> Result<HashMap<UserId, String>, ApiError> {
    let mut names = HashMap::new();
    for action in actions {
        if let Entry::Vacant(unknown) = names.entry(action.operator_id)
            && let Some(user) = services.people.users.user(action.operator_id).await?
        {
            unknown.insert(user.name.as_str().to_owned());
        }
    }
    Ok(names)
}
