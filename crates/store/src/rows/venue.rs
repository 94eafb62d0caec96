//! Venues, halls and their seat plans.

use std::sync::Arc;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::venue::{Address, PlaceName, TimeZoneName};
use stagedoor_domain::{Hall, HallId, HallPlan, Instant, SeatPlan, UserId, Venue, VenueId};

use super::corrupt;
use crate::failure::Failure;
use crate::schema;

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::venues, check_for_backend(Pg, Sqlite))]
pub(crate) struct VenueRow {
    id: VenueId,
    organizer_id: UserId,
    name: String,
    address: String,
    time_zone: String,
    version: i64,
    created_at: Instant,
}

impl TryFrom<VenueRow> for Venue {
    type Error = Failure;

    fn try_from(row: VenueRow) -> Result<Self, Failure> {
        let wrong = |column| corrupt("venue", row.id, column);
        Ok(Self {
            id: row.id,
            organizer_id: row.organizer_id,
            name: PlaceName::stored(&row.name).map_err(|_| wrong("name"))?,
            address: Address::stored(&row.address).map_err(|_| wrong("address"))?,
            time_zone: TimeZoneName::stored(&row.time_zone).map_err(|_| wrong("time_zone"))?,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::halls, check_for_backend(Pg, Sqlite))]
pub(crate) struct HallRow {
    id: HallId,
    venue_id: VenueId,
    name: String,
    plan_version: i32,
    place_count: i32,
    created_at: Instant,
}

impl TryFrom<HallRow> for Hall {
    type Error = Failure;

    fn try_from(row: HallRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id,
            venue_id: row.venue_id,
            name: PlaceName::stored(&row.name).map_err(|_| corrupt("hall", row.id, "name"))?,
            plan_version: row.plan_version,
            place_count: row.place_count,
            created_at: row.created_at,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::hall_plans, check_for_backend(Pg, Sqlite))]
pub(crate) struct HallPlanRow {
    pub(crate) hall_id: HallId,
    pub(crate) version: i32,
    pub(crate) document: String,
    pub(crate) place_count: i32,
    pub(crate) created_by: UserId,
    pub(crate) created_at: Instant,
}

impl TryFrom<HallPlanRow> for HallPlan {
    type Error = Failure;

    fn try_from(row: HallPlanRow) -> Result<Self, Failure> {
        let wrong = |column| corrupt("plan of hall", row.hall_id, column);
        let document = serde_json::from_str(&row.document).map_err(|_| wrong("document"))?;
        let plan = SeatPlan::parse(&document, "document").map_err(|_| wrong("document"))?;
        if plan.place_count() != row.place_count {
            return Err(wrong("place_count"));
        }
        Ok(Self {
            hall_id: row.hall_id,
            version: row.version,
            plan: Arc::new(plan),
            created_by: row.created_by,
            created_at: row.created_at,
        })
    }
}

impl TryFrom<&HallPlan> for HallPlanRow {
    type Error = Failure;

    fn try_from(plan: &HallPlan) -> Result<Self, Failure> {
        let document = serde_json::to_string(&*plan.plan);
        Ok(Self {
            hall_id: plan.hall_id,
            version: plan.version,
            document: document.map_err(|error| Failure::Corrupt(error.to_string()))?,
            place_count: plan.plan.place_count(),
            created_by: plan.created_by,
            created_at: plan.created_at,
        })
    }
}
