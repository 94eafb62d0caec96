//! The sales of a concert.

use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use stagedoor_domain::ports::Sales;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, Account, authorization};
use crate::route::{Route, array, get, tagged};
use crate::services::Services;
use crate::wire::{ApiError, RequiredAccess, Resource, Timestamp, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        get("/concerts/{concertId}/sales", read)
            .operation("readSales", "Read how the dates of a concert sell, oldest first.")
            .access(Access::Account)
            .response(200, array::<SalesBody>())
            .refuses(&[Forbidden(RequiredAccess::OwnConcert), NotFound(Resource::Concert)]),
    ];
    tagged("concerts", routes)
}

/// The sales of a date.
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
    /// The revenue of those, in points.
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

async fn read(
    services: Data<Services>,
    account: Account,
    id: Path<String>,
) -> Result<Json<Vec<SalesBody>>, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    authorization::check(&services, account.0, concert_id, RequiredAccess::OwnConcert).await?;
    let sales = services.schedules.sales(concert_id, services.clock.now()).await?;
    Ok(Json(sales.into_iter().map(SalesBody::from).collect()))
}
