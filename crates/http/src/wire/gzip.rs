//! Compression of responses with gzip.

use std::io::{self, Write};

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptEncoding, ContentEncoding, Encoding, Header};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Ids of seats are random, so a higher level saves little: 6.2 MB become 1.2 MB, or 1.0 MB in eight times
/// the time.
pub(super) const GZIP_LEVEL: u32 = 2;

/// Whether the client would rather have a response compressed with gzip than plain.
pub(crate) fn prefers_gzip(req: &HttpRequest) -> bool {
    let offered = [ContentEncoding::Gzip, ContentEncoding::Identity].map(Encoding::Known);
    let accepted = AcceptEncoding::parse(req).ok();
    let chosen = accepted.and_then(|accepted| accepted.negotiate(offered.iter()));
    chosen == Some(Encoding::Known(ContentEncoding::Gzip))
}

/// The content, compressed quickly.
pub(crate) fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    gzip_at(content, Compression::new(GZIP_LEVEL))
}

/// The content, compressed at a level.
pub(crate) fn gzip_at(content: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(content)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_body_is_compressed_for_clients_that_prefer_that() {
        let table = [
            ("gzip", true),
            ("br, gzip", true),
            ("gzip, deflate, br, zstd", true),
            ("br;q=1, gzip;q=0.1", true),
            ("identity;q=0.5, gzip", true),
            ("gzip;q=0.5, identity", false),
            ("gzip;q=0", false),
            ("br", false),
            ("identity", false),
            ("", false),
            ("nonsense;;", false),
        ];
        for (accepted, expected) in table {
            let req = TestRequest::default().insert_header((header::ACCEPT_ENCODING, accepted));
            assert_eq!(prefers_gzip(&req.to_http_request()), expected, "{accepted}");
        }
        assert!(!prefers_gzip(&TestRequest::default().to_http_request()));
    }
}
