//! Giving slugs and texts to search in to stored concerts.

use diesel::prelude::*;
use stagedoor_domain::concert::Slug;
use stagedoor_domain::{ConcertDetails, ConcertId, Title};

use super::super::dialect::Conn;
use crate::schema::concerts;
use crate::types::Id;

pub(super) const NAME: &str = "2026-11-29-000014_concerts";

/// Gives each concert the slug of its title, and finds it by its title.
pub(super) fn complete(conn: &mut Conn) -> QueryResult<()> {
    let stored: Vec<(ConcertId, String)> =
        concerts::table.select((concerts::id, concerts::title)).load(conn)?;
    for (id, title) in stored {
        let Ok(title) = Title::stored(&title) else {
            tracing::warn!(concert_id = %id, "a concert's title is not valid; it gets no slug and is not found");
            continue;
        };
        diesel::update(concerts::table.find(Id(id)))
            .set((
                concerts::slug.eq(Slug::of(&title, id).as_str()),
                concerts::search_text.eq(ConcertDetails::titled(title).search_text()),
            ))
            .execute(conn)?;
    }
    Ok(())
}
