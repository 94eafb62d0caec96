//! How a concert sells.

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use stagedoor_domain::ports::Sales;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::authorization;
use crate::auth::bearer::Account;
use crate::openapi::refusals::refusals;
use crate::services::Services;
use crate::wire::error::{ApiError, Needs};
use crate::wire::ids;
use crate::wire::timestamps::Timestamp;

/// How a date sells.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SalesBody {
    schedule_id: Uuid,
    starts_at: Timestamp,
    /// How many of its seats are free now.
    #[schema(example = 30)]
    free: i64,
    /// How many are held now.
    #[schema(example = 4)]
    held: i64,
    /// How many are sold.
    #[schema(example = 16)]
    sold: i64,
    /// What those were sold for, in points.
    #[schema(example = 160_000)]
    revenue: i64,
}

impl From<Sales> for SalesBody {
    fn from(sales: Sales) -> Self {
        Self {
            schedule_id: sales.schedule.id.0,
            starts_at: sales.schedule.starts_at.into(),
            free: sales.free,
            held: sales.held,
            sold: sales.sold,
            revenue: sales.revenue,
        }
    }
}

refusals! {
    ReadErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`",
        "403": "`FORBIDDEN`: neither an operator nor the concert's organizer",
        "404": "`CONCERT_NOT_FOUND`",
    }
}

/// Read how the dates of a concert sell, oldest first.
#[utoipa::path(
    tag = "concerts",
    operation_id = "readSales",
    security(("accessToken" = [])),
    params(("concertId" = Uuid, Path)),
    responses(
        (status = 200, body = Vec<SalesBody>),
        ReadErrors,
    )
)]
#[get("/concerts/{concertId}/sales")]
pub(crate) async fn read(
    services: Data<Services>,
    account: Account,
    id: Path<String>,
) -> Result<Json<Vec<SalesBody>>, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    authorization::check(&services, account.0, concert_id, Needs::OwnConcert).await?;
    let sales = services.schedules.sales(concert_id, services.clock.now()).await?;
    Ok(Json(sales.into_iter().map(SalesBody::from).collect()))
}
