//! Reading users.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{StoreError, Users};
use stagedoor_domain::{Email, Instant, Page, PageSize, User, UserId};

use super::dialect::Store;
use super::one_more;
use crate::rows::{UserRow, fold, fold_one};
use crate::schema::users;
use crate::types::{At, Id};

#[async_trait]
impl Users for Store {
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(move |conn| {
            let row = users::table.find(Id(id)).select(UserRow::as_select()).first(conn);
            fold_one(row.optional()?)
        })
        .await
    }

    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        let email = email.as_str().to_owned();
        self.read(move |conn| {
            let found = users::table.filter(users::email.eq(email));
            fold_one(found.select(UserRow::as_select()).first(conn).optional()?)
        })
        .await
    }

    async fn count_users(&self, limit: usize) -> Result<usize, StoreError> {
        self.read(move |conn| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let found: Vec<UserId> = users::table.select(users::id).limit(limit).load(conn)?;
            Ok(found.len())
        })
        .await
    }

    async fn users(
        &self,
        after: Option<UserId>,
        size: PageSize,
    ) -> Result<Page<User, UserId>, StoreError> {
        self.read(move |conn| {
            let mut query = users::table
                .select(UserRow::as_select())
                .order(users::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(users::id.lt(Id(after)));
            }
            let found: Vec<User> = fold(query.load(conn)?)?;
            Ok(Page::of(found, size, |user| user.id))
        })
        .await
    }

    async fn sessions_ended(&self, since: Instant) -> Result<Vec<(UserId, i64)>, StoreError> {
        self.read(move |conn| {
            let found: Vec<(UserId, i64)> = users::table
                .select((users::id, users::session_version))
                .filter(users::sessions_ended_at.ge(At(since)))
                .load(conn)?;
            Ok(found)
        })
        .await
    }
}
