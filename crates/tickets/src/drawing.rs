//! Drawings of codes: QR codes (ISO/IEC 18004) as SVG.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// The width and the height that a drawing has at least, in the units of SVG.
const SIDE_MIN: u32 = 240;

/// The text does not fit a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text does not fit a QR code")]
pub struct CodeTooLong;

/// Draws a code as SVG, with the empty border that readers need. Its error correction repairs up to 30 % of the data
/// (level H); the squares in the corners, by which readers find the drawing, are not data.
///
/// # Errors
/// [`CodeTooLong`], for no code of this crate.
pub fn draw(code: &str) -> Result<String, CodeTooLong> {
    let drawing = modules(code)?;
    Ok(drawing.render::<svg::Color<'_>>().min_dimensions(SIDE_MIN, SIDE_MIN).build())
}

fn modules(code: &str) -> Result<QrCode, CodeTooLong> {
    QrCode::with_error_correction_level(code, EcLevel::H).map_err(|_| CodeTooLong)
}

#[cfg(test)]
mod tests {
    use qrcode::Version;

    use super::*;
    use crate::code::tests::{keys, ticket};

    /// The pixels of one module, and the modules of the border, in the pictures of these tests.
    const SCALE: usize = 4;
    const BORDER: usize = 4;

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
    fn a_text_that_is_too_long_is_refused() {
        assert_eq!(draw(&"A".repeat(5000)), Err(CodeTooLong));
    }
}
