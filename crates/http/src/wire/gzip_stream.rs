//! A body that is sent part by part, as gzip (RFC 1952): a client reads each part at once.

use std::io::{self, Write};

use actix_web::web::Bytes;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use crate::wire::gzip::GZIP_LEVEL;

/// What a gzip file begins with: deflate, no name, no time, an unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// An empty last block (RFC 1951, section 3.2.4).
const LAST_BLOCK: [u8; 5] = [1, 0, 0, 0xff, 0xff];
/// Shorter parts are stored as they are: compressing them saves little.
const PACKED_BYTES_MIN: usize = 512;
/// The most bytes of a stored block.
const STORED_BYTES_MAX: usize = 0xffff;

/// Packs one part after the other. Each is compressed by itself: nothing but a checksum is kept between them, so that a body that waits
/// for its next part takes no memory.
#[derive(Default)]
pub(crate) struct GzipStream {
    crc: Crc,
    has_begun: bool,
}

impl GzipStream {
    /// The next part of the body.
    pub(crate) fn part(&mut self, content: &[u8]) -> Bytes {
        self.crc.update(content);
        let mut part = self.head();
        let packed = if content.len() < PACKED_BYTES_MIN { None } else { packed(content).ok() };
        match packed {
            Some(packed) => part.extend(packed),
            None => content.chunks(STORED_BYTES_MAX).for_each(|block| store(block, &mut part)),
        }
        part.into()
    }

    /// The end of the body.
    pub(crate) fn end(&mut self) -> Bytes {
        let mut end = self.head();
        end.extend(LAST_BLOCK);
        end.extend(self.crc.sum().to_le_bytes());
        end.extend(self.crc.amount().to_le_bytes());
        end.into()
    }

    fn head(&mut self) -> Vec<u8> {
        if std::mem::replace(&mut self.has_begun, true) { Vec::new() } else { HEAD.to_vec() }
    }
}

/// Compressed blocks that end with a whole byte, none of which is the last one.
fn packed(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
    encoder.write_all(content)?;
    encoder.flush()?;
    Ok(std::mem::take(encoder.get_mut()))
}

/// Adds a block that is not compressed.
fn store(block: &[u8], part: &mut Vec<u8>) {
    let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
    part.push(0);
    part.extend(length.to_le_bytes());
    part.extend((!length).to_le_bytes());
    part.extend(block);
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use flate2::{Decompress, FlushDecompress};

    use super::*;

    /// Parts of many lengths, of which some repeat themselves.
    fn parts() -> Vec<Vec<u8>> {
        let lengths = [7_000, 0, 1, PACKED_BYTES_MIN - 1, PACKED_BYTES_MIN, 70_000, 3];
        let byte = |at: usize| u8::try_from(at * at % 251).unwrap();
        lengths.map(|length| (0..length).map(byte).collect()).to_vec()
    }

    #[test]
    fn the_parts_and_the_end_are_one_gzip_file() {
        let mut stream = GzipStream::default();
        let mut file: Vec<u8> = parts().iter().flat_map(|part| stream.part(part)).collect();
        file.extend(stream.end());

        let mut unpacked = Vec::new();
        GzDecoder::new(file.as_slice()).read_to_end(&mut unpacked).unwrap();

        assert_eq!(unpacked, parts().concat());
    }

    #[test]
    fn each_part_is_read_before_the_next_one_is_sent() {
        let mut stream = GzipStream::default();
        let mut reader = Decompress::new(false);
        for (nth, content) in parts().into_iter().enumerate() {
            let part = stream.part(&content);
            let blocks = part.get(if nth == 0 { HEAD.len() } else { 0 }..).unwrap();
            let mut read = Vec::with_capacity(content.len() + 1);

            reader.decompress_vec(blocks, &mut read, FlushDecompress::Sync).unwrap();

            assert_eq!(read, content, "part {nth}");
        }
    }

    #[test]
    fn states_of_many_seats_take_few_bytes() {
        let mut stream = GzipStream::default();
        assert!(stream.part("A".repeat(6_700).as_bytes()).len() < 200);
    }

    #[test]
    fn a_body_without_a_part_is_an_empty_gzip_file() {
        let mut unpacked = Vec::new();
        let end = GzipStream::default().end();
        GzDecoder::new(end.as_ref()).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked.is_empty());
    }
}
