//! Documents that are read and sent part by part, so that no document is in memory whole.

use std::future::ready;

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Bytes;
use actix_web::{Error, HttpResponse};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::edge::chunked_body::chunks;
use crate::edge::unsent_bodies::Sending;
use crate::wire::error::ApiError;
use crate::wire::request_id::{self, RequestId};

/// A document that is read part by part.
pub(crate) trait Parts: 'static {
    /// What is read after what was sent.
    type Next: 'static;

    /// The next part, and what follows it; nothing after the last part.
    async fn read(&self, next: Self::Next) -> Result<Option<(Vec<u8>, Self::Next)>, ApiError>;
}

/// Sends a document as an attachment of this name: its head, and then what is read from `first` on.
pub(crate) fn attach<P: Parts>(
    answer: &mut HttpResponseBuilder,
    name: &str,
    sending: Option<Sending>,
    head: Vec<u8>,
    (parts, first): (P, P::Next),
) -> HttpResponse {
    let document = (parts, RequestId(request_id::current()), sending);
    let rest = stream::try_unfold((document, first), |(document, next)| async move {
        let (parts, id, _) = &document;
        let part = request_id::CURRENT.scope(id.clone(), parts.read(next)).await?;
        Ok::<_, Error>(part.map(|(bytes, next)| (bytes, (document, next))))
    });
    let all = stream::once(ready(Ok(head))).chain(rest);
    let in_chunks = |part: Vec<u8>| stream::iter(chunks(Bytes::from(part)).map(Ok::<_, Error>));
    answer
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(all.map_ok(in_chunks).try_flatten())
}
