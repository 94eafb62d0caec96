//! Posters of concerts.

use actix_web::http::header::{self, ETag, EntityTag};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use stagedoor_domain::operations::ChangePoster;
use stagedoor_domain::poster::{PictureSize, PosterDigest, RenderedPoster};
use stagedoor_domain::{ConcertId, ExpectedVersion, Poster, Submission, UserId};
use utoipa::ToSchema;

use super::{ConcertBody, listed};
use crate::auth::{Access, Account, Caller, authorization};
use crate::edge::Action;
use crate::route::{Route, delete, get, jpeg, nothing, object, put};
use crate::services::Services;
use crate::wire::{ApiError, OptionalIfMatch, Picture, RequiredAccess, Resource, has_current, ids};

/// The time for which an image may be cached: its address names its content.
const PUBLIC: &str = "public, max-age=31536000, immutable";
/// The same for an image of a draft, which not everyone may see.
const PRIVATE: &str = "private, max-age=31536000, immutable";

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    use ApiError::*;

    const OWN: [ApiError; 2] = [Forbidden(RequiredAccess::OwnConcert), NotFound(Resource::Concert)];
    vec![
        put("/concerts/{concertId}/poster", upload)
            .operation("putPoster", "Give a concert a poster.")
            .description(
                "The body is a PNG, JPEG or WebP file of up to 5 MiB, from 320 to 8,000 pixels wide \
                 and high, with at most 16,000,000 pixels. The service makes JPEG files of up to \
                 four widths of it, without any metadata. The poster before is deleted.",
            )
            .access(Access::Account)
            .limit(Action::Create)
            .response(200, object::<ConcertBody>())
            .response_header("ETag")
            .refuses(&OWN),
        delete("/concerts/{concertId}/poster", remove)
            .operation("deletePoster", "Take the poster of a concert away.")
            .access(Access::Account)
            .response(200, object::<ConcertBody>())
            .response_header("ETag")
            .refuses(&OWN),
        get("/concerts/{concertId}/poster/{digest}/{width}", image)
            .operation("readPoster", "Read an image of a concert's poster.")
            .description(
                "The concert names the addresses of its images. An image never changes: it may be \
                 cached for ever. That of a draft is shown to its organizer and to operators alone.",
            )
            .path_text("digest", Some("The digest of the poster"))
            .path_text("width", Some("The width of the image, in pixels"))
            .response(200, jpeg())
            .response_header("ETag")
            .response(304, nothing("The client has the image"))
            .refuses(&[NotFound(Resource::Poster)]),
    ]
}

/// The poster of a concert.
#[derive(Serialize, ToSchema)]
pub(crate) struct PosterBody {
    #[serde(flatten)]
    widest: PosterImageBody,
    /// All its images, narrowest first.
    images: Vec<PosterImageBody>,
}

/// An image of a poster.
#[derive(Serialize, ToSchema)]
pub(crate) struct PosterImageBody {
    /// Its address on this server.
    #[schema(
        example = "/api/v1/concerts/019a0000-0000-7000-8000-000000000001/poster/0123456789abcdef0123456789abcdef/1280"
    )]
    url: String,
    /// In pixels.
    #[schema(example = 1280)]
    width: i32,
    /// In pixels.
    #[schema(example = 853)]
    height: i32,
}

impl PosterBody {
    pub(crate) fn new(id: ConcertId, poster: &Poster) -> Self {
        let digest = poster.digest.as_str();
        let image = |PictureSize { width, height }| PosterImageBody {
            url: format!("/api/v1/concerts/{id}/poster/{digest}/{width}"),
            width,
            height,
        };
        let images = poster.sizes().into_iter().map(image).collect();
        Self { widest: image(poster.size), images }
    }
}

async fn upload(
    services: Data<Services>,
    organizer: Account,
    id: Path<String>,
    expected: OptionalIfMatch,
    picture: Picture,
) -> Result<HttpResponse, ApiError> {
    let concert_id: ConcertId = ids::parse_id(&id, "concertId")?;
    let found = services.concerts.concert(concert_id, services.clock.now()).await?;
    // Before the picture is decoded, which takes long.
    found.ok_or(ApiError::NotFound(Resource::Concert))?.concert.check_own(organizer.0)?;
    let rendered = services.posters.render.render(picture.format, picture.file.into()).await??;
    change(&services, concert_id, organizer.0, Some(rendered), expected.0).await
}

async fn remove(
    services: Data<Services>,
    organizer: Account,
    id: Path<String>,
    expected: OptionalIfMatch,
) -> Result<HttpResponse, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    change(&services, concert_id, organizer.0, None, expected.0).await
}

async fn change(
    services: &Services,
    concert_id: ConcertId,
    organizer_id: UserId,
    poster: Option<RenderedPoster>,
    expected: ExpectedVersion,
) -> Result<HttpResponse, ApiError> {
    let command = ChangePoster { concert_id, organizer_id, poster, expected };
    services.posters.change_poster.submit(Submission::new(command)).await??;
    listed(services, concert_id).await
}

async fn image(
    req: HttpRequest,
    services: Data<Services>,
    caller: Caller,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, ApiError> {
    const NOT_FOUND: ApiError = ApiError::NotFound(Resource::Poster);

    let (id, digest, width) = path.into_inner();
    let id = ids::parse_id(&id, "concertId")?;
    let digest = PosterDigest::parse(&digest).ok_or(NOT_FOUND)?;
    let width: i32 = width.parse().map_err(|_| NOT_FOUND)?;
    let images = &services.posters.images;
    let mut found = images.poster_image(id, &digest, width).await?;
    let [narrowest, next, ..] = Poster::WIDTHS;
    if found.is_none() && width == narrowest {
        // Posters that an older version made lack the narrowest image.
        found = images.poster_image(id, &digest, next).await?;
    }
    let (concert, image) = found.ok_or(NOT_FOUND)?;
    if !authorization::sees(&services, &caller, &concert).await? {
        return Err(NOT_FOUND);
    }
    let caching = if concert.state.is_public() { PUBLIC } else { PRIVATE };
    let tag = EntityTag::new_strong(format!("{}-{width}", digest.as_str()));
    let is_current = has_current(&req, &tag);
    let mut answer = if is_current { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, caching));
    if is_current {
        return Ok(answer.finish());
    }
    Ok(answer.content_type("image/jpeg").body(Bytes::from_owner(image.content)))
}

#[cfg(test)]
mod tests;
