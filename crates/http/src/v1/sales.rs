//! The sales of a concert.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use stagedoor_domain::ports::{Sales, VenueOfSchedule};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, Account, authorization};
use crate::route::{Route, array, get, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::v1::schedule::VenueOfScheduleBody;
use crate::v1::schedule::plan_choice::NamedHalls;
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
        get("/concerts/{concertId}/sales/days", read_days)
            .operation("readDailySales", "Read what was sold of a concert each day, in each section and price zone.")
            .description(
                "Tickets that are still paid, without complimentary ones, by the day of their payment in the service's time zone, \
                 oldest first. Days without sales are left out. The price tells the price zone.",
            )
            .access(Access::Account)
            .response(200, array::<DailySalesBody>())
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
    /// When it was cancelled; null unless it was.
    cancelled_at: Option<Timestamp>,
    /// Where it takes place; null unless it has a seat plan.
    venue: Option<VenueOfScheduleBody>,
    /// How many of its seats are free now.
    #[schema(example = 30)]
    free: i64,
    /// How many are held now.
    #[schema(example = 4)]
    held: i64,
    /// The number of sold seats, complimentary tickets included.
    #[schema(example = 16)]
    sold: i64,
    /// The number of complimentary tickets among them.
    #[schema(example = 2)]
    complimentary: i64,
    /// The number of blocked seats, which are not for sale.
    #[schema(example = 2)]
    blocked: i64,
    /// The price of the other sold seats, in points.
    #[schema(example = 160_000)]
    revenue: i64,
}

impl SalesBody {
    fn new(sales: Sales, venue: Option<VenueOfSchedule>) -> Self {
        Self {
            schedule_id: sales.schedule.id.0,
            starts_at: sales.schedule.starts_at.into(),
            cancelled_at: sales.schedule.cancelled.map(|cancelled| cancelled.at.into()),
            venue: venue.map(VenueOfScheduleBody::from),
            free: sales.free,
            held: sales.held,
            sold: sales.sold,
            complimentary: sales.complimentary,
            blocked: sales.blocked,
            revenue: sales.revenue,
        }
    }
}

/// The sales of one section of a date at one price on one day.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DailySalesBody {
    /// The day, in the service's time zone.
    #[schema(format = Date, example = "2026-11-21")]
    day: String,
    schedule_id: Uuid,
    /// The label of the section; may be empty.
    #[schema(example = "VIP")]
    section: String,
    /// The price of each ticket, in points: that of its price zone.
    #[schema(example = 10_000)]
    price: i64,
    #[schema(example = 16)]
    tickets: i64,
    /// What they cost together, in points.
    #[schema(example = 160_000)]
    revenue: i64,
}

async fn read_days(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    account: Account,
    id: Path<String>,
) -> Result<Json<Vec<DailySalesBody>>, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    authorization::check(&services, account.0, concert_id, RequiredAccess::OwnConcert).await?;
    let mut days = BTreeMap::new();
    for sales in services.schedules.sales_by_time(concert_id).await? {
        let day = settings.local_time.date(sales.from);
        let of = (day, sales.schedule_id.0, sales.section, sales.price);
        let (tickets, revenue) = days.entry(of).or_insert((0_i64, 0_i64));
        *tickets = tickets.saturating_add(sales.tickets);
        *revenue = revenue.saturating_add(sales.revenue);
    }
    let body = |((day, schedule_id, section, price), (tickets, revenue))| DailySalesBody {
        day,
        schedule_id,
        section,
        price,
        tickets,
        revenue,
    };
    Ok(Json(days.into_iter().map(body).collect()))
}

async fn read(
    services: Data<Services>,
    account: Account,
    id: Path<String>,
) -> Result<Json<Vec<SalesBody>>, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    authorization::check(&services, account.0, concert_id, RequiredAccess::OwnConcert).await?;
    let sales = services.schedules.sales(concert_id, services.clock.now()).await?;
    let mut halls = NamedHalls::of(&services);
    let mut bodies = Vec::with_capacity(sales.len());
    for sales in sales {
        let venue = halls.read_venue_of(&sales.schedule).await?;
        bodies.push(SalesBody::new(sales, venue));
    }
    Ok(Json(bodies))
}
