//! Decoding a picture, and encoding the images that are made of it.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
};
use sha2::{Digest, Sha256};
use stagedoor_domain::poster::{
    PictureFormat, PictureSize, PosterDigest, RenderedPoster, UNREADABLE,
};
use stagedoor_domain::{Invalid, Poster, Rule};

/// The most bytes that a decoder may allocate: a picture of the most pixels with eight bytes for each.
const DECODED_BYTES_MAX: u64 = 8 * PictureSize::PIXELS_MAX.unsigned_abs();
/// The quality of a JPEG file of this width, of 100. Lists load the narrow files, and a first view must be small. Screens with
/// many pixels to the inch show them small, so that the lower quality is hardly visible. The narrowest file is seen for a moment.
const fn quality(width: u32) -> u8 {
    match width {
        0..=160 => 20,
        161..=320 => 40,
        321..=640 => 60,
        _ => 82,
    }
}

/// Makes a poster of an uploaded picture.
///
/// # Errors
/// The picture is too small, too large or cannot be decoded.
pub(crate) fn render(format: PictureFormat, file: &[u8]) -> Result<RenderedPoster, Invalid> {
    let picture = decode(format, file)?;
    let size = Poster::size_of(size(&picture));
    let mut narrowest = resized(&flattened(picture), size);
    let mut poster = Poster { digest: digest(&[])?, size };
    let mut files = Vec::new();
    for size in poster.sizes().into_iter().rev() {
        narrowest = resized(&narrowest, size);
        files.push(encode(&narrowest)?);
    }
    files.reverse();
    poster.digest = digest(&files)?;
    Ok(RenderedPoster { poster, files })
}

fn decode(format: PictureFormat, file: &[u8]) -> Result<DynamicImage, Invalid> {
    let format = match format {
        PictureFormat::Png => ImageFormat::Png,
        PictureFormat::Jpeg => ImageFormat::Jpeg,
        PictureFormat::WebP => ImageFormat::WebP,
    };
    if format == ImageFormat::Jpeg && !has_end(file) {
        return Err(UNREADABLE);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    PictureSize::parse(width, height)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Whether a JPEG file has an end-of-image marker after its last scan begins. The decoder fills what is missing of a
/// file that is broken off with grey.
fn has_end(file: &[u8]) -> bool {
    let scan = file.windows(2).rposition(|marker| marker == [0xff, 0xda]);
    let last_scan = scan.and_then(|at| file.get(at..)).unwrap_or_default();
    last_scan.windows(2).any(|marker| marker == [0xff, 0xd9])
}

#[expect(clippy::needless_pass_by_value, reason = "it is an argument of map_err")]
fn refused(error: ImageError) -> Invalid {
    match error {
        ImageError::Limits(_) => Invalid::new("pixels", Rule::Between(1, PictureSize::PIXELS_MAX)),
        _ => UNREADABLE,
    }
}

fn size(picture: &DynamicImage) -> PictureSize {
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    PictureSize { width: side(picture.width()), height: side(picture.height()) }
}

/// The picture on white, where it is transparent.
fn flattened(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let on_white = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        u8::try_from((colour * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
    };
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        Rgb([red, green, blue].map(|colour| on_white(colour, alpha)))
    })
}

fn resized(picture: &RgbImage, size: PictureSize) -> RgbImage {
    let (width, height) = (size.width.unsigned_abs(), size.height.unsigned_abs());
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    imageops::resize(picture, width, height, FilterType::CatmullRom)
}

fn encode(picture: &RgbImage) -> Result<Arc<[u8]>, Invalid> {
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, quality(picture.width()));
    picture.write_with_encoder(encoder).map_err(refused)?;
    Ok(file.into())
}

fn digest(files: &[Arc<[u8]>]) -> Result<PosterDigest, Invalid> {
    let mut digest = Sha256::new();
    files.iter().for_each(|file| digest.update(file));
    let digits: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.get(..PosterDigest::DIGITS).and_then(PosterDigest::parse).ok_or(UNREADABLE)
}
