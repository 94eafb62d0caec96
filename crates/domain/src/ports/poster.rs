//! Posters: making and reading their images.

use async_trait::async_trait;

use super::{StoreError, SubmitError};
use crate::poster::{PictureFormat, PosterDigest, PosterImage, RenderedPoster};
use crate::{Concert, ConcertId, Invalid};

/// Makes the images of posters.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait RenderPosters: Send + Sync {
    /// The poster that is made of an uploaded picture.
    ///
    /// MUST check the size of the picture before it is decoded, and bound the memory that decoding takes. MUST keep
    /// nothing of the file but its pixels, turned as its Exif orientation says. MUST NOT run on a thread that serves
    /// requests. MUST bound how many run at once. The same file MUST give the same digest in the same version of the
    /// service.
    ///
    /// # Errors
    /// The inner error names what is wrong with the picture. [`SubmitError::Overloaded`] when too many are waiting.
    async fn render(
        &self,
        format: PictureFormat,
        file: Vec<u8>,
    ) -> Result<Result<RenderedPoster, Invalid>, SubmitError>;
}

/// Reads images of posters.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait PosterImages: Send + Sync {
    /// The image of this width of a concert's poster, while the poster has this digest, and the concert.
    ///
    /// # Errors
    /// A failure of the store.
    async fn poster_image(
        &self,
        concert_id: ConcertId,
        digest: &PosterDigest,
        width: i32,
    ) -> Result<Option<(Concert, PosterImage)>, StoreError>;
}
