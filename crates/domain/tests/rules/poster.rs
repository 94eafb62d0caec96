//! Posters of concerts.

use std::sync::Arc;

use stagedoor_domain::concert::NotOwn;
use stagedoor_domain::operations::{ChangePoster, DeleteConcert, EditConcertRefused};
use stagedoor_domain::poster::{
    PictureFormat, PictureSize, PosterDigest, PosterImage, RenderedPoster,
};
use stagedoor_domain::{Concert, ConcertState, ExpectedVersion, Poster, Submission};

use crate::builders::{NOW, a_concert, concert, user};
use crate::world::World;

/// A poster with this digit in its digest, 1,000 pixels wide.
fn a_poster(digit: char) -> RenderedPoster {
    let digest = PosterDigest::parse(&digit.to_string().repeat(32)).unwrap();
    let poster = Poster { digest, size: PictureSize { width: 1_000, height: 1_500 } };
    let files = [1, 2, 3, 4].map(|bytes| Arc::from(vec![7; bytes])).to_vec();
    RenderedPoster { poster, files }
}

/// The organizer changes the poster of concert 1.
fn show(poster: Option<RenderedPoster>) -> ChangePoster {
    let (concert_id, organizer_id) = (concert(1), user(9));
    ChangePoster { concert_id, organizer_id, poster, expected: ExpectedVersion::Any }
}

fn images(world: &World) -> Vec<PosterImage> {
    world.all().cloned().collect()
}

#[test]
fn the_size_of_a_picture_has_bounds() {
    let field = |width, height| PictureSize::parse(width, height).map_err(|bad| bad.field);
    for (width, height) in [(320, 320), (8_000, 2_000), (2_000, 8_000), (4_000, 4_000)] {
        assert!(field(width, height).is_ok(), "{width} x {height}");
    }
    for (width, height, expected) in [
        (319, 320, "width"),
        (8_001, 320, "width"),
        (u32::MAX, u32::MAX, "width"),
        (320, 319, "height"),
        (320, 8_001, "height"),
        (4_000, 4_001, "pixels"),
    ] {
        assert_eq!(field(width, height), Err(expected.into()), "{width} x {height}");
    }
}

#[test]
fn a_poster_has_the_widths_that_its_picture_allows_and_keeps_its_form() {
    let sizes = |width, height| {
        let size = Poster::size_of(PictureSize { width, height });
        let poster = Poster { size, ..a_poster('a').poster };
        poster.sizes().into_iter().map(|size| (size.width, size.height)).collect::<Vec<_>>()
    };
    assert_eq!(sizes(320, 480), [(160, 240), (320, 480)]);
    assert_eq!(sizes(500, 333), [(160, 107), (320, 213), (500, 333)]);
    assert_eq!(sizes(640, 321), [(160, 80), (320, 161), (640, 321)]);
    assert_eq!(sizes(4_000, 3_000), [(160, 120), (320, 240), (640, 480), (1_280, 960)]);
    assert_eq!(sizes(8_000, 320), [(160, 6), (320, 13), (640, 26), (1_280, 51)]);
}

#[test]
fn a_digest_is_32_hexadecimal_digits_in_lower_case() {
    assert!(PosterDigest::parse(&"0f".repeat(16)).is_some());
    for text in [&"0f".repeat(15), &"0F".repeat(16), &"0g".repeat(16), &"é".repeat(16), ""] {
        assert_eq!(PosterDigest::parse(text), None, "{text}");
    }
}

#[test]
fn a_digest_reads_as_it_was_written() {
    let text = "0f".repeat(16);

    assert_eq!(PosterDigest::parse(&text).map(|digest| digest.as_str().to_owned()), Some(text));
}

#[test]
fn an_upload_has_at_most_five_mebibytes() {
    assert_eq!(Poster::BYTES_MAX, 5_242_880);
}

#[test]
fn each_size_of_a_poster_is_an_image_with_its_file() {
    let images = a_poster('a').images(concert(1));

    let sizes = images.iter().map(|image| (image.size.width, image.content.len()));
    assert!(sizes.eq([(160, 1), (320, 2), (640, 3), (1_000, 4)]));
    let digest = a_poster('a').poster.digest;
    assert!(images.iter().all(|it| it.concert_id == concert(1) && it.digest == digest));
}

#[test]
fn three_media_types_are_pictures() {
    for (format, media_type) in PictureFormat::ALL {
        assert_eq!(PictureFormat::of_media_type(media_type), Some(format));
        assert_eq!(PictureFormat::of_media_type(&media_type.to_uppercase()), Some(format));
    }
    for other in ["image/gif", "image/svg+xml", "application/octet-stream", "image/*", ""] {
        assert_eq!(PictureFormat::of_media_type(other), None, "{other}");
    }
}

#[test]
fn a_poster_takes_the_place_of_the_one_before_with_all_its_images() {
    let mut world = World::default().with([a_concert()]);

    let first = world.decide(show(Some(a_poster('a'))), NOW).unwrap();
    assert_eq!((first.poster, first.version), (Some(a_poster('a').poster), 1));
    assert_eq!(images(&world), a_poster('a').images(concert(1)));
    let second = world.decide(show(Some(a_poster('b'))), NOW).unwrap();
    assert_eq!((second.poster, second.version), (Some(a_poster('b').poster), 2));
    assert_eq!(images(&world), a_poster('b').images(concert(1)));
    let same = world.decide(show(Some(a_poster('b'))), NOW).unwrap();
    assert_eq!(same.version, 2, "the same poster is no change");
    let none = world.decide(show(None), NOW).unwrap();
    assert_eq!((none.poster, none.version), (None, 3));
    assert_eq!(images(&world), []);
}

#[test]
fn the_images_of_the_poster_before_are_deleted() {
    let mut world = World::default().with([a_concert()]);
    world.decide(show(Some(a_poster('a'))), NOW).unwrap();

    let (_, changes) = world.outcome(&[Submission::new(show(Some(a_poster('b'))))], NOW);

    let deleted: Vec<_> = changes.deleted_images().into_iter().cloned().collect();
    assert_eq!(deleted, a_poster('a').images(concert(1)));
}

#[test]
fn the_poster_of_another_concert_stays_when_one_is_deleted() {
    let draft = Concert { state: ConcertState::Draft, ..a_concert() };
    let mut world = World::default().with([draft, Concert { id: concert(2), ..a_concert() }]);
    for id in [1, 2] {
        let of_one = ChangePoster { concert_id: concert(id), ..show(Some(a_poster('a'))) };
        world.decide(of_one, NOW).unwrap();
    }

    let delete = DeleteConcert { concert_id: concert(1), organizer_id: user(9) };
    world.decide(delete, NOW).unwrap();

    assert_eq!(images(&world), a_poster('a').images(concert(2)));
}

#[test]
fn posters_in_a_batch_are_posters_one_by_one() {
    let all = [Some('a'), Some('b'), None, Some('a'), Some('c'), None];
    for before in [None, Some('a')] {
        for from in 0..all.len() {
            for to in from..=all.len() {
                let commands: Vec<_> =
                    all[from..to].iter().map(|digit| show(digit.map(a_poster))).collect();
                let mut world = World::default().with([a_concert()]);
                world.decide(show(before.map(a_poster)), NOW).unwrap();
                let mut stepwise = world.clone();

                let at_once = world.decide_batch(&commands, NOW);

                let one_by_one: Vec<_> =
                    commands.into_iter().map(|one| stepwise.decide(one, NOW)).collect();
                assert_eq!(at_once, one_by_one);
                assert_eq!(images(&world), images(&stepwise), "{before:?}, {:?}", &all[from..to]);
            }
        }
    }
}

#[test]
fn a_poster_of_anothers_concert_or_for_another_version_is_refused() {
    let stranger = ChangePoster { organizer_id: user(8), ..show(None) };
    let draft = Concert { state: ConcertState::Draft, ..a_concert() };
    let missing = EditConcertRefused::NotOwn(NotOwn::NotFound);
    let anothers = EditConcertRefused::NotOwn(NotOwn::AnotherOrganizers);
    let late = ChangePoster { expected: ExpectedVersion::OneOf(vec![7]), ..show(None) };

    assert_eq!(World::default().refusal(stranger.clone(), NOW), missing);
    assert_eq!(World::default().with([draft]).refusal(stranger.clone(), NOW), missing);
    assert_eq!(World::default().with([a_concert()]).refusal(stranger, NOW), anothers);
    let refused = World::default().with([a_concert()]).refusal(late, NOW);
    assert_eq!(refused, EditConcertRefused::OtherVersion);
}
