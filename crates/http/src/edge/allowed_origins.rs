//! Other sites whose pages may use the API (Fetch standard, section 3.2: the CORS protocol).

use actix_cors::Cors;
use actix_web::http::{Method, Uri};
use actix_web::middleware::Condition;

/// How long a browser may remember what it is allowed, in seconds.
const REMEMBERED_SECONDS: usize = 3_600;
/// The headers that such a page may send, besides those that any page may.
const HEADERS: [&str; 6] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "tokenid",
    "x-request-id",
];

/// The origins of those sites; none by default. Their pages send tokens: the session cookie is not accepted
/// from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    /// Reads a comma-separated list of origins, as browsers write them: `https://tickets.example`.
    ///
    /// # Errors
    /// Names the entry that is not an origin.
    pub fn parse(list: &str) -> Result<Self, String> {
        let origins = list.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins = origins.map(|origin| {
            let sound = is_origin(origin).then(|| origin.to_owned());
            sound.ok_or_else(|| format!("{origin:?} is no origin such as https://tickets.example"))
        });
        origins.collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn cors(&self) -> Condition<Cors> {
        let cors = Cors::default()
            .allowed_methods([
                Method::GET,
                Method::POST,
                Method::PUT,
                Method::PATCH,
                Method::DELETE,
            ])
            .allowed_headers(HEADERS)
            .expose_any_header()
            .max_age(REMEMBERED_SECONDS);
        let cors = self.0.iter().fold(cors, |cors, origin| cors.allowed_origin(origin));
        Condition::new(!self.0.is_empty(), cors)
    }
}

fn is_origin(text: &str) -> bool {
    let parts = text.parse::<Uri>().map(Uri::into_parts);
    parts.is_ok_and(|parts| match (parts.scheme, parts.authority) {
        (Some(scheme), Some(authority)) => {
            ["http", "https"].contains(&scheme.as_str())
                && !authority.as_str().contains(['@', '*'])
                && text == format!("{scheme}://{authority}").to_ascii_lowercase()
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_from_a_list_and_anything_else_is_named() {
        let list = "https://a.example, http://localhost:5173,,https://[::1]:8443";
        let read = AllowedOrigins::parse(list).unwrap();
        assert_eq!(read.0, ["https://a.example", "http://localhost:5173", "https://[::1]:8443"]);
        assert_eq!(AllowedOrigins::parse(""), Ok(AllowedOrigins::default()));

        for wrong in [
            "*",
            "null",
            "a.example",
            "https://a.example/",
            "https://a.example/path",
            "https://a.example?query",
            "https://user@a.example",
            "HTTPS://a.example",
            "https://A.example",
            "https://*.example",
            "file:///a",
            "https://",
        ] {
            let refused = AllowedOrigins::parse(&format!("https://b.example,{wrong}"));
            assert!(refused.is_err_and(|told| told.starts_with(&format!("{wrong:?}"))), "{wrong}");
        }
    }
}
