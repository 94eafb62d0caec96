//! Reading halls and their seat plans.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{Halls, StoreError};
use stagedoor_domain::{Hall, HallId, HallPlan, Page, PageSize, PlanVersion, Venue, VenueId};

use super::dialect::Store;
use super::{load, one_more};
use crate::rows::{HallRow, VenueRow, fold};
use crate::schema::{halls, venues};
use crate::types::Id;

#[async_trait]
impl Halls for Store {
    async fn hall(&self, id: HallId) -> Result<Option<(Hall, Venue)>, StoreError> {
        self.read(move |conn| {
            let row: Option<(HallRow, VenueRow)> = halls::table
                .inner_join(venues::table.on(venues::id.eq(halls::venue_id)))
                .select((HallRow::as_select(), VenueRow::as_select()))
                .filter(halls::id.eq(Id(id)))
                .first(conn)
                .optional()?;
            row.map(|(hall, venue)| Ok((hall.try_into()?, venue.try_into()?))).transpose()
        })
        .await
    }

    async fn halls(
        &self,
        venue_id: VenueId,
        after: Option<HallId>,
        size: PageSize,
    ) -> Result<Page<Hall, HallId>, StoreError> {
        self.read(move |conn| {
            let mut query = halls::table
                .select(HallRow::as_select())
                .filter(halls::venue_id.eq(Id(venue_id)))
                .order(halls::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(halls::id.lt(Id(after)));
            }
            let found: Vec<Hall> = fold(query.load(conn)?)?;
            Ok(Page::of(found, size, |hall| hall.id))
        })
        .await
    }

    async fn hall_plan(&self, version: PlanVersion) -> Result<Option<HallPlan>, StoreError> {
        self.read(move |conn| load::hall_plan(conn, version)).await
    }
}
