//! The roles of users, for operators.

use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use stagedoor_domain::operations::ChangeRole;
use stagedoor_domain::{OperatorActionId, Role, Submission};
use utoipa::ToSchema;

use super::user::UserBody;
use crate::auth::{Access, Operator};
use crate::route::{Route, object, put, tagged};
use crate::services::Services;
use crate::wire::{ApiError, Body, Resource, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = vec![
        put("/users/{userId}/role", change)
            .operation("changeRole", "Give another user a role.")
            .description("Another role ends all sessions of the user. The change is recorded.")
            .access(Access::Operator)
            .response(200, object::<UserBody>())
            .refuses(&[ApiError::NotFound(Resource::User), ApiError::OwnRole]),
    ];
    tagged("people", routes)
}

/// The new role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRoleBody {
    #[schema(value_type = String, example = "ORGANIZER", pattern = "^(FAN|ORGANIZER|DOOR|OPERATOR)$")]
    role: Role,
}

async fn change(
    services: Data<Services>,
    operator: Operator,
    id: Path<String>,
    body: Body<NewRoleBody>,
) -> Result<Json<UserBody>, ApiError> {
    let command = ChangeRole {
        action_id: OperatorActionId(ids::new_uuid()),
        operator_id: operator.0,
        user_id: ids::parse_id(&id, "userId")?,
        role: body.value.role,
    };
    let profile = services.staff.change_role.submit(Submission::new(command)).await??;
    Ok(Json(profile.into()))
}
