//! Waiting rooms and their controls, for operators.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{ChangePolicy, PolicyEdit};
use stagedoor_domain::ports::RoomCount;
use stagedoor_domain::room::RoomMessage;
use stagedoor_domain::{
    ExpectedVersion, OperatorActionId, PageSize, RoomId, RoomPolicy, Submission,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, Operator};
use crate::route::{Route, get, object, page, patch, post, tagged};
use crate::services::Services;
use crate::wire::{
    ApiError, Body, OptionalIfMatch, PageBody, PageQuery, Resource, Whole, entity_tag, given, ids,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        get("/rooms", list)
            .operation("listRooms", "List the waiting rooms, newest first.")
            .access(Access::Operator)
            .response(200, page::<RoomBody>()),
        get("/rooms/{roomId}", find)
            .operation("readRoom", "Read a waiting room.")
            .description("The `ETag` is that of the policy and the message.")
            .access(Access::Operator)
            .response(200, object::<RoomBody>())
            .response_header("ETag")
            .refuses(&[NotFound(Resource::Room)]),
        patch("/rooms/{roomId}", change_policy)
            .operation("changePolicy", "Change a room's policy, or the message to waiting users.")
            .description(
                "With `If-Match`, the change is refused if the policy or the message was changed \
                 since the client read it.",
            )
            .access(Access::Operator)
            .response(200, object::<RoomBody>())
            .response_header("ETag")
            .refuses(&[NotFound(Resource::Room)]),
        post("/rooms/pause", pause_all)
            .operation("pauseAllRooms", "Pause admission to all rooms, or resume it.")
            .description(
                "Room by room: if it fails in between, send it again. Each room that changes is recorded.",
            )
            .access(Access::Operator)
            .response(200, object::<PausedBody>()),
    ];
    tagged("rooms", routes)
}

/// A room and its occupancy.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomBody {
    id: Uuid,
    /// The concert that it covers; null for the site-wide room.
    concert_id: Option<Uuid>,
    policy: PolicyBody,
    /// The message to waiting users.
    #[schema(example = "Doors open at seven.")]
    message: String,
    /// How many waiting tokens were admitted in a minute, by the recent admissions that this process saw;
    /// null without any.
    #[schema(example = 60.0)]
    admitted_per_minute: Option<f64>,
    /// How many tokens wait.
    #[schema(example = 1200)]
    waiting: i64,
    /// How many tokens are active.
    #[schema(example = 100)]
    active: i64,
}

/// How a room admits tokens.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyBody {
    /// The most tokens active at once.
    #[schema(example = 100)]
    capacity: i32,
    /// The most waiting tokens admitted in one interval.
    #[schema(example = 10)]
    admit_batch: i32,
    #[schema(example = 10)]
    admit_interval_seconds: i32,
    /// How long a token is active.
    #[schema(example = 600)]
    active_seconds: i32,
    /// How long a waiting token lives without a heartbeat.
    #[schema(example = 600)]
    idle_seconds: i32,
    /// Whether no token is admitted.
    #[schema(example = false)]
    paused: bool,
}

/// New values for any of these fields. One that is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PolicyEditBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 0, maximum = 1_000_000, value_type = i32, required = false, example = 100)]
    capacity: Option<Whole>,
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1, maximum = 1_000_000, value_type = i32, required = false, example = 10)]
    admit_batch: Option<Whole>,
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1, maximum = 86_400, value_type = i32, required = false, example = 10)]
    admit_interval_seconds: Option<Whole>,
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1, maximum = 86_400, value_type = i32, required = false, example = 600)]
    active_seconds: Option<Whole>,
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1, maximum = 86_400, value_type = i32, required = false, example = 600)]
    idle_seconds: Option<Whole>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool, required = false, example = false)]
    paused: Option<bool>,
    /// The message to waiting users; empty text or null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        value_type = Option<String>,
        max_length = 300,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "Doors open at seven."
    )]
    message: Option<Option<String>>,
}

impl From<RoomPolicy> for PolicyBody {
    fn from(policy: RoomPolicy) -> Self {
        Self {
            capacity: policy.capacity,
            admit_batch: policy.admit_batch,
            admit_interval_seconds: policy.admit_interval_seconds,
            active_seconds: policy.active_seconds,
            idle_seconds: policy.idle_seconds,
            paused: policy.paused,
        }
    }
}

impl RoomBody {
    fn new(services: &Services, RoomCount { room, waiting, active }: RoomCount) -> Self {
        Self {
            id: room.id.0,
            concert_id: room.concert_id.map(|id| id.0),
            policy: room.policy.into(),
            message: room.message.as_str().to_owned(),
            admitted_per_minute: services.lines.admission_rate(room.id).map(|rate| rate * 60.0),
            waiting,
            active,
        }
    }
}

impl PolicyEditBody {
    /// Checks the new values. Each has bounds of its own, independent of the others.
    fn edit(&self) -> Result<PolicyEdit, ApiError> {
        let number = |whole: Whole| whole.saturated(i32::MIN, i32::MAX);
        let edit = PolicyEdit {
            capacity: self.capacity.map(number),
            admit_batch: self.admit_batch.map(number),
            admit_interval_seconds: self.admit_interval_seconds.map(number),
            active_seconds: self.active_seconds.map(number),
            idle_seconds: self.idle_seconds.map(number),
            paused: self.paused,
        };
        edit.applied_to(RoomPolicy::default()).check()?;
        Ok(edit)
    }
}

async fn counted(services: &Services, id: RoomId) -> Result<HttpResponse, ApiError> {
    let found = services.rooms.room_count(id, services.clock.now()).await?;
    let count = found.ok_or(ApiError::NotFound(Resource::Room))?;
    let tag = entity_tag(count.room.policy_version);
    Ok(HttpResponse::Ok().insert_header(tag).json(RoomBody::new(services, count)))
}

async fn list(
    services: Data<Services>,
    _: Operator,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<RoomBody>>, ApiError> {
    let (size, after) = (page.size()?, page.after()?.map(RoomId));
    let rooms = services.rooms.room_counts(after, size, services.clock.now()).await?;
    Ok(Json(PageBody::of(rooms, |count| RoomBody::new(&services, count))))
}

async fn find(
    services: Data<Services>,
    _: Operator,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    counted(&services, ids::parse_id(&id, "roomId")?).await
}

/// Whether admission is to be paused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseBody {
    #[schema(example = true)]
    paused: bool,
}

/// What was paused or resumed.
#[derive(Serialize, ToSchema)]
pub(crate) struct PausedBody {
    /// How many rooms changed.
    #[schema(example = 12)]
    changed: u64,
}

async fn pause_all(
    services: Data<Services>,
    operator: Operator,
    body: Body<PauseBody>,
) -> Result<Json<PausedBody>, ApiError> {
    let paused = body.value.paused;
    let (mut after, mut changed) = (None, 0);
    loop {
        let now = services.clock.now();
        let page = services.rooms.room_counts(after, PageSize::LARGEST, now).await?;
        for room in page.items.into_iter().map(|count| count.room) {
            if room.policy.paused == paused {
                continue;
            }
            let command = ChangePolicy {
                action_id: OperatorActionId(ids::new_uuid()),
                operator_id: operator.0,
                room_id: room.id,
                edit: PolicyEdit { paused: Some(paused), ..PolicyEdit::default() },
                message: None,
                expected: ExpectedVersion::Any,
            };
            services.change_policy.submit(Submission::new(command)).await??;
            changed += 1;
        }
        after = page.next;
        if after.is_none() {
            return Ok(Json(PausedBody { changed }));
        }
    }
}

async fn change_policy(
    services: Data<Services>,
    operator: Operator,
    id: Path<String>,
    expected: OptionalIfMatch,
    body: Body<PolicyEditBody>,
) -> Result<HttpResponse, ApiError> {
    let room_id = ids::parse_id(&id, "roomId")?;
    let message = body.value.message.as_ref().map(|text| text.as_deref().unwrap_or_default());
    let command = ChangePolicy {
        action_id: OperatorActionId(ids::new_uuid()),
        operator_id: operator.0,
        room_id,
        edit: body.value.edit()?,
        message: message.map(RoomMessage::parse).transpose()?,
        expected: expected.0,
    };
    services.change_policy.submit(Submission::new(command)).await??;
    counted(&services, room_id).await
}
