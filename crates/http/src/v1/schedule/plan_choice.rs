//! The seat plan of a hall in the request for a date.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use stagedoor_domain::ports::VenueOfSchedule;
use stagedoor_domain::{HallId, HallPlan, PlanVersion, Schedule, SeatMap};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::services::Services;
use crate::wire::{ApiError, Resource, Whole};

/// A version of a hall's seat plan, and what its zones cost.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PlanChoiceBody {
    hall_id: Uuid,
    /// The newest, if it is left out.
    #[schema(minimum = 1, maximum = 2_147_483_647, value_type = Option<i32>, example = 1)]
    version: Option<Whole>,
    /// The price of each zone that is in use, in points, by its code.
    #[schema(value_type = BTreeMap<String, i64>, example = json!({"R": 10000}))]
    prices: BTreeMap<String, Whole>,
}

/// The halls and plans that a request names, each read once.
pub(crate) struct NamedHalls<'s> {
    services: &'s Services,
    halls: HashMap<HallId, (i32, VenueOfSchedule)>,
    plans: HashMap<PlanVersion, HallPlan>,
}

impl<'s> NamedHalls<'s> {
    pub(crate) fn of(services: &'s Services) -> Self {
        Self { services, halls: HashMap::new(), plans: HashMap::new() }
    }

    /// The seats of a plan. A version never changes, so it is read before the command.
    pub(super) async fn seat_map(&mut self, choice: &PlanChoiceBody) -> Result<SeatMap, ApiError> {
        let hall_id = HallId(choice.hall_id);
        let newest = self.newest_version(hall_id).await?;
        let version = choice.version.map_or(newest, |version| version.saturated(0, i32::MAX));
        let prices: Vec<_> =
            choice.prices.iter().map(|(code, price)| (code.clone(), price.0)).collect();
        let plan = self.plan(PlanVersion { hall_id, version }).await?;
        Ok(SeatMap::of_plan(plan, &prices)?)
    }

    /// The venue of a schedule that was made from one of these plans.
    pub(crate) fn venue_of(&self, schedule: &Schedule) -> Option<VenueOfSchedule> {
        let plan = schedule.plan?;
        self.halls.get(&plan.hall_id).map(|(_, venue)| venue.clone())
    }

    /// The same, of any hall: it is read if it was not yet.
    pub(crate) async fn read_venue_of(
        &mut self,
        schedule: &Schedule,
    ) -> Result<Option<VenueOfSchedule>, ApiError> {
        if let Some(plan) = schedule.plan {
            self.newest_version(plan.hall_id).await?;
        }
        Ok(self.venue_of(schedule))
    }

    async fn newest_version(&mut self, hall_id: HallId) -> Result<i32, ApiError> {
        if let Some((newest, _)) = self.halls.get(&hall_id) {
            return Ok(*newest);
        }
        let found = self.services.halls.hall(hall_id).await?;
        let (hall, venue) = found.ok_or(ApiError::NotFound(Resource::Hall))?;
        self.halls.insert(hall_id, (hall.plan_version, venue.into()));
        Ok(hall.plan_version)
    }

    async fn plan(&mut self, version: PlanVersion) -> Result<&HallPlan, ApiError> {
        if !self.plans.contains_key(&version) {
            let found = self.services.halls.hall_plan(version).await?;
            self.plans.insert(version, found.ok_or(ApiError::NotFound(Resource::SeatPlan))?);
        }
        self.plans.get(&version).ok_or(ApiError::NotFound(Resource::SeatPlan))
    }
}
