//! A browser's session: the access token in a cookie that scripts cannot read (RFC 6265).
//!
//! A browser sends its cookies for a page of any site. So changes by cookie are accepted only from a page of
//! this server: by `Sec-Fetch-Site` (W3C Fetch Metadata), or by `Origin` (RFC 6454) from a browser too old to
//! send that.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;

use crate::wire::error::{ApiError, RequiredAccess};

const NAME: &str = "stagedoor_session";

/// A cookie that keeps an access token for this many seconds.
pub(crate) fn keep(req: &HttpRequest, access_token: String, seconds: i64) -> Cookie<'static> {
    Cookie::build(NAME, access_token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(comes_by_tls(req))
        .max_age(Duration::seconds(seconds))
        .finish()
}

/// A cookie that ends the session.
pub(crate) fn end() -> Cookie<'static> {
    let mut cookie = Cookie::build(NAME, "").path("/").finish();
    cookie.make_removal();
    cookie
}

/// The access token of the session, if the request has one and may use it.
pub(crate) fn access_token(req: &HttpRequest) -> Result<Option<String>, ApiError> {
    let Some(cookie) = req.cookie(NAME) else { return Ok(None) };
    if !req.method().is_safe() {
        check_same_origin(req)?;
    }
    Ok(Some(cookie.value().to_owned()))
}

/// Checks that a page of this server sends the request.
pub(crate) fn check_same_origin(req: &HttpRequest) -> Result<(), ApiError> {
    let is_ours = match text(req, "sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => origin_host(req).is_some_and(|host| text(req, "host") == Some(host)),
    };
    if is_ours { Ok(()) } else { Err(ApiError::Forbidden(RequiredAccess::OwnPage)) }
}

/// Whether the browser uses TLS, also when a proxy terminates it.
fn comes_by_tls(req: &HttpRequest) -> bool {
    text(req, header::ORIGIN.as_str()).is_some_and(|origin| origin.starts_with("https://"))
}

fn origin_host(req: &HttpRequest) -> Option<&str> {
    text(req, header::ORIGIN.as_str())?.split_once("://").map(|(_, host)| host)
}

fn text<'a>(req: &'a HttpRequest, name: &str) -> Option<&'a str> {
    req.headers().get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_change_by_cookie_is_taken_only_from_a_page_of_ours() {
        let table: [(&[(&str, &str)], bool); 7] = [
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://a.example")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("host", "a.example"), ("origin", "http://a.example")], true),
            (&[("host", "a.example"), ("origin", "http://a.example.b.example")], false),
            (&[("host", "a.example")], false),
        ];
        for (headers, is_taken) in table {
            let mut req = TestRequest::post().cookie(Cookie::new(NAME, "token"));
            for header in headers {
                req = req.insert_header(*header);
            }

            let token = access_token(&req.to_http_request());

            let expected = if is_taken {
                Ok(Some("token".to_owned()))
            } else {
                Err(ApiError::Forbidden(RequiredAccess::OwnPage))
            };
            assert_eq!(token, expected, "{headers:?}");
        }
    }

    #[test]
    fn the_cookie_is_hidden_from_scripts_and_other_sites_and_sent_by_tls_alone_if_it_came_so() {
        let plain =
            TestRequest::post().insert_header(("origin", "http://a.example")).to_http_request();
        let secure =
            TestRequest::post().insert_header(("origin", "https://a.example")).to_http_request();

        let kept = keep(&plain, "token".to_owned(), 60).to_string();

        assert_eq!(kept, "stagedoor_session=token; HttpOnly; SameSite=Strict; Path=/; Max-Age=60");
        assert!(keep(&secure, "token".to_owned(), 60).to_string().contains("; Secure"));
    }
}
