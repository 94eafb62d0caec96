use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::test::TestRequest;
use serde_json::json;
use stagedoor_domain::concert::NotOwn;
use stagedoor_domain::operations::EditConcertRefused;
use stagedoor_domain::ports::{
    ConcertListing, MockConcerts, MockPosterImages, MockRenderPosters, MockUsers, SubmitError,
};
use stagedoor_domain::poster::{
    PictureSize, PosterDigest, PosterImage, RenderedPoster, UNREADABLE,
};
use stagedoor_domain::{Concert, ConcertDetails, ConcertId, ConcertState, Poster, Title, UserId};
use uuid::Uuid;

use crate::services::Services;
use crate::testing::{
    Answer, NOW, a_user, an_account, answer, answering, request, services, settings,
};

fn a_poster() -> Poster {
    let digest = PosterDigest::parse(&"0a".repeat(16)).unwrap();
    Poster { digest, size: PictureSize { width: 640, height: 960 } }
}

fn a_concert() -> Concert {
    let details = ConcertDetails::titled(Title::parse("Autumn night").unwrap());
    let concert = Concert::new(ConcertId(Uuid::from_u128(3)), a_user(), details, NOW);
    Concert { poster: Some(a_poster()), version: 4, ..concert }
}

fn path() -> String {
    format!("/api/v1/concerts/{}/poster", a_concert().id)
}

/// Services in which there is this concert, and each picture is made a poster.
fn with(concert: Concert) -> Services {
    let mut services = services();
    let mut concerts = MockConcerts::new();
    let listing = ConcertListing::new(concert.clone(), false, Vec::new(), NOW);
    concerts.expect_concert().returning(move |_, _| Ok(Some(listing.clone())));
    services.concerts = Arc::new(concerts);
    let mut render = MockRenderPosters::new();
    let files = vec![Arc::from([7_u8].as_slice()); 3];
    let rendered = RenderedPoster { poster: a_poster(), files };
    render.expect_render().returning(move |_, _| Ok(Ok(rendered.clone())));
    services.posters.render = Arc::new(render);
    services.posters.change_poster = answering(Ok(concert));
    services
}

fn upload(media_type: &str, file: Vec<u8>) -> TestRequest {
    let request = request(Method::PUT, &path()).insert_header((AUTHORIZATION, an_account()));
    request.insert_header((CONTENT_TYPE, media_type.to_owned())).set_payload(file)
}

#[actix_web::test]
async fn a_picture_becomes_the_poster_of_a_concert() {
    let file = vec![7; 2 * settings().body_bytes_max];

    let shown = answer(with(a_concert()), upload("image/png", file)).await;

    let image = |width: i32| {
        let url = format!("{}/{}/{width}", path(), "0a".repeat(16));
        json!({"url": url, "width": width, "height": width * 3 / 2})
    };
    let mut expected = image(640);
    expected["images"] = json!([image(160), image(320), image(640)]);
    assert_eq!((shown.status.as_u16(), shown.header(ETAG)), (200, "\"v4\""));
    assert_eq!(shown.json()["poster"], expected);
}

#[actix_web::test]
async fn a_poster_is_taken_away() {
    let bare = Concert { poster: None, ..a_concert() };
    let remove = request(Method::DELETE, &path()).insert_header((AUTHORIZATION, an_account()));

    let shown = answer(with(bare), remove).await;

    assert_eq!((shown.status.as_u16(), &shown.json()["poster"]), (200, &json!(null)));
}

#[actix_web::test]
async fn what_is_no_picture_is_refused_with_its_reason() {
    let refused = |media_type, bytes| answer(with(a_concert()), upload(media_type, vec![7; bytes]));

    for media_type in ["image/gif", "image/svg+xml", "application/json", "text/plain"] {
        let refused = refused(media_type, 10).await;
        assert_eq!(refused.refusal(), (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()), "{media_type}");
    }
    assert_eq!(refused("image/webp", Poster::BYTES_MAX).await.status, 200);
    let large = refused("image/webp", Poster::BYTES_MAX + 1).await;
    assert_eq!(large.refusal(), (413, "BODY_TOO_LARGE".to_owned()));
    let coded = upload("image/png", vec![7]).insert_header((CONTENT_ENCODING, "gzip"));
    let coded = answer(with(a_concert()), coded).await;
    assert_eq!(coded.refusal(), (415, "UNSUPPORTED_CONTENT_ENCODING".to_owned()));
    for (outcome, expected) in [
        (Ok(Err(UNREADABLE)), (400, "VALIDATION")),
        (Err(SubmitError::Overloaded), (503, "OVERLOADED")),
    ] {
        let mut render = MockRenderPosters::new();
        render.expect_render().returning(move |_, _| outcome.clone());
        let mut services = with(a_concert());
        services.posters.render = Arc::new(render);
        let told = answer(services, upload("image/png", vec![7])).await;
        assert_eq!(told.refusal(), (expected.0, expected.1.to_owned()));
    }
}

#[actix_web::test]
async fn a_poster_is_changed_by_the_organizer_for_the_version_that_was_seen() {
    let another = Concert { organizer_id: UserId(Uuid::from_u128(9)), ..a_concert() };
    let draft = Concert { state: ConcertState::Draft, ..another.clone() };
    for (concert, expected) in [(another, (403, "FORBIDDEN")), (draft, (404, "CONCERT_NOT_FOUND"))]
    {
        let mut services = with(concert);
        // Not decoded: that takes long.
        services.posters.render = Arc::new(MockRenderPosters::new());
        let told = answer(services, upload("image/png", vec![7])).await;
        assert_eq!(told.refusal(), (expected.0, expected.1.to_owned()));
    }
    for (refused, expected) in [
        (EditConcertRefused::OtherVersion, (412, "PRECONDITION_FAILED")),
        (EditConcertRefused::NotOwn(NotOwn::NotFound), (404, "CONCERT_NOT_FOUND")),
    ] {
        let mut services = with(a_concert());
        services.posters.change_poster = answering(Err(refused));
        let upload = upload("image/png", vec![7]).insert_header((IF_MATCH, "\"v3\""));
        let told = answer(services, upload).await;
        assert_eq!(told.refusal(), (expected.0, expected.1.to_owned()));
    }
    let unsigned = request(Method::PUT, &path()).insert_header((CONTENT_TYPE, "image/png"));
    assert_eq!(answer(services(), unsigned).await.status, 401);
}

/// Reads an image of this concert's poster.
async fn read(concert: Concert, request: TestRequest) -> Answer {
    let mut services = services();
    let mut images = MockPosterImages::new();
    images.expect_poster_image().returning(move |concert_id, digest, width| {
        let size = PictureSize { width, height: 480 };
        let is_there = width == 320 && *digest == a_poster().digest;
        let content = Arc::from(b"a picture".as_slice());
        let image = PosterImage { concert_id, digest: digest.clone(), size, content };
        Ok(is_there.then(|| (concert.clone(), image)))
    });
    services.posters.images = Arc::new(images);
    let mut users = MockUsers::new();
    users.expect_user().returning(|_| Ok(None));
    services.people.users = Arc::new(users);
    answer(services, request).await
}

fn image() -> String {
    format!("{}/{}/320", path(), "0a".repeat(16))
}

#[actix_web::test]
async fn an_image_is_sent_to_everyone_and_cached_for_ever() {
    let sent = read(a_concert(), request(Method::GET, &image())).await;

    assert_eq!((sent.status.as_u16(), sent.text.as_str()), (200, "a picture"));
    assert_eq!(sent.header(CONTENT_TYPE), "image/jpeg");
    assert_eq!(sent.header(X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(sent.header(CACHE_CONTROL), "public, max-age=31536000, immutable");
    let tag = format!("\"{}-320\"", "0a".repeat(16));
    assert_eq!(sent.header(ETAG), tag);
    let again = request(Method::GET, &image()).insert_header((IF_NONE_MATCH, tag.clone()));
    let unchanged = read(a_concert(), again).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.text.as_str()), (304, ""));
    assert_eq!(unchanged.header(ETAG), tag);
}

#[actix_web::test]
async fn the_narrowest_image_of_a_poster_that_lacks_it_is_the_next_one() {
    let narrowest = format!("{}/{}/160", path(), "0a".repeat(16));

    let sent = read(a_concert(), request(Method::GET, &narrowest)).await;

    assert_eq!((sent.status.as_u16(), sent.text.as_str()), (200, "a picture"));
}

#[actix_web::test]
async fn an_image_of_a_draft_is_sent_to_its_organizer_alone() {
    let draft = Concert { state: ConcertState::Draft, ..a_concert() };
    let anothers = Concert { organizer_id: UserId(Uuid::from_u128(9)), ..draft.clone() };
    let signed = || request(Method::GET, &image()).insert_header((AUTHORIZATION, an_account()));

    let own = read(draft.clone(), signed()).await;
    let strangers =
        [read(draft, request(Method::GET, &image())).await, read(anothers, signed()).await];

    assert_eq!(own.status, 200);
    assert_eq!(own.header(CACHE_CONTROL), "private, max-age=31536000, immutable");
    for stranger in strangers {
        assert_eq!(stranger.refusal(), (404, "POSTER_NOT_FOUND".to_owned()));
    }
}

#[actix_web::test]
async fn an_image_that_no_poster_has_is_not_found() {
    let digest = "0a".repeat(16);
    for rest in [
        format!("{digest}/640"),
        format!("{digest}/-320"),
        format!("{digest}/99999999999"),
        format!("{digest}/x"),
        format!("{}/320", "0b".repeat(16)),
        "x/320".to_owned(),
    ] {
        let told = read(a_concert(), request(Method::GET, &format!("{}/{rest}", path()))).await;
        assert_eq!(told.refusal(), (404, "POSTER_NOT_FOUND".to_owned()), "{rest}");
    }
    let path = format!("/api/v1/concerts/x/poster/{digest}/320");
    let told = read(a_concert(), request(Method::GET, &path)).await;
    assert_eq!(told.refusal(), (400, "VALIDATION".to_owned()));
}
