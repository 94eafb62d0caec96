//! Converting stored e-mail addresses to the canonical form.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use stagedoor_domain::{Email, UserId};

use super::super::dialect::Conn;
use crate::schema::users;
use crate::types::Id;

pub(super) const NAME: &str = "2026-11-29-000007_one_form_of_addresses";

/// The addresses whose canonical form may differ.
const SUSPECT: &str =
    "octet_length(email) <> length(email) OR email LIKE '%xn--%' OR email LIKE '%.'";

/// Converts the address of each account, the oldest first. If another account has the canonical address
/// already, the stored one stays, and both are reported.
pub(super) fn complete(conn: &mut Conn) -> QueryResult<()> {
    let suspects: Vec<(UserId, String)> = users::table
        .select((users::id, users::email))
        .filter(sql::<Bool>(SUSPECT))
        .order((users::created_at, users::id))
        .load(conn)?;
    for (id, stored) in suspects {
        let Ok(email) = Email::parse(&stored) else {
            tracing::warn!(user_id = %id, "an account's e-mail address is not valid; it is kept");
            continue;
        };
        if email.as_str() == stored {
            continue;
        }
        let holder = users::table.filter(users::email.eq(email.as_str())).select(users::id);
        if let Some(holder) = holder.first::<UserId>(conn).optional()? {
            tracing::warn!(
                user_id = %id, same_as = %holder,
                "two accounts have the same e-mail address; each keeps the form it signed up with"
            );
            continue;
        }
        diesel::update(users::table.find(Id(id)))
            .set(users::email.eq(email.as_str()))
            .execute(conn)?;
    }
    Ok(())
}
