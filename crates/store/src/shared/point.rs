//! Reading point accounts.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{PointAccounts, StoreError};
use stagedoor_domain::{Page, PageSize, PointAccount, PointEntry, UserId};

use super::dialect::Store;
use super::one_more;
use crate::rows::{PointAccountRow, PointEntryRow, fold, fold_one};
use crate::schema::{point_accounts, point_entries};
use crate::types::Id;

#[async_trait]
impl PointAccounts for Store {
    async fn point_account(&self, user_id: UserId) -> Result<Option<PointAccount>, StoreError> {
        self.read(move |conn| {
            let found = point_accounts::table.find(Id(user_id));
            fold_one(found.select(PointAccountRow::as_select()).first(conn).optional()?)
        })
        .await
    }

    async fn point_entries(
        &self,
        user_id: UserId,
        after: Option<i64>,
        size: PageSize,
    ) -> Result<Page<PointEntry, i64>, StoreError> {
        self.read(move |conn| {
            let rows: Vec<PointEntryRow> = point_entries::table
                .select(PointEntryRow::as_select())
                .filter(point_entries::user_id.eq(Id(user_id)))
                .filter(point_entries::number.lt(after.unwrap_or(i64::MAX)))
                .order(point_entries::number.desc())
                .limit(one_more(size))
                .load(conn)?;
            let entries: Vec<PointEntry> = fold(rows)?;
            Ok(Page::of(entries, size, |entry| entry.number))
        })
        .await
    }
}
