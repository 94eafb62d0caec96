//! Halls and their seat plans.

pub(crate) mod forms;

use std::sync::Arc;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stagedoor_domain::operations::{ChangePlan, CreateHall};
use stagedoor_domain::venue::PlaceName;
use stagedoor_domain::{
    Hall, HallId, Invalid, OperatorActionId, PlanVersion, Rule, SeatPlan, Submission, VenueId,
};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::auth::{Access, Account};
use crate::edge::Action;
use crate::route::{Route, Schemas, get, nothing, object, page, post, put, tagged};
use crate::services::Services;
use crate::shared::seat_maps::{Immutable, SeatMaps};
use crate::wire::{
    ApiError, BodyUpTo, IdempotencyKey, PageBody, PageQuery, RequiredAccess, Resource, Timestamp,
    ids,
};

/// The most bytes of a request with a seat plan. A plan of 50,000 seats in rows of 20 has 200 kB.
pub(crate) const PLAN_BYTES_MAX: usize = 1024 * 1024;

const PLAN_FORM: &str = "`docs/seat-plans.md` of the repository defines the form of a seat plan, its \
     geometry and its bounds. A body may have up to 1 MiB.";

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    tagged("venues", changes().into_iter().chain(reads()).collect())
}

fn changes() -> Vec<Route> {
    use ApiError::*;

    vec![
        post("/venues/{venueId}/halls", create)
            .operation("createHall", "Add a hall with its seat plan to a venue.")
            .description(PLAN_FORM)
            .access(Access::Account)
            .limit(Action::Create)
            .response(201, object::<HallBody>())
            .refuses(&[Forbidden(RequiredAccess::OwnVenue), NotFound(Resource::Venue)]),
        put("/halls/{hallId}/plan", change_plan)
            .operation("changePlan", "Make a new version of a hall's seat plan.")
            .description(
                "A plan that equals the newest version makes none. Older versions, and the dates \
                 made from them, stay as they are. A body may have up to 1 MiB.",
            )
            .access(Access::Account)
            .limit(Action::Create)
            .response(200, object::<HallBody>())
            .refuses(&[Forbidden(RequiredAccess::OwnVenue), NotFound(Resource::Hall)]),
    ]
}

fn reads() -> Vec<Route> {
    use ApiError::*;

    vec![
        get("/venues/{venueId}/halls", list)
            .operation("listHalls", "List the halls of a venue.")
            .response(200, page::<HallBody>())
            .refuses(&[NotFound(Resource::Venue)]),
        get("/halls/{hallId}", find)
            .operation("readHall", "Read a hall.")
            .response(200, object::<HallBody>())
            .refuses(&[NotFound(Resource::Hall)]),
        get("/halls/{hallId}/plans/{version}", plan)
            .operation("readPlan", "Read a version of a hall's seat plan, as it can be sent again.")
            .description("A version never changes: it may be cached for ever.")
            .path_text("version", Some("The version, from 1"))
            .response(200, object::<forms::SeatPlanBody>())
            .response_header("ETag")
            .response(304, nothing("The client has this version"))
            .refuses(&[NotFound(Resource::SeatPlan)]),
    ]
}

/// The document of a seat plan as it was sent; the domain reads it.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct PlanDocument(Value);

impl PartialSchema for PlanDocument {
    fn schema() -> RefOr<Schema> {
        forms::SeatPlanBody::schema()
    }
}

impl ToSchema for PlanDocument {
    fn name() -> std::borrow::Cow<'static, str> {
        forms::SeatPlanBody::name()
    }

    fn schemas(schemas: &mut Schemas) {
        forms::SeatPlanBody::schemas(schemas);
    }
}

/// A new hall.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHallBody {
    #[schema(min_length = 1, max_length = 100, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    #[schema(example = "콘서트홀")]
    name: String,
    #[schema(value_type = forms::SeatPlanBody)]
    plan: PlanDocument,
}

/// A hall.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HallBody {
    id: Uuid,
    venue_id: Uuid,
    #[schema(example = "콘서트홀")]
    name: String,
    /// The newest version of its seat plan.
    #[schema(example = 1)]
    plan_version: i32,
    /// How many places that version has.
    #[schema(example = 2_505)]
    place_count: i32,
    created_at: Timestamp,
}

impl From<Hall> for HallBody {
    fn from(hall: Hall) -> Self {
        Self {
            id: hall.id.0,
            venue_id: hall.venue_id.0,
            name: hall.name.as_str().to_owned(),
            plan_version: hall.plan_version,
            place_count: hall.place_count,
            created_at: hall.created_at.into(),
        }
    }
}

async fn create(
    services: Data<Services>,
    account: Account,
    id: Path<String>,
    key: IdempotencyKey,
    body: BodyUpTo<NewHallBody, PLAN_BYTES_MAX>,
) -> Result<HttpResponse, ApiError> {
    let NewHallBody { name, plan } = body.0.value;
    let command = CreateHall {
        action_id: OperatorActionId(ids::new_uuid()),
        id: HallId(ids::new_uuid()),
        venue_id: ids::parse_id(&id, "venueId")?,
        user_id: account.0,
        name: PlaceName::parse(&name)?,
        plan: Arc::new(SeatPlan::parse(&plan.0, "plan")?),
    };
    drop(plan);
    let submission = key.submission(account.0, &body.0.bytes, command);
    let hall = services.venue_changes.create_hall.submit(submission).await??;
    Ok(HttpResponse::Created().json(HallBody::from(hall)))
}

async fn change_plan(
    services: Data<Services>,
    account: Account,
    id: Path<String>,
    body: BodyUpTo<PlanDocument, PLAN_BYTES_MAX>,
) -> Result<Json<HallBody>, ApiError> {
    let command = ChangePlan {
        action_id: OperatorActionId(ids::new_uuid()),
        hall_id: ids::parse_id(&id, "hallId")?,
        user_id: account.0,
        plan: Arc::new(SeatPlan::parse(&body.0.value.0, "")?),
    };
    drop(body);
    let hall = services.venue_changes.change_plan.submit(Submission::new(command)).await??;
    Ok(Json(hall.into()))
}

async fn list(
    services: Data<Services>,
    id: Path<String>,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<HallBody>>, ApiError> {
    let venue_id: VenueId = ids::parse_id(&id, "venueId")?;
    let (after, size) = (page.after()?.map(HallId), page.size()?);
    if services.venues.venue(venue_id).await?.is_none() {
        return Err(ApiError::NotFound(Resource::Venue));
    }
    let halls = services.halls.halls(venue_id, after, size).await?;
    Ok(Json(PageBody::of(halls, HallBody::from)))
}

async fn find(services: Data<Services>, id: Path<String>) -> Result<Json<HallBody>, ApiError> {
    let found = services.halls.hall(ids::parse_id(&id, "hallId")?).await?;
    let (hall, _) = found.ok_or(ApiError::NotFound(Resource::Hall))?;
    Ok(Json(hall.into()))
}

async fn plan(
    req: HttpRequest,
    services: Data<Services>,
    seat_maps: Data<SeatMaps>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let version = PlanVersion {
        hall_id: ids::parse_id(&path.0, "hallId")?,
        version: path.1.parse().ok().filter(|version| *version > 0).ok_or_else(|| {
            ApiError::from(Invalid::new("version", Rule::Between(1, i32::MAX.into())))
        })?,
    };
    let read = async {
        let found = services.halls.hall_plan(version).await?;
        Ok(found.ok_or(ApiError::NotFound(Resource::SeatPlan))?.plan)
    };
    let body = seat_maps.immutable(Immutable::HallPlan(version), read).await?;
    Ok(body.answer_cached(&req, "public, max-age=31536000, immutable").await)
}

#[cfg(test)]
mod tests;
