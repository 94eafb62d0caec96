//! Giving slugs to stored concerts.

use diesel::prelude::*;
use stagedoor_domain::concert::Slug;
use stagedoor_domain::{ConcertId, Title};

use super::super::dialect::Conn;
use crate::schema::concerts;
use crate::types::Id;

pub(super) const NAME: &str = "2026-11-29-000014_concerts";

/// Gives each concert the slug of its title.
pub(super) fn complete(conn: &mut Conn) -> QueryResult<()> {
    let stored: Vec<(ConcertId, String)> =
        concerts::table.select((concerts::id, concerts::title)).load(conn)?;
    for (id, title) in stored {
        let Ok(title) = Title::stored(&title) else {
            tracing::warn!(concert_id = %id, "a concert's title is not valid; it gets no slug");
            continue;
        };
        diesel::update(concerts::table.find(Id(id)))
            .set(concerts::slug.eq(Slug::of(&title, id).as_str()))
            .execute(conn)?;
    }
    Ok(())
}
