//! Drawings of codes: QR codes (ISO/IEC 18004) as SVG, and as PNG for programs that show no SVG.

use image::codecs::png::PngEncoder;
use image::{GrayImage, Luma};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// The width and the height that a drawing has at least, in the units of SVG.
const SIDE_MIN: u32 = 240;
/// The pixels of one module in a PNG, along each side.
const MODULE_PIXELS: usize = 6;
/// The modules of the empty border.
const BORDER: usize = 4;

/// Why a code was not drawn.
#[derive(Debug, thiserror::Error)]
pub enum NotDrawn {
    /// The text does not fit a QR code.
    #[error("the text does not fit a QR code")]
    TooLong,
    /// The picture could not be written.
    #[error("the picture could not be written: {0}")]
    Png(#[from] image::ImageError),
}

/// Draws a code as SVG, with the empty border that readers need. Its error correction repairs up to 30 % of the data
/// (level H); the squares in the corners, by which readers find the drawing, are not data.
///
/// # Errors
/// [`NotDrawn::TooLong`], for no code of this crate.
pub fn draw(code: &str) -> Result<String, NotDrawn> {
    let drawing = modules(code)?;
    Ok(drawing.render::<svg::Color<'_>>().min_dimensions(SIDE_MIN, SIDE_MIN).build())
}

/// Draws the same as PNG.
///
/// # Errors
/// [`NotDrawn`], for no code of this crate.
pub fn draw_png(code: &str) -> Result<Vec<u8>, NotDrawn> {
    let drawing = modules(code)?;
    let (width, dark) = (drawing.width(), drawing.to_colors());
    let module = |pixel: u32| {
        let module = usize::try_from(pixel).ok()? / MODULE_PIXELS;
        module.checked_sub(BORDER).filter(|module| *module < width)
    };
    let side =
        u32::try_from((width + 2 * BORDER) * MODULE_PIXELS).map_err(|_| NotDrawn::TooLong)?;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let color = module(x).zip(module(y)).and_then(|(x, y)| dark.get(y * width + x));
        Luma([color.map_or(u8::MAX, |color| color.select(0, u8::MAX))])
    });
    let mut png = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut png))?;
    Ok(png)
}

fn modules(code: &str) -> Result<QrCode, NotDrawn> {
    QrCode::with_error_correction_level(code, EcLevel::H).map_err(|_| NotDrawn::TooLong)
}

#[cfg(test)]
mod tests {
    use qrcode::Version;

    use super::*;
    use crate::code::tests::{keys, ticket};

    /// The pixels of one module in the pictures of these tests.
    const SCALE: usize = 4;

    /// A code of these tests, the modules of its drawing, and their number in a row.
    fn code() -> (String, Vec<bool>, usize) {
        let code = keys().sign(&ticket());
        let drawing = modules(&code).unwrap();
        let dark = drawing.to_colors().iter().map(|color| color.select(true, false)).collect();
        (code, dark, drawing.width())
    }

    /// What a reader that was not written here reads in a picture of modules.
    fn read(dark: &[bool], width: usize) -> Option<String> {
        let side = (width + 2 * BORDER) * SCALE;
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
            let inside = |at: usize| (at / SCALE).checked_sub(BORDER).filter(|at| *at < width);
            let is_dark = inside(x).zip(inside(y)).is_some_and(|(x, y)| dark[y * width + x]);
            if is_dark { 0 } else { 255 }
        });
        let grids = picture.detect_grids();
        grids.first()?.decode().ok().map(|(_, text)| text)
    }

    #[test]
    fn a_code_fits_version_9_with_the_highest_error_correction() {
        let drawing = modules(&code().0).unwrap();

        assert_eq!(drawing.version(), Version::Normal(9));
        assert_eq!(drawing.error_correction_level(), EcLevel::H);
    }

    #[test]
    fn a_reader_reads_the_code_from_its_drawing() {
        let (code, dark, width) = code();

        assert_eq!(read(&dark, width), Some(code));
    }

    /// A crack across the corner that has no finder pattern. This reader needs the alignment pattern there, so the crack
    /// spares its 49 modules.
    #[test]
    fn a_reader_reads_the_code_from_a_cracked_phone_with_a_fifth_of_it_unreadable() {
        let (code, dark, width) = code();
        let cracked = |at: &usize| {
            let (x, y) = (at % width, at / width);
            let aligned = x.abs_diff(width - 7) <= 3 && y.abs_diff(width - 7) <= 3;
            x + y > 2 * (width - 1) - 36 && !aligned
        };
        let cracked: Vec<usize> = (0..dark.len()).filter(cracked).collect();
        assert!(cracked.len() * 5 >= dark.len(), "{} of {}", cracked.len(), dark.len());
        let crack: [fn(bool) -> bool; 3] = [|_| true, |_| false, |dark| !dark];
        for crack in crack {
            let mut dark = dark.clone();
            for at in &cracked {
                dark[*at] = crack(dark[*at]);
            }

            assert_eq!(read(&dark, width), Some(code.clone()));
        }
    }

    #[test]
    fn a_reader_reads_nothing_else_from_a_drawing_that_is_beyond_repair() {
        let (code, mut dark, width) = code();
        let middle = |at: usize| (9..width - 9).contains(&at);
        for (at, dark) in dark.iter_mut().enumerate() {
            *dark ^= middle(at % width) && middle(at / width);
        }

        let read = read(&dark, width);
        assert_ne!(read, Some(code));
        assert_eq!(read.and_then(|text| keys().verify(&text)), None);
    }

    #[test]
    fn the_drawing_is_svg_with_an_empty_border() {
        let drawing = draw(&code().0).unwrap();

        assert!(drawing.starts_with("<?xml") && drawing.contains("<svg "), "{drawing}");
        // 53 modules and 4 on each side, of 4 units each.
        assert!(drawing.contains(r#"width="244" height="244""#), "{drawing}");
    }

    #[test]
    fn a_reader_reads_the_code_from_its_png() {
        let code = code().0;
        let picture = image::load_from_memory(&draw_png(&code).unwrap()).unwrap().into_luma8();
        let (width, height) = picture.dimensions();
        let (width, height) = (width as usize, height as usize);
        let mut read = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            picture.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0]
        });

        assert_eq!(read.detect_grids()[0].decode().unwrap().1, code);
    }

    #[test]
    fn a_text_that_is_too_long_is_refused() {
        let long = "A".repeat(5000);
        assert!(matches!(draw(&long), Err(NotDrawn::TooLong)));
        assert!(matches!(draw_png(&long), Err(NotDrawn::TooLong)));
    }
}
