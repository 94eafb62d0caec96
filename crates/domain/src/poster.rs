//! Posters of concerts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ConcertId;
use crate::invalid::{Invalid, Rule, between};

/// The poster of a concert. Its images are rows of their own, so that a concert stays small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poster {
    /// The digest of its images: posters with the same digest have the same images.
    pub digest: PosterDigest,
    /// The size of its widest image.
    #[serde(flatten)]
    pub size: PictureSize,
}

impl Poster {
    /// The most bytes of a picture that is uploaded: 5 MiB.
    pub const BYTES_MAX: usize = 5 * 1024 * 1024;
    /// The widths of its images, in pixels, narrowest first. A picture is never widened.
    pub const WIDTHS: [i32; 4] = [160, 320, 640, 1_280];

    /// The size of a poster that is made of a picture of this size.
    pub fn size_of(picture: PictureSize) -> PictureSize {
        picture.narrowed_to(Self::WIDTHS[3])
    }

    /// The sizes of its images, narrowest first.
    pub fn sizes(&self) -> Vec<PictureSize> {
        let narrower = Self::WIDTHS.into_iter().filter(|width| *width < self.size.width);
        let mut sizes: Vec<_> = narrower.map(|width| self.size.narrowed_to(width)).collect();
        sizes.push(self.size);
        sizes
    }
}

/// The size of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureSize {
    /// Its width, in pixels.
    pub width: i32,
    /// Its height, in pixels.
    pub height: i32,
}

impl PictureSize {
    /// The fewest pixels of the width and of the height of a picture that is uploaded.
    pub const SIDE_MIN: i32 = 320;
    /// The most pixels of the width and of the height of a picture that is uploaded.
    pub const SIDE_MAX: i32 = 8_000;
    /// The most pixels of a picture that is uploaded. A small file can have many, which take memory when they are
    /// decoded.
    pub const PIXELS_MAX: i64 = 16_000_000;

    /// Checks the size of a picture that is uploaded, before it is decoded.
    ///
    /// # Errors
    /// Names the field `width`, `height` or `pixels`.
    pub fn parse(width: u32, height: u32) -> Result<Self, Invalid> {
        let side = |pixels: u32, field| {
            let side = between(pixels.into(), field, Self::SIDE_MIN.into(), Self::SIDE_MAX.into());
            side.map(|pixels| i32::try_from(pixels).unwrap_or(Self::SIDE_MAX))
        };
        let size = Self { width: side(width, "width")?, height: side(height, "height")? };
        between(i64::from(width) * i64::from(height), "pixels", 1, Self::PIXELS_MAX)?;
        Ok(size)
    }

    /// The size of the same picture at this width, if it is wider.
    #[must_use]
    pub fn narrowed_to(self, width: i32) -> Self {
        if self.width <= width {
            return self;
        }
        let (from, to) = (i64::from(self.width), i64::from(width));
        let height = (i64::from(self.height) * to + from / 2) / from;
        Self { width, height: i32::try_from(height).unwrap_or(self.height).max(1) }
    }
}

/// The digest of the images of a poster: the first 128 bits of the SHA-256 of all of them, as 32 hexadecimal digits in
/// lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PosterDigest(String);

impl PosterDigest {
    /// The number of its digits.
    pub const DIGITS: usize = 32;

    /// Takes a digest from an address, a store or an adapter. None if no poster can have it.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_digest = text.len() == Self::DIGITS && text.bytes().all(is_digit);
        is_digest.then(|| Self(text.to_owned()))
    }

    /// The digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One image of a concert's poster, as it is sent: a JPEG file without metadata. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PosterImage {
    /// The concert of the poster.
    pub concert_id: ConcertId,
    /// The digest of the poster.
    pub digest: PosterDigest,
    /// Its size.
    pub size: PictureSize,
    /// The file.
    pub content: Arc<[u8]>,
}

/// A poster with its images, made of an uploaded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedPoster {
    /// The poster.
    pub poster: Poster,
    /// The files of its images, one for each of [`Poster::sizes`], in the same order.
    pub files: Vec<Arc<[u8]>>,
}

impl RenderedPoster {
    /// Its images, as those of a concert.
    pub fn images(&self, concert_id: ConcertId) -> Vec<PosterImage> {
        let digest = &self.poster.digest;
        let image = |(size, content): (PictureSize, &Arc<[u8]>)| PosterImage {
            concert_id,
            digest: digest.clone(),
            size,
            content: Arc::clone(content),
        };
        self.poster.sizes().into_iter().zip(&self.files).map(image).collect()
    }
}

/// The format of a picture that is uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// PNG (ISO/IEC 15948).
    Png,
    /// JPEG (ISO/IEC 10918-1).
    Jpeg,
    /// WebP (RFC 9649).
    WebP,
}

impl PictureFormat {
    /// All formats, with their media types.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Png, "image/png"), (Self::Jpeg, "image/jpeg"), (Self::WebP, "image/webp")];

    /// The format of a media type.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(_, known)| media_type.eq_ignore_ascii_case(known));
        found.map(|(format, _)| format)
    }
}

/// A picture cannot be decoded: it is broken off, or of another format than is said.
pub const UNREADABLE: Invalid = Invalid::new("body", Rule::Picture);
