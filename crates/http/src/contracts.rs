//! The documented contracts of older services, implemented to the letter. They have no rules of their own.
//! `docs/contracts.md` names the source of each operation.

pub(crate) mod ost;
mod payment;
pub(crate) mod reservation;
pub(crate) mod ticketing;

use stagedoor_domain::ports::StoreError;
use stagedoor_domain::{Page, PageSize, ScheduleId};

use crate::route::Route;
use crate::services::Services;
use crate::wire::{ApiError, Resource};

/// Every route, at the root.
pub(crate) fn routes() -> Vec<Route> {
    let groups = [ticketing::routes(), ost::routes(), reservation::routes(), payment::routes()];
    groups.into_iter().flatten().collect()
}

/// The most pages of a list in one response.
const PAGES_MAX: usize = 10;

/// The first thousand items of a list, for contracts without paging.
async fn all<T, C>(
    read: impl AsyncFn(Option<C>, PageSize) -> Result<Page<T, C>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut items = Vec::new();
    let mut after = None;
    for _ in 0..PAGES_MAX {
        let page = read(after, PageSize::LARGEST).await?;
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(items)
}

async fn schedule(
    services: &Services,
    id: ScheduleId,
) -> Result<stagedoor_domain::Schedule, ApiError> {
    let found = services.schedules.schedule(id).await?;
    let public = found.filter(|schedule| schedule.concert_state.is_public());
    public.ok_or(ApiError::NotFound(Resource::Schedule))
}
