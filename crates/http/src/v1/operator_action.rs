//! The record of what operators did.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use actix_web::web::{Data, Json, Query};
use serde::Serialize;
use stagedoor_domain::{
    OperatorAction, OperatorActionId, OperatorDeed, Reason, ReservationId, Role, RoomControls,
    ScheduleId, UserId, UserPart,
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

/// One action of an operator, or of an organizer with a concert of their own.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperatorActionBody {
    id: Uuid,
    operator_id: Uuid,
    #[schema(example = "Demo Operator")]
    operator_name: String,
    /// `ROOM_CHANGED`, `ACCOUNT_READ`, `RESERVATIONS_READ`, `SCHEDULE_EDITED`, `SCHEDULE_CANCELLED`,
    /// `SEATS_BLOCKED`, `SEATS_UNBLOCKED`, `TICKETS_GIVEN`, `RESERVATION_CANCELLED`, `CHECK_IN_UNDONE`, `TOKEN_REMOVED`,
    /// `ROLE_CHANGED`, `VENUE_EDITED`, `HALL_ADDED` or `PLAN_CHANGED`.
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
    /// The user whose data were read, or whose reservation, ticket, queue token or role it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Uuid>,
    /// The schedule that was edited or cancelled, or whose seats were blocked or unblocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_id: Option<Uuid>,
    /// The numbers of the seats that were blocked or unblocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([11, 12]))]
    seat_numbers: Option<Vec<i32>>,
    /// The reservation that was cancelled, or made of complimentary tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation_id: Option<Uuid>,
    /// The ticket whose check-in was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_id: Option<Uuid>,
    /// The queue token that was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_token_id: Option<Uuid>,
    /// The venue that was edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    venue_id: Option<Uuid>,
    /// The hall that was added, or got another seat plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    hall_id: Option<Uuid>,
    /// The version of the hall's seat plan since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2)]
    plan_version: Option<i32>,
    /// The user's role since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "ORGANIZER")]
    role: Option<Role>,
    /// Why, where a reason is required.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
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
        let body = Self {
            id: action.id.0,
            operator_id: action.operator_id.0,
            operator_name: names.get(&action.operator_id).cloned().unwrap_or_default(),
            kind: "",
            room_id: None,
            before: None,
            after: None,
            user_id: None,
            schedule_id: None,
            seat_numbers: None,
            reservation_id: None,
            ticket_id: None,
            queue_token_id: None,
            venue_id: None,
            hall_id: None,
            plan_version: None,
            role: None,
            reason: None,
            at: action.at.into(),
        };
        body.with(action.deed)
    }

    /// The body with what was done with a date or its seats in it.
    fn of_schedule(
        self,
        kind: &'static str,
        schedule_id: ScheduleId,
        seat_numbers: Option<Vec<i32>>,
        reason: Option<&Reason>,
    ) -> Self {
        let reason = reason.map(|reason| reason.as_str().to_owned());
        Self { kind, schedule_id: Some(schedule_id.0), seat_numbers, reason, ..self }
    }

    /// The body with what was done with a user's reservation in it.
    fn of_reservation(
        self,
        kind: &'static str,
        reservation_id: ReservationId,
        user_id: UserId,
        reason: &Reason,
    ) -> Self {
        Self { reservation_id: Some(reservation_id.0), ..self.of_user(kind, user_id, reason) }
    }

    /// The body of what was done to something of a user.
    fn of_user(self, kind: &'static str, user_id: UserId, reason: &Reason) -> Self {
        let (user_id, reason) = (Some(user_id.0), Some(reason.as_str().to_owned()));
        Self { kind, user_id, reason, ..self }
    }

    /// The body with what was done in it.
    fn with(self, deed: OperatorDeed) -> Self {
        match deed {
            OperatorDeed::RoomChanged { room_id, before, after } => Self {
                kind: "ROOM_CHANGED",
                room_id: Some(room_id.0),
                before: Some(before.into()),
                after: Some(after.into()),
                ..self
            },
            OperatorDeed::UserRead { user_id, part } => {
                let kind = match part {
                    UserPart::Account => "ACCOUNT_READ",
                    UserPart::Reservations => "RESERVATIONS_READ",
                };
                Self { kind, user_id: Some(user_id.0), ..self }
            }
            OperatorDeed::ScheduleEdited { schedule_id, .. } => {
                self.of_schedule("SCHEDULE_EDITED", schedule_id, None, None)
            }
            OperatorDeed::ScheduleCancelled { schedule_id, reason } => {
                self.of_schedule("SCHEDULE_CANCELLED", schedule_id, None, Some(&reason))
            }
            OperatorDeed::SeatsBlocked { schedule_id, numbers, reason } => {
                self.of_schedule("SEATS_BLOCKED", schedule_id, Some(numbers), Some(&reason))
            }
            OperatorDeed::SeatsUnblocked { schedule_id, numbers } => {
                self.of_schedule("SEATS_UNBLOCKED", schedule_id, Some(numbers), None)
            }
            OperatorDeed::TicketsGiven { reservation_id, user_id, reason } => {
                self.of_reservation("TICKETS_GIVEN", reservation_id, user_id, &reason)
            }
            OperatorDeed::ReservationCancelled { reservation_id, user_id, reason } => {
                self.of_reservation("RESERVATION_CANCELLED", reservation_id, user_id, &reason)
            }
            OperatorDeed::CheckInUndone { ticket_id, user_id, reason } => {
                let of_user = self.of_user("CHECK_IN_UNDONE", user_id, &reason);
                Self { ticket_id: Some(ticket_id.0), ..of_user }
            }
            OperatorDeed::TokenRemoved { token_id, user_id, reason } => {
                let of_user = self.of_user("TOKEN_REMOVED", user_id, &reason);
                Self { queue_token_id: Some(token_id.0), ..of_user }
            }
            OperatorDeed::RoleChanged { user_id, after, .. } => {
                Self { kind: "ROLE_CHANGED", user_id: Some(user_id.0), role: Some(after), ..self }
            }
            OperatorDeed::VenueEdited { venue_id, .. } => {
                Self { kind: "VENUE_EDITED", venue_id: Some(venue_id.0), ..self }
            }
            OperatorDeed::HallAdded { hall_id } => {
                Self { kind: "HALL_ADDED", hall_id: Some(hall_id.0), ..self }
            }
            OperatorDeed::PlanChanged { hall_id, after, .. } => Self {
                kind: "PLAN_CHANGED",
                hall_id: Some(hall_id.0),
                plan_version: Some(after),
                ..self
            },
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
