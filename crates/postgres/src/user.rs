//! Reading users.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{StoreError, Users};
use stagedoor_domain::{Email, User, UserId};
use uuid::Uuid;

use crate::rows::{UserRow, fold_one};
use crate::schema::users;
use crate::store::PostgresStore;

#[async_trait]
impl Users for PostgresStore {
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(move |conn| {
            let row = users::table.find(id.0).select(UserRow::as_select()).first(conn);
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
            let found: Vec<Uuid> = users::table.select(users::id).limit(limit).load(conn)?;
            Ok(found.len())
        })
        .await
    }
}
