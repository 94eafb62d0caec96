//! Who checks tickets of a concert, for its organizer and for operators.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::ChangeDoorStaff;
use stagedoor_domain::ports::DoorStaffMember;
use stagedoor_domain::{ConcertId, Email, Page, Submission, UserId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, Account, authorization};
use crate::edge::Action;
use crate::route::{Route, delete, get, nothing, object, page, post};
use crate::services::Services;
use crate::wire::{
    ApiError, Body, DoorRefused, PageBody, RequiredAccess, Resource, Timestamp, ids,
};

pub(super) fn routes() -> Vec<Route> {
    use ApiError::*;

    let of_managers = [Forbidden(RequiredAccess::OwnConcert), NotFound(Resource::Concert)];
    vec![
        get("/concerts/{concertId}/door-staff", list)
            .operation("listDoorStaff", "List who checks tickets of a concert.")
            .access(Access::Account)
            .response(200, page::<DoorStaffBody>())
            .refuses(&of_managers),
        post("/concerts/{concertId}/door-staff", assign)
            .operation("assignDoorStaff", "Have a user check tickets of a concert.")
            .description(
                "For the organizer of the concert and operators. It counts while the user has the role DOOR, which \
                 operators give. The same again changes nothing.",
            )
            .access(Access::Account)
            .limit(Action::Create)
            .response(201, object::<DoorStaffBody>())
            .refuses(&of_managers)
            .refuses(&[NotFound(Resource::User), Door(DoorRefused::NoDoorRole)]),
        delete("/concerts/{concertId}/door-staff/{userId}", dismiss)
            .operation("dismissDoorStaff", "Have a user check no more tickets of a concert.")
            .access(Access::Account)
            .response(204, nothing("The user checks no tickets of the concert"))
            .refuses(&of_managers),
    ]
}

/// A user who checks tickets of a concert.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DoorStaffBody {
    user_id: Uuid,
    #[schema(example = "박문수")]
    name: String,
    #[schema(example = "door@example.com")]
    email: String,
    assigned_at: Timestamp,
}

impl From<DoorStaffMember> for DoorStaffBody {
    fn from(member: DoorStaffMember) -> Self {
        Self {
            user_id: member.staff.user_id.0,
            name: member.name.as_str().to_owned(),
            email: member.email.as_str().to_owned(),
            assigned_at: member.staff.assigned_at.into(),
        }
    }
}

/// Whom to assign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDoorStaffBody {
    #[schema(format = "email", example = "door@example.com")]
    email: String,
}

async fn list(
    services: Data<Services>,
    Account(user_id): Account,
    id: Path<String>,
) -> Result<Json<PageBody<DoorStaffBody>>, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    let otherwise = RequiredAccess::OwnConcert;
    authorization::check(&services, user_id, concert_id, otherwise).await?;
    let items = services.doors.read.door_staff(concert_id).await?;
    Ok(Json(PageBody::of(Page::<_, Uuid> { items, next: None }, DoorStaffBody::from)))
}

async fn assign(
    services: Data<Services>,
    Account(manager_id): Account,
    id: Path<String>,
    body: Body<NewDoorStaffBody>,
) -> Result<HttpResponse, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    let email = Email::parse(&body.value.email)?;
    // Whether an address has an account is told to those alone who manage the concert.
    let otherwise = RequiredAccess::OwnConcert;
    authorization::check(&services, manager_id, concert_id, otherwise).await?;
    let user = services.people.users.user_by_email(&email).await?;
    let user = user.ok_or(ApiError::NotFound(Resource::User))?;
    let user_id = Some(user.id);
    let command = ChangeDoorStaff { manager_id, concert_id, user_id, is_assigned: true };
    let staff = services.doors.change_door_staff.submit(Submission::new(command)).await??;
    let staff = staff.ok_or(ApiError::Internal)?;
    let member = DoorStaffMember { staff, name: user.name, email: user.email };
    Ok(HttpResponse::Created().json(DoorStaffBody::from(member)))
}

async fn dismiss(
    services: Data<Services>,
    Account(manager_id): Account,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (concert_id, user_id) = path.into_inner();
    let concert_id: ConcertId = ids::parse_id(&concert_id, "concertId")?;
    let user_id: UserId = ids::parse_id(&user_id, "userId")?;
    let user_id = Some(user_id);
    let command = ChangeDoorStaff { manager_id, concert_id, user_id, is_assigned: false };
    services.doors.change_door_staff.submit(Submission::new(command)).await??;
    Ok(HttpResponse::NoContent().finish())
}
