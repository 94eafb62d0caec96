//! Reading what operators did.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{OperatorActions, StoreError};
use stagedoor_domain::{OperatorAction, OperatorActionId, Page, PageSize};

use super::dialect::Store;
use super::one_more;
use crate::rows::{OperatorActionRow, fold};
use crate::schema::operator_actions;
use crate::types::Id;

#[async_trait]
impl OperatorActions for Store {
    async fn operator_actions(
        &self,
        after: Option<OperatorActionId>,
        size: PageSize,
    ) -> Result<Page<OperatorAction, OperatorActionId>, StoreError> {
        self.read(move |conn| {
            let mut query = operator_actions::table
                .select(OperatorActionRow::as_select())
                .order(operator_actions::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(operator_actions::id.lt(Id(after)));
            }
            let actions: Vec<OperatorAction> = fold(query.load(conn)?)?;
            Ok(Page::of(actions, size, |action| action.id))
        })
        .await
    }
}
