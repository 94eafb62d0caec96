//! Compression of JSON and drawings that are read: they repeat keys and commands, so most of their bytes need not be sent.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};

use crate::edge::unsent_bodies::SharedBy;
use crate::wire::gzip::{gzip, prefers_gzip};

/// The media types of compressible bodies.
const TEXTS: [&str; 2] = ["application/json", "image/svg+xml"];
/// Shorter bodies are sent as they are.
const BYTES_MIN: u64 = 1_024;
/// Longer bodies are sent as they are: compressing them would keep other requests of the thread waiting for milliseconds.
const BYTES_MAX: u64 = 256 * 1_024;

/// Compresses the body of a response if the client prefers that. A body with an `ETag` stays as it is, because the tag names
/// its bytes, and so does one that many responses share, which compresses itself.
pub(crate) fn compressed(answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if !is_compressible(&answer) {
        return answer;
    }
    let wants_gzip = prefers_gzip(answer.request());
    let (req, response) = answer.into_parts();
    let (mut response, body) = response.into_parts();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !wants_gzip {
        return ServiceResponse::new(req, response.set_body(body));
    }
    let plain = match body.try_into_bytes() {
        Ok(plain) => plain,
        Err(body) => return ServiceResponse::new(req, response.set_body(body)),
    };
    let body = match gzip(&plain) {
        Ok(packed) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            BoxBody::new(packed)
        }
        Err(_) => BoxBody::new(plain),
    };
    ServiceResponse::new(req, response.set_body(body))
}

fn is_compressible(answer: &ServiceResponse<BoxBody>) -> bool {
    let BodySize::Sized(bytes) = answer.response().body().size() else { return false };
    let headers = answer.headers();
    let kind = headers.get(header::CONTENT_TYPE);
    let is_text = kind.is_some_and(|kind| TEXTS.iter().any(|text| kind == text));
    let has_own_form = [header::CONTENT_ENCODING, header::ETAG, header::VARY];
    (BYTES_MIN..=BYTES_MAX).contains(&bytes)
        && is_text
        && answer.status() == StatusCode::OK
        && answer.request().method() == Method::GET
        && !has_own_form.iter().any(|name| headers.contains_key(name))
        && answer.response().extensions().get::<SharedBy>().is_none()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use actix_web::HttpResponse;
    use actix_web::body::to_bytes;
    use actix_web::http::header::{ACCEPT_ENCODING, ETAG, VARY};
    use actix_web::test::TestRequest;
    use flate2::read::GzDecoder;
    use serde_json::json;

    use super::*;

    fn asked(method: Method, accepted: &str) -> TestRequest {
        TestRequest::default().method(method).insert_header((ACCEPT_ENCODING, accepted))
    }

    fn answered(req: TestRequest, response: HttpResponse) -> ServiceResponse<BoxBody> {
        compressed(ServiceResponse::new(req.to_http_request(), response))
    }

    fn coding(answer: &ServiceResponse<BoxBody>) -> &str {
        answer.headers().get(header::CONTENT_ENCODING).map_or("", |it| it.to_str().unwrap())
    }

    #[actix_web::test]
    async fn a_list_is_compressed_for_clients_that_prefer_that() {
        let list = json!({"items": vec!["a concert"; 200]});
        let response = || HttpResponse::Ok().json(&list);

        let plain = answered(asked(Method::GET, "identity"), response());
        let packed = answered(asked(Method::GET, "gzip, br"), response());

        assert_eq!((coding(&plain), coding(&packed)), ("", "gzip"));
        for answer in [&plain, &packed] {
            assert_eq!(answer.headers().get(header::VARY).unwrap(), "accept-encoding");
        }
        let body = to_bytes(packed.into_body()).await.unwrap();
        let mut unpacked = String::new();
        GzDecoder::new(body.as_ref()).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, list.to_string());
        assert!(body.len() < unpacked.len() / 5, "{}", body.len());
    }

    #[actix_web::test]
    async fn a_drawing_is_compressed_too() {
        let path = "M0 0h4v4H0V0".repeat(200);
        let drawing = HttpResponse::Ok().content_type("image/svg+xml").body(path);

        assert_eq!(coding(&answered(asked(Method::GET, "gzip"), drawing)), "gzip");
    }

    #[actix_web::test]
    async fn what_is_short_or_shared_or_tagged_or_the_answer_to_a_change_stays_as_it_is() {
        let long = json!(vec!["a concert"; 200]);
        let mut shared = HttpResponse::Ok().json(&long);
        shared.extensions_mut().insert(SharedBy::Version);
        let table = [
            (Method::GET, shared),
            (Method::GET, HttpResponse::Ok().insert_header((VARY, "accept-language")).json(&long)),
            (Method::GET, HttpResponse::Ok().json(json!({"items": []}))),
            (Method::GET, HttpResponse::Ok().insert_header((ETAG, "\"1\"")).json(&long)),
            (Method::GET, HttpResponse::Ok().content_type("text/csv").body("a,b\n".repeat(500))),
            (Method::GET, HttpResponse::NotFound().json(&long)),
            (Method::GET, HttpResponse::Ok().json("a".repeat(300_000))),
            (Method::POST, HttpResponse::Ok().json(&long)),
        ];
        for (method, response) in table {
            let answer = answered(asked(method, "gzip"), response);

            assert_eq!(coding(&answer), "", "{:?}", answer.response());
        }
    }
}
