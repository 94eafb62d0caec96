//! A body that all readers of a version share, plain and compressed.

use std::io::Write;

use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, ETag, Encoding, EntityTag, Header,
};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::edge::unsent_bodies::{SharedBy, UnsentBodies};
use crate::wire::entity_tags::has_current;
use crate::wire::error::ApiError;

/// Shorter bodies are not compressed.
const GZIP_BYTES_MIN: usize = 1_024;
/// Ids of seats are random, so a higher level saves little: 6.2 MB become 1.2 MB, or 1.0 MB in eight times
/// the time.
const GZIP_LEVEL: u32 = 2;

pub(crate) struct SharedBody {
    unsent: UnsentBodies,
    digest: String,
    plain: Bytes,
    /// Made for the first reader that accepts it; nothing when there is no memory for it.
    gzip: OnceCell<Option<Bytes>>,
}

impl SharedBody {
    pub(crate) fn new(unsent: &UnsentBodies, content: Vec<u8>) -> Result<Self, ApiError> {
        Ok(Self {
            unsent: unsent.clone(),
            digest: digest(&content),
            plain: unsent.share(content)?,
            gzip: OnceCell::new(),
        })
    }

    /// Whether it is the same content.
    pub(crate) fn is(&self, content: &[u8]) -> bool {
        self.plain == content
    }

    pub(crate) fn len(&self) -> usize {
        self.plain.len()
    }

    /// Answers with it as JSON, compressed if the client prefers that.
    pub(crate) async fn answer(&self, req: &HttpRequest) -> HttpResponse {
        let gzip = if self.is_wanted_compressed(req) { self.gzip().await } else { None };
        self.send(HttpResponse::Ok(), gzip)
    }

    /// The same with an `ETag`, or `304` if the client's copy is current (RFC 9110 section 13.1.2). A client asks before it
    /// uses its copy.
    pub(crate) async fn answer_tagged(&self, req: &HttpRequest) -> HttpResponse {
        self.answer_cached(req, "private, no-cache").await
    }

    /// The same with this `Cache-Control`.
    pub(crate) async fn answer_cached(
        &self,
        req: &HttpRequest,
        caching: &'static str,
    ) -> HttpResponse {
        let is_compressed = self.is_wanted_compressed(req);
        let tag = self.tag(is_compressed);
        let caching = (header::CACHE_CONTROL, caching);
        if has_current(req, &tag) {
            let mut answer = HttpResponse::NotModified();
            answer.insert_header(ETag(tag)).insert_header(caching);
            return answer.insert_header((header::VARY, "accept-encoding")).finish();
        }
        let gzip = if is_compressed { self.gzip().await } else { None };
        let mut answer = HttpResponse::Ok();
        answer.insert_header(ETag(self.tag(gzip.is_some()))).insert_header(caching);
        self.send(answer, gzip)
    }

    fn send(&self, mut answer: HttpResponseBuilder, gzip: Option<&Bytes>) -> HttpResponse {
        answer.content_type("application/json").insert_header((header::VARY, "accept-encoding"));
        if gzip.is_some() {
            answer.insert_header(ContentEncoding::Gzip);
        }
        let mut answer = answer.body(Bytes::clone(gzip.unwrap_or(&self.plain)));
        answer.extensions_mut().insert(SharedBy::Version);
        answer
    }

    /// The tag of one coding: codings that differ in their bytes have different tags.
    fn tag(&self, is_compressed: bool) -> EntityTag {
        let coding = if is_compressed { "-gzip" } else { "" };
        EntityTag::new_strong(format!("{}{coding}", self.digest))
    }

    fn is_wanted_compressed(&self, req: &HttpRequest) -> bool {
        self.plain.len() >= GZIP_BYTES_MIN && prefers_gzip(req)
    }

    async fn gzip(&self) -> Option<&Bytes> {
        let made = self.gzip.get_or_init(|| async {
            let plain = self.plain.clone();
            let packed = web::block(move || gzip(&plain)).await.ok()?.ok()?;
            self.unsent.share(packed).ok()
        });
        made.await.as_ref()
    }
}

fn digest(content: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(content).get(..18).unwrap_or_default())
}

fn prefers_gzip(req: &HttpRequest) -> bool {
    let offered = [ContentEncoding::Gzip, ContentEncoding::Identity].map(Encoding::Known);
    let accepted = AcceptEncoding::parse(req).ok();
    let chosen = accepted.and_then(|accepted| accepted.negotiate(offered.iter()));
    chosen == Some(Encoding::Known(ContentEncoding::Gzip))
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
    encoder.write_all(content)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_body_is_compressed_for_those_who_would_rather_have_it_so() {
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
