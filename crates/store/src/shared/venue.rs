//! Reading venues.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{StoreError, Venues};
use stagedoor_domain::{Page, PageSize, Venue, VenueId};

use super::dialect::Store;
use super::one_more;
use crate::rows::{VenueRow, fold, fold_one};
use crate::schema::venues;
use crate::types::Id;

#[async_trait]
impl Venues for Store {
    async fn venue(&self, id: VenueId) -> Result<Option<Venue>, StoreError> {
        self.read(move |conn| {
            let row = venues::table.find(Id(id)).select(VenueRow::as_select()).first(conn);
            fold_one(row.optional()?)
        })
        .await
    }

    async fn venues(
        &self,
        after: Option<VenueId>,
        size: PageSize,
    ) -> Result<Page<Venue, VenueId>, StoreError> {
        self.read(move |conn| {
            let mut query = venues::table
                .select(VenueRow::as_select())
                .order(venues::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(venues::id.lt(Id(after)));
            }
            let found: Vec<Venue> = fold(query.load(conn)?)?;
            Ok(Page::of(found, size, |venue| venue.id))
        })
        .await
    }
}
