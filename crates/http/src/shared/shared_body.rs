//! A body that all readers of a version share, plain and compressed.

use actix_web::http::header::{self, ContentEncoding, ETag, EntityTag};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::edge::unsent_bodies::{SharedBy, UnsentBodies};
use crate::wire::entity_tags::has_current;
use crate::wire::error::ApiError;
use crate::wire::gzip::{gzip, prefers_gzip};

/// Shorter bodies are not compressed.
const GZIP_BYTES_MIN: usize = 1_024;

pub(crate) struct SharedBody {
    unsent: UnsentBodies,
    version: Version,
    plain: Bytes,
    /// Made for the first reader that accepts it; nothing when there is no memory for it.
    gzip: OnceCell<Option<Bytes>>,
}

/// The origin of a body's tag.
enum Version {
    /// Its content: each coding has a tag of its own.
    Digest(String),
    /// A weak tag, which all codings share.
    Given(EntityTag),
}

/// The rules for caches that users share: a body is current for 1 s. It may be sent for 2 s more while the cache reads a newer
/// one, and for 60 s while the service cannot be reached.
const PUBLIC: &str = "public, max-age=1, stale-while-revalidate=2, stale-if-error=60";

impl SharedBody {
    /// A body with this weak tag.
    pub(crate) fn with_tag(
        unsent: &UnsentBodies,
        content: Vec<u8>,
        tag: EntityTag,
    ) -> Result<Self, ApiError> {
        Ok(Self { version: Version::Given(tag), ..Self::new(unsent, content)? })
    }

    /// Whether it has this tag.
    pub(crate) fn is_tagged(&self, tag: &EntityTag) -> bool {
        matches!(&self.version, Version::Given(own) if own == tag)
    }

    pub(crate) fn new(unsent: &UnsentBodies, content: Vec<u8>) -> Result<Self, ApiError> {
        Ok(Self {
            unsent: unsent.clone(),
            version: Version::Digest(digest(&content)),
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

    /// The same for all caches on the way, by the rules of [`PUBLIC`]. Readers need no token.
    pub(crate) async fn answer_public(&self, req: &HttpRequest) -> HttpResponse {
        self.answer_cached(req, PUBLIC).await
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
        match &self.version {
            Version::Digest(digest) => EntityTag::new_strong(format!("{digest}{coding}")),
            Version::Given(tag) => tag.clone(),
        }
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
