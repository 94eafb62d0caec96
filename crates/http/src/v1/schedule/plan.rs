//! The seat plan of a date, whichever form it was made in.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use stagedoor_domain::seat_plan::ZonePrices;
use stagedoor_domain::{ScheduleId, SeatPlan};

use crate::auth::Viewer;
use crate::services::Services;
use crate::shared::seat_maps::{Immutable, SeatMaps};
use crate::wire::{ApiError, Resource, ids};

/// A plan as it is sent; its form is [`PricedPlanBody`](crate::v1::hall::forms::PricedPlanBody).
#[derive(Serialize)]
struct PricedPlan {
    #[serde(flatten)]
    plan: SeatPlan,
    prices: ZonePrices,
}

pub(super) async fn read(
    req: HttpRequest,
    services: Data<Services>,
    seat_maps: Data<SeatMaps>,
    viewer: Viewer,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id: ScheduleId = ids::parse_id(&id, "scheduleId")?;
    let concert_id = seat_maps.concert_of(&services, schedule_id).await?;
    viewer.check(&services, concert_id).await?;
    let read = priced_plan(&services, schedule_id);
    let body = seat_maps.immutable(Immutable::SchedulePlan(schedule_id), read).await?;
    Ok(body.answer_cached(&req, "private, max-age=31536000, immutable").await)
}

async fn priced_plan(services: &Services, id: ScheduleId) -> Result<PricedPlan, ApiError> {
    let found = services.schedules.schedule(id).await?;
    let schedule = found.ok_or(ApiError::NotFound(Resource::Schedule))?;
    let seats = services.schedules.seats(id).await?;
    let Some(version) = schedule.plan else {
        let (plan, prices) = SeatPlan::of_seats(&seats);
        return Ok(PricedPlan { plan, prices });
    };
    let found = services.halls.hall_plan(version).await?;
    let plan = found.ok_or(ApiError::NotFound(Resource::SeatPlan))?.plan;
    let prices = plan.prices_of(&seats);
    Ok(PricedPlan { plan: SeatPlan::clone(&plan), prices })
}
