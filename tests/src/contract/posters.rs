//! Posters of concerts.

use std::sync::Arc;

use stagedoor_domain::operations::{ChangePoster, EditConcertRefused};
use stagedoor_domain::poster::{PictureSize, PosterDigest, PosterImage, RenderedPoster};
use stagedoor_domain::{ConcertId, ExpectedVersion, Poster};

use super::store::{Store, ask, ask_all, assert_sound, together};
use super::world::{OPENING, Show, World, at};

/// A poster with this digit in its digest, of `width` pixels.
pub fn a_poster(digit: u8, width: i32) -> RenderedPoster {
    let digest = PosterDigest::parse(&format!("{digit:x}").repeat(32)).expect("one digit");
    let poster = Poster { digest, size: PictureSize { width, height: 480 } };
    // Every byte value: a store must not take the bytes for text.
    let file = |bytes: usize| (0..=255).cycle().take(bytes).collect::<Vec<u8>>();
    let files = (1..=poster.sizes().len()).map(|nth| Arc::from(file(300 * nth))).collect();
    RenderedPoster { poster, files }
}

impl Show {
    /// The organizer changes its poster, whatever its version is.
    pub fn show_poster(&self, poster: Option<RenderedPoster>) -> ChangePoster {
        ChangePoster {
            concert_id: self.concert_id,
            organizer_id: self.organizer_id,
            poster,
            expected: ExpectedVersion::Any,
        }
    }
}

impl<S: Store> World<S> {
    /// The images that the store has of a poster.
    async fn images(&self, id: ConcertId, of: &RenderedPoster) -> Vec<PosterImage> {
        let mut images = Vec::new();
        for size in of.poster.sizes() {
            let found = self.store.poster_image(id, &of.poster.digest, size.width).await;
            if let Some((concert, image)) = found.expect("the store reads") {
                assert_eq!(concert.id, id);
                images.push(image);
            }
        }
        images
    }

    async fn poster(&self, id: ConcertId) -> Option<Poster> {
        let found = self.store.concert(id, OPENING).await.expect("the store reads");
        found.expect("there is such a concert").concert.poster
    }
}

/// With each of its images, byte by byte, and no other.
pub async fn a_poster_reads_back_with_its_images<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.draft().await, world.show(1, 1).await);
    let (wide, narrow) = (a_poster(1, 1_280), a_poster(1, 320));

    let changed = world.done(show.show_poster(Some(wide.clone())), at(1)).await;
    world.done(other.show_poster(Some(narrow.clone())), at(1)).await;

    assert_eq!((changed.poster.as_ref(), changed.version), (Some(&wide.poster), 1));
    assert_eq!(world.poster(show.concert_id).await, Some(wide.poster.clone()));
    assert_eq!(world.images(show.concert_id, &wide).await, wide.images(show.concert_id));
    assert_eq!(world.images(other.concert_id, &wide).await, narrow.images(other.concert_id));
    assert_sound(&world.store, at(1)).await;
}

/// In one batch and in the next.
pub async fn another_poster_takes_the_place_of_the_one_before<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(1, 1).await;
    let [first, second, third] = [1, 2, 3].map(|digit| a_poster(digit, 640));
    world.done(show.show_poster(Some(first.clone())), at(1)).await;

    let posters = [Some(second.clone()), None, Some(first.clone()), Some(third.clone())];
    let verdicts =
        ask_all(&world.store, posters.map(|poster| show.show_poster(poster)), at(2)).await;

    assert_eq!(verdicts.len(), verdicts.iter().flatten().count());
    assert_eq!(world.poster(show.concert_id).await, Some(third.poster.clone()));
    assert_eq!(world.images(show.concert_id, &third).await, third.images(show.concert_id));
    for gone in [&first, &second] {
        assert_eq!(world.images(show.concert_id, gone).await, []);
    }
    world.done(show.show_poster(None), at(3)).await;
    assert_eq!(world.images(show.concert_id, &third).await, []);
    assert_eq!(world.poster(show.concert_id).await, None);
    assert_sound(&world.store, at(3)).await;
}

/// Of a concert that is deleted.
pub async fn a_poster_goes_with_its_concert<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.show(1, 1).await, world.show(1, 1).await);
    let poster = a_poster(1, 640);
    for show in [&show, &other] {
        world.done(show.show_poster(Some(poster.clone())), at(1)).await;
    }

    world.done(show.delete(), at(2)).await;

    assert_eq!(world.images(show.concert_id, &poster).await, []);
    assert_eq!(world.images(other.concert_id, &poster).await.len(), 3);
    assert_sound(&world.store, at(2)).await;
}

/// Of ten posters for one version one is shown, with its own images alone.
pub async fn two_posters_for_one_version_do_not_both_count<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(1, 1).await;
    let tasks = (0..10).map(|digit| {
        let expected = ExpectedVersion::OneOf(vec![0]);
        let change = ChangePoster { expected, ..show.show_poster(Some(a_poster(digit, 640))) };
        let store = world.store.clone();
        async move { ask(&store, change, at(1)).await }
    });

    let verdicts = together(tasks.collect::<Vec<_>>()).await;

    let (done, refused): (Vec<_>, Vec<_>) = verdicts.into_iter().partition(Result::is_ok);
    assert!(refused.iter().all(|it| *it == Err(EditConcertRefused::OtherVersion)));
    assert_eq!((done.len(), refused.len()), (1, 9));
    let mut images = Vec::new();
    for digit in 0..10 {
        images.extend(world.images(show.concert_id, &a_poster(digit, 640)).await);
    }
    let shown = world.poster(show.concert_id).await.expect("one was shown");
    assert_eq!(images.len(), 3);
    assert!(images.iter().all(|image| image.digest == shown.digest));
    assert_sound(&world.store, at(1)).await;
}
