//! Reading images of posters.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{PosterImages, StoreError};
use stagedoor_domain::poster::PosterDigest;
use stagedoor_domain::{Concert, ConcertId, PosterImage};

use super::dialect::Store;
use crate::rows::{ConcertRow, PosterImageRow};
use crate::schema::{concerts, poster_images};
use crate::types::Id;

#[async_trait]
impl PosterImages for Store {
    async fn poster_image(
        &self,
        concert_id: ConcertId,
        digest: &PosterDigest,
        width: i32,
    ) -> Result<Option<(Concert, PosterImage)>, StoreError> {
        let digest = digest.as_str().to_owned();
        self.read(move |conn| {
            let row: Option<(ConcertRow, PosterImageRow)> = poster_images::table
                .inner_join(concerts::table.on(concerts::id.eq(poster_images::concert_id)))
                .select((ConcertRow::as_select(), PosterImageRow::as_select()))
                .filter(poster_images::concert_id.eq(Id(concert_id)))
                .filter(poster_images::digest.eq(digest))
                .filter(poster_images::width.eq(width))
                .first(conn)
                .optional()?;
            row.map(|(concert, image)| Ok((concert.try_into()?, image.try_into()?))).transpose()
        })
        .await
    }
}
