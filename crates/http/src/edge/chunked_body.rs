//! Long bodies are handed to the connection in chunks: one that is not read takes up a buffer, not a copy of
//! its own.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use crate::edge::unsent_bodies::Sending;

/// The length of a chunk. Shorter bodies are not changed.
pub(crate) const CHUNK_BYTES: usize = 16 * 1024;

struct ChunkedBody {
    rest: Bytes,
    _sending: Option<Sending>,
}

impl MessageBody for ChunkedBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(next(&mut self.rest).map(Ok))
    }
}

/// The same body in chunks, if it is a long one.
pub(crate) fn in_chunks(body: BoxBody, sending: Option<Sending>) -> BoxBody {
    match body.size() {
        BodySize::Sized(length) if length > CHUNK_BYTES as u64 => match body.try_into_bytes() {
            Ok(bytes) => BoxBody::new(ChunkedBody { rest: bytes, _sending: sending }),
            Err(body) => body,
        },
        _ => body,
    }
}

/// The same bytes in chunks, for a stream.
pub(crate) fn chunks(mut bytes: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || next(&mut bytes))
}

fn next(rest: &mut Bytes) -> Option<Bytes> {
    let length = rest.len().min(CHUNK_BYTES);
    (length > 0).then(|| rest.split_to(length))
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    #[actix_web::test]
    async fn a_long_body_arrives_whole_and_says_its_length() {
        let long = Bytes::from(vec![7; 3 * CHUNK_BYTES + 5]);
        let body = in_chunks(BoxBody::new(long.clone()), None);

        assert_eq!(body.size(), BodySize::Sized(long.len() as u64));
        assert_eq!(to_bytes(body).await.unwrap(), long);
    }
}
