use std::io::Cursor;
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use stagedoor_domain::Invalid;
use stagedoor_domain::ports::{RenderPosters, SubmitError};
use stagedoor_domain::poster::{PictureFormat, RenderedPoster, UNREADABLE};

use super::{PosterRenderer, RUNNING_MAX, WAITING_MAX};
use crate::picture::render;

/// A picture that is red on the left and blue on the right.
fn a_picture(width: u32, height: u32) -> DynamicImage {
    let colour = |x| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
    RgbImage::from_fn(width, height, |x, _| colour(x)).into()
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn made_of(width: u32, height: u32) -> Result<RenderedPoster, Invalid> {
    render(PictureFormat::Png, &file(&a_picture(width, height), ImageFormat::Png))
}

fn images(poster: &RenderedPoster) -> Vec<RgbImage> {
    let read = |file: &Arc<[u8]>| {
        image::load_from_memory_with_format(file, ImageFormat::Jpeg).unwrap().into_rgb8()
    };
    poster.files.iter().map(read).collect()
}

fn is_near(pixel: Rgb<u8>, expected: [u8; 3]) -> bool {
    pixel.0.into_iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 12)
}

#[test]
fn a_picture_of_each_format_becomes_images_of_four_widths() {
    for (format, written) in [
        (PictureFormat::Png, ImageFormat::Png),
        (PictureFormat::Jpeg, ImageFormat::Jpeg),
        (PictureFormat::WebP, ImageFormat::WebP),
    ] {
        let poster = render(format, &file(&a_picture(1_600, 2_400), written)).unwrap();

        let images = images(&poster);
        let sizes: Vec<_> = images.iter().map(RgbImage::dimensions).collect();
        assert_eq!(sizes, [(160, 240), (320, 480), (640, 960), (1_280, 1_920)], "{format:?}");
        for image in images {
            let (width, height) = image.dimensions();
            assert!(is_near(*image.get_pixel(width / 8, height / 2), [255, 0, 0]));
            assert!(is_near(*image.get_pixel(width * 7 / 8, height / 2), [0, 0, 255]));
        }
    }
}

#[test]
fn the_same_file_gives_the_same_digest_and_another_picture_another() {
    let poster = made_of(400, 400).unwrap();

    assert_eq!(made_of(400, 400).unwrap(), poster);
    assert_ne!(made_of(400, 401).unwrap().poster.digest, poster.poster.digest);
}

#[test]
fn a_narrow_picture_keeps_its_width() {
    let sizes = |width, height| {
        let images = images(&made_of(width, height).unwrap());
        images.iter().map(RgbImage::dimensions).collect::<Vec<_>>()
    };
    assert_eq!(sizes(320, 500), [(160, 250), (320, 500)]);
    assert_eq!(sizes(640, 500), [(160, 125), (320, 250), (640, 500)]);
    assert_eq!(sizes(700, 320), [(160, 73), (320, 146), (640, 293), (700, 320)]);
}

#[test]
fn what_is_transparent_becomes_white() {
    let clear = RgbaImage::from_pixel(400, 400, Rgba([0, 0, 0, 0]));
    let half = RgbaImage::from_pixel(400, 400, Rgba([0, 0, 0, 128]));
    for (picture, expected) in [(clear, [255; 3]), (half, [127; 3])] {
        let poster = render(PictureFormat::Png, &file(&picture.into(), ImageFormat::Png)).unwrap();
        assert!(is_near(*images(&poster)[0].get_pixel(9, 9), expected));
    }
}

/// A JPEG file with Exif data of this orientation and a name.
fn with_exif(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend([0x01, 0x3b, 0, 2, 0, 0, 0, 7, 0, 0, 0, 38]);
    exif.extend(b"\0\0\0\0SECRET\0");
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new(&mut file);
    encoder.set_exif_metadata(exif).unwrap();
    picture.write_with_encoder(encoder).unwrap();
    file
}

#[test]
fn a_picture_is_turned_as_its_exif_data_say_and_nothing_else_is_kept_of_them() {
    let file = with_exif(&a_picture(640, 400), 6);
    assert!(file.windows(6).any(|bytes| bytes == b"SECRET"));

    let poster = render(PictureFormat::Jpeg, &file).unwrap();

    let image = &images(&poster)[2];
    assert_eq!(image.dimensions(), (400, 640));
    assert!(is_near(*image.get_pixel(200, 80), [255, 0, 0]), "the left side is above");
    assert!(is_near(*image.get_pixel(200, 560), [0, 0, 255]));
    for file in &poster.files {
        assert!(!file.windows(4).any(|bytes| bytes == b"Exif" || bytes == b"SECR"));
    }
}

#[test]
fn a_file_that_is_broken_off_or_of_another_format_is_refused() {
    for (format, written) in [
        (PictureFormat::Png, ImageFormat::Png),
        (PictureFormat::Jpeg, ImageFormat::Jpeg),
        (PictureFormat::WebP, ImageFormat::WebP),
    ] {
        let whole = file(&a_picture(500, 500), written);
        assert!(render(format, &whole).is_ok());
        for bytes in [0, 1, 8, 20, whole.len() / 2, whole.len() * 9 / 10] {
            let broken_off = render(format, &whole[..bytes]).map(|made| made.poster);
            assert_eq!(broken_off, Err(UNREADABLE), "{format:?} {bytes}");
        }
        for (other, _) in PictureFormat::ALL {
            assert!(other == format || render(other, &whole) == Err(UNREADABLE), "{other:?}");
        }
        assert_eq!(render(format, b"<svg onload='alert(1)'/>"), Err(UNREADABLE));
    }
}

#[test]
fn a_picture_that_is_too_small_or_too_large_names_what_is() {
    let field = |width, height| made_of(width, height).map(|_| ()).map_err(|bad| bad.field);
    assert_eq!(field(319, 400), Err("width".into()));
    assert_eq!(field(400, 319), Err("height".into()));
    assert_eq!(field(8_001, 320), Err("width".into()));
    assert_eq!(field(5_000, 4_000), Err("pixels".into()));
}

/// A PNG file that says that it has this size, and has no pixels.
fn a_png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut file = file(&a_picture(400, 400), ImageFormat::Png);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc(&file[12..29]);
    file[29..33].copy_from_slice(&crc.to_be_bytes());
    file
}

/// The checksum of a chunk (ISO/IEC 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    let of_byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(u32::MAX, of_byte)
}

#[test]
fn a_small_file_that_claims_to_be_huge_is_refused_before_it_is_decoded() {
    for (width, height, field) in
        [(1_000_000, 1_000_000, "width"), (8_000, 8_000, "pixels"), (u32::MAX >> 1, 1, "pixels")]
    {
        let refused = render(PictureFormat::Png, &a_png_that_claims(width, height));
        assert_eq!(refused.unwrap_err().field, field, "{width} x {height}");
    }
    let within = render(PictureFormat::Png, &a_png_that_claims(4_000, 4_000));
    assert_eq!(within, Err(UNREADABLE), "its pixels are missing");
}

#[tokio::test]
async fn too_many_at_once_are_rejected_at_once() {
    let renderer = PosterRenderer::default();
    let png = file(&a_picture(320, 320), ImageFormat::Png);
    let all = u32::try_from(RUNNING_MAX + WAITING_MAX).unwrap();
    let taken = renderer.admitted.try_acquire_many(all).unwrap();

    let rejected = renderer.render(PictureFormat::Png, png.clone()).await;
    assert_eq!(rejected, Err(SubmitError::Overloaded));
    drop(taken);
    assert!(renderer.render(PictureFormat::Png, png).await.unwrap().is_ok());
}
