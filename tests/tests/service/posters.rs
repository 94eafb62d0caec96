//! Posters of concerts.

use image::{DynamicImage, GenericImageView, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::service::{Answer, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    an_uploaded_picture_is_shown_with_the_concert_and_cached_for_ever,
    a_file_that_is_no_picture_is_refused_and_changes_nothing,
    the_poster_of_a_draft_is_shown_to_its_organizer_and_to_operators_alone,
    a_poster_that_was_replaced_or_removed_is_gone,
    a_copy_of_a_concert_has_no_poster,
);

const CONCERTS: &str = "/api/v1/concerts";

fn picture(width: u32, colour: [u8; 3], format: ImageFormat) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = DynamicImage::from(RgbImage::from_pixel(width, 480, Rgb(colour)));
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

async fn announced<'s>(service: &'s Service, state: &str) -> (Person<'s>, Answer) {
    let organizer = service.new_user_as(Role::Organizer).await;
    let made = organizer.post(CONCERTS, json!({"title": "콘서트", "state": state})).await;
    assert_eq!(made.status, 201, "{made:?}");
    (organizer, made)
}

async fn upload(who: &Person<'_>, concert: &Answer, media_type: &str, file: Vec<u8>) -> Answer {
    let path = format!("{CONCERTS}/{}/poster", concert.text_at("id"));
    let request = who.request(Method::PUT, &path).header("Content-Type", media_type);
    who.send(request.body(file)).await
}

async fn uploaded(who: &Person<'_>, concert: &Answer, colour: [u8; 3]) -> Value {
    let file = picture(640, colour, ImageFormat::Png);
    let shown = upload(who, concert, "image/png", file).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    shown.body["poster"].clone()
}

fn url(poster: &Value) -> &str {
    poster["url"].as_str().unwrap()
}

async fn an_uploaded_picture_is_shown_with_the_concert_and_cached_for_ever(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, concert) = announced(&service, "PUBLISHED").await;
    assert_eq!(concert.body["poster"], Value::Null);

    for (format, media_type) in [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::WebP, "image/webp"),
    ] {
        let file = picture(1_600, [200, 30, 60], format);
        let shown = upload(&organizer, &concert, media_type, file).await;

        assert_eq!(shown.status, 200, "{shown:?}");
        let read = service.anyone().get(&format!("{CONCERTS}/{}", concert.text_at("id"))).await;
        assert_eq!(read.body["poster"], shown.body["poster"]);
        assert_eq!(read.header("etag"), shown.header("etag"));
        let images = read.body["poster"]["images"].as_array().unwrap();
        assert_eq!(images.len(), 4);
        for image in images {
            let request = service.anyone().request(Method::GET, url(image));
            let sent = request.send().await.unwrap();
            assert_eq!(sent.headers()["content-type"], "image/jpeg");
            assert_eq!(sent.headers()["x-content-type-options"], "nosniff");
            assert_eq!(sent.headers()["cache-control"], "public, max-age=31536000, immutable");
            let tag = sent.headers()["etag"].clone();
            let file = sent.bytes().await.unwrap();
            let decoded = image::load_from_memory_with_format(&file, ImageFormat::Jpeg).unwrap();
            let (width, height) = decoded.dimensions();
            assert_eq!(json!([width, height]), json!([image["width"], image["height"]]));
            let again = service.anyone().request(Method::GET, url(image));
            let unchanged = again.header("If-None-Match", tag).send().await.unwrap();
            assert_eq!(unchanged.status(), 304);
        }
        let listed = service.anyone().get(CONCERTS).await;
        assert_eq!(listed.body["items"][0]["poster"], shown.body["poster"]);
    }
}

async fn a_file_that_is_no_picture_is_refused_and_changes_nothing(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, concert) = announced(&service, "PUBLISHED").await;
    let poster = uploaded(&organizer, &concert, [1, 2, 3]).await;
    let png = picture(400, [9; 3], ImageFormat::Png);
    let small = picture(319, [9; 3], ImageFormat::Png);
    let mut bomb = png.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0x1f, 0x40, 0, 0, 0x1f, 0x40]);

    for (media_type, file, field) in [
        ("image/png", png[..png.len() / 2].to_vec(), "body"),
        ("image/jpeg", png.clone(), "body"),
        ("image/png", b"<script>alert(1)</script>".to_vec(), "body"),
        ("image/webp", Vec::new(), "body"),
        ("image/png", small, "width"),
        ("image/png", bomb, "body"),
    ] {
        let refused = upload(&organizer, &concert, media_type, file).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{media_type} {field}: {refused:?}");
        assert_eq!(refused.body["errors"][0]["field"], field);
    }
    let gif = upload(&organizer, &concert, "image/gif", b"GIF89a".to_vec()).await;
    assert_eq!(gif.refusal(), (415, "UNSUPPORTED_MEDIA_TYPE"));
    let fan = service.new_user().await;
    assert_eq!(
        upload(&fan, &concert, "image/png", png.clone()).await.refusal(),
        (403, "FORBIDDEN")
    );
    let anyone = upload(&service.anyone(), &concert, "image/png", png).await;
    assert_eq!(anyone.refusal(), (401, "UNAUTHENTICATED"));
    let read = organizer.get(&format!("{CONCERTS}/{}", concert.text_at("id"))).await;
    assert_eq!(read.body["poster"], poster);
}

async fn the_poster_of_a_draft_is_shown_to_its_organizer_and_to_operators_alone(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, concert) = announced(&service, "DRAFT").await;
    let poster = uploaded(&organizer, &concert, [1, 2, 3]).await;
    let operator = service.new_user_as(Role::Operator).await;
    let (fan, anyone) = (service.new_user().await, service.anyone());

    for who in [&organizer, &operator] {
        let sent = who.get(url(&poster)).await;
        assert_eq!(sent.status, 200);
        assert_eq!(sent.header("cache-control"), "private, max-age=31536000, immutable");
    }
    for who in [&fan, &anyone] {
        assert_eq!(who.get(url(&poster)).await.refusal(), (404, "POSTER_NOT_FOUND"));
    }
}

async fn a_poster_that_was_replaced_or_removed_is_gone(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, concert) = announced(&service, "PUBLISHED").await;
    let first = uploaded(&organizer, &concert, [1, 2, 3]).await;
    let second = uploaded(&organizer, &concert, [200, 2, 3]).await;
    let path = format!("{CONCERTS}/{}/poster", concert.text_at("id"));
    let statuses = async |urls: [&Value; 2]| {
        let mut statuses = Vec::new();
        for poster in urls {
            statuses.push(service.anyone().get(url(poster)).await.status.as_u16());
        }
        statuses
    };

    assert_eq!(statuses([&first, &second]).await, [404, 200]);
    let remove = || organizer.request(Method::DELETE, &path);
    let late = organizer.send(remove().header("If-Match", "\"v0\"")).await;
    assert_eq!(late.refusal(), (412, "PRECONDITION_FAILED"));
    let removed = organizer.send(remove().header("If-Match", "\"v2\"")).await;
    assert_eq!((removed.status.as_u16(), &removed.body["poster"]), (200, &Value::Null));
    assert_eq!(statuses([&first, &second]).await, [404, 404]);
    uploaded(&organizer, &concert, [1, 2, 3]).await;
    assert_eq!(statuses([&first, &second]).await, [200, 404], "the same picture, the same address");
}

async fn a_copy_of_a_concert_has_no_poster(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, concert) = announced(&service, "PUBLISHED").await;
    uploaded(&organizer, &concert, [1, 2, 3]).await;

    let path = format!("{CONCERTS}/{}/duplicate", concert.text_at("id"));
    let copy = organizer.send(organizer.request(Method::POST, &path)).await;

    assert_eq!((copy.status.as_u16(), &copy.body["poster"]), (201, &Value::Null));
}
