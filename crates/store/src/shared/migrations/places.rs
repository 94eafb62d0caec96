//! Giving texts to search in to stored venues.

use diesel::prelude::*;
use stagedoor_domain::venue::{Address, PlaceName};
use stagedoor_domain::{Venue, VenueId};

use super::super::dialect::Conn;
use crate::schema::venues;
use crate::types::Id;

pub(super) const NAME: &str = "2026-11-29-000019_places";

/// Has each venue found by its name and its address.
pub(super) fn complete(conn: &mut Conn) -> QueryResult<()> {
    let stored: Vec<(VenueId, String, String)> =
        venues::table.select((venues::id, venues::name, venues::address)).load(conn)?;
    for (id, name, address) in stored {
        let (Ok(name), Ok(address)) = (PlaceName::stored(&name), Address::stored(&address)) else {
            tracing::warn!(venue_id = %id, "a venue's name or address is not valid; it is not found by its place");
            continue;
        };
        diesel::update(venues::table.find(Id(id)))
            .set(venues::search_text.eq(Venue::search_text_of(&name, &address)))
            .execute(conn)?;
    }
    Ok(())
}
