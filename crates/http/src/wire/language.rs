//! The language that a caller prefers.

use std::cmp::{Ordering, Reverse};

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptLanguage, Header, Preference, Quality, QualityItem};

/// A language of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Korean,
    English,
}

impl Language {
    /// The caller's preferred language of the service, by `Accept-Language` (RFC 9110 section 12.5.4). It is
    /// English when the caller accepts neither or has no preference.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        let Ok(accepted) = AcceptLanguage::parse(req) else { return Self::English };
        let weight = |language| Self::weight(language, &accepted);
        match weight(Self::Korean).cmp(&weight(Self::English)) {
            Ordering::Greater => Self::Korean,
            _ => Self::English,
        }
    }

    /// The quality of a language and, among equals, how early it is named; nothing when it is not acceptable.
    /// `*` stands for all languages that no other range names.
    fn weight(self, accepted: &AcceptLanguage) -> Option<(Quality, Reverse<usize>)> {
        let ranges = || accepted.iter().zip(0..).map(|(range, place)| (range, Reverse(place)));
        let named = ranges().filter(|(range, _)| {
            matches!(&range.item, Preference::Specific(tag)
                if tag.primary_language().eq_ignore_ascii_case(self.tag()))
        });
        let others = ranges().filter(|(range, _)| range.item == Preference::Any);
        let best = |(range, place): (&QualityItem<_>, _)| (range.quality, place);
        let weight = named.map(best).max().or_else(|| others.map(best).max());
        weight.filter(|(quality, _)| *quality > Quality::ZERO)
    }

    /// The same for what users are sent.
    pub(crate) fn of_mail(self) -> stagedoor_domain::mail::Language {
        match self {
            Self::Korean => stagedoor_domain::mail::Language::Ko,
            Self::English => stagedoor_domain::mail::Language::En,
        }
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
            ("KO", Language::Korean),
            ("en, ko", Language::English),
            ("ko, en", Language::Korean),
            ("ko;q=0, en", Language::English),
            ("ko;q=0.000", Language::English),
            ("ko;q=0, fr", Language::English),
            ("ko-KR;q=0, ko;q=0.1", Language::Korean),
            ("en;q=0, ko;q=0.1", Language::Korean),
            ("en;q=0", Language::English),
            ("en;q=0, *", Language::Korean),
            ("ko;q=0, *", Language::English),
            ("*;q=0", Language::English),
            ("*;q=0.9, ko;q=0.5", Language::English),
            ("*;q=0.5, ko;q=0.9", Language::Korean),
            ("ko;q=2, en;q=0.1", Language::English),
            ("ko;q=x, en;q=0.1", Language::English),
            ("ko;q=-1, en;q=0.1", Language::English),
            ("en;q=x, ko;q=0.1", Language::Korean),
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
