//! The language a caller wants to be answered in.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptLanguage, Header, Preference};

/// A language the service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Korean,
    English,
}

impl Language {
    /// The caller's preferred one of those we speak, by `Accept-Language`; English without any.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        let Ok(accepted) = AcceptLanguage::parse(req) else { return Self::English };
        let ranked = accepted.ranked();
        let spoken = ranked.iter().find_map(|preference| match preference {
            Preference::Any => Some(Self::English),
            Preference::Specific(tag) => match tag.primary_language() {
                "ko" => Some(Self::Korean),
                "en" => Some(Self::English),
                _ => None,
            },
        });
        spoken.unwrap_or(Self::English)
    }

    /// The language's tag, for `Content-Language`.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::English => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::ACCEPT_LANGUAGE;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_preferred_language_that_we_speak_wins_and_english_is_the_fallback() {
        let table = [
            ("ko-KR,ko;q=0.9,en-US;q=0.8", Language::Korean),
            ("en;q=0.5, ko;q=0.7", Language::Korean),
            ("fr, en;q=0.1", Language::English),
            ("fr", Language::English),
            ("*", Language::English),
            ("", Language::English),
            ("\u{7f}nonsense;;;", Language::English),
        ];
        for (header, expected) in table {
            let Ok(value) = actix_web::http::header::HeaderValue::from_str(header) else {
                continue;
            };
            let req = TestRequest::get().insert_header((ACCEPT_LANGUAGE, value)).to_http_request();
            assert_eq!(Language::of(&req), expected, "{header}");
        }
    }
}
