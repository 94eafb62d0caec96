//! What is told of a concert, and its slug.

use stagedoor_domain::concert::{AgeLimit, Description, RunningTime, Slug, Subtitle, Tags};
use stagedoor_domain::{Concert, ConcertId, Title};
use uuid::Uuid;

use crate::builders::*;

fn tags(texts: &[&str]) -> Result<Tags, String> {
    let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
    Tags::parse(&texts).map_err(|refused| refused.to_string())
}

fn slug(title: &str, id: u128) -> String {
    let slug = Slug::of(&Title::parse(title).unwrap(), concert(id));
    slug.as_str().to_owned()
}

#[test]
fn tags_are_few_and_short_and_none_comes_twice_in_another_spelling() {
    let long = "x".repeat(31);
    let eleven: Vec<_> = (0..11).map(|n| n.to_string()).collect();
    let eleven: Vec<_> = eleven.iter().map(String::as_str).collect();
    let length = Err("tags must be 1 to 30 characters without control characters".to_owned());
    let twice = Err("tags must not name an item twice".to_owned());

    assert_eq!(tags(&[]), Ok(Tags::default()));
    assert_eq!(tags(&[" 록 ", "K-POP"]).unwrap().as_slice(), ["록", "K-POP"]);
    assert_eq!(tags(&eleven[..10]).map(|tags| tags.as_slice().len()), Ok(10));
    assert_eq!(tags(&eleven), Err("tags must have 0 to 10 items".to_owned()));
    for empty in ["", "  ", "\u{200b}"] {
        assert!(tags(&[empty]).is_err(), "{empty:?}");
    }
    assert_eq!(tags(&[&long]), length);
    assert_eq!(tags(&["a\nb"]), length);
    for [one, other] in [["jazz", "JAZZ"], ["jazz", "ｊａｚｚ"], ["록", "\u{1105}\u{1169}\u{11a8}"]]
    {
        assert_eq!(tags(&[one, other]), twice, "{one} and {other}");
    }
}

#[test]
fn numbers_of_a_concert_lie_within_their_bounds() {
    for minutes in [1, 1_440] {
        assert_eq!(RunningTime::parse(minutes).map(|it| i64::from(it.minutes())), Ok(minutes));
    }
    for minutes in [i64::MIN, 0, 1_441, i64::MAX] {
        assert_eq!(RunningTime::parse(minutes).unwrap_err().field, "runningMinutes");
    }
    for years in [0, 99] {
        assert_eq!(AgeLimit::parse(years).map(|it| i64::from(it.years())), Ok(years));
    }
    for years in [-1, 100] {
        assert_eq!(AgeLimit::parse(years).unwrap_err().field, "ageLimit");
    }
}

#[test]
fn a_subtitle_is_one_line_and_a_description_keeps_its_lines() {
    assert_eq!(Subtitle::parse(" Encore ").unwrap().as_str(), "Encore");
    assert_eq!(Subtitle::parse("").unwrap(), Subtitle::default());
    assert_eq!(Subtitle::parse(&"가".repeat(201)).unwrap_err().field, "subtitle");
    assert_eq!(Subtitle::parse("a\nb").unwrap_err().field, "subtitle");
    assert_eq!(Description::parse("a \r\n\r\nb").unwrap().as_str(), "a\n\nb");
}

#[test]
fn a_slug_is_readable_in_every_script_and_tells_concerts_of_one_title_apart() {
    let long = "가 ".repeat(100);
    let table = [
        ("진격의 거인 OST 콘서트", "진격의-거인-ost-콘서트-00000001"),
        ("  «H.E.R.» – 100% LIVE!  ", "h-e-r-100-live-00000001"),
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full-width-00000001"),
        ("🎉🎉", "concert-00000001"),
        ("../../etc/passwd?x=1#y", "etc-passwd-x-1-y-00000001"),
        ("<script>", "script-00000001"),
    ];
    for (title, expected) in table {
        assert_eq!(slug(title, 1), expected, "{title}");
    }
    assert_eq!(slug("Live", 31 << 5), "live-000000z0");
    assert_ne!(slug("Live", 1), slug("Live", 2));
    assert!(slug(&long, u128::MAX).chars().count() <= Slug::CHARACTERS_MAX);
    assert!(slug(&long, 1).ends_with("가-00000001"));
}

#[test]
fn a_slug_is_found_in_every_spelling_and_is_never_an_id() {
    let found = |text: &str| Slug::parse(text).map(|slug| slug.as_str().to_owned());
    assert_eq!(found("LIVE-00000001").as_deref(), Some("live-00000001"));
    assert_eq!(found("가-00000001"), found("\u{1100}\u{1161}-00000001"));
    assert_eq!(found("live"), None);
    assert_eq!(found("' OR 1=1--"), None);
    assert_eq!(found(&"-".repeat(70)), None);
    assert_eq!(found(&"-".repeat(10_000)), None);
    let id = Uuid::from_u128(1);
    for title in [id.to_string(), id.simple().to_string(), id.braced().to_string()] {
        assert!(slug(&title, 1).parse::<ConcertId>().is_err(), "{title}");
    }
}

#[test]
fn an_answer_from_before_slugs_still_reads() {
    let mut json = serde_json::to_value(a_concert()).unwrap();
    let fields = json.as_object_mut().unwrap();
    fields.retain(|name, _| {
        ["id", "organizer_id", "title", "description", "created_at"].contains(&name.as_str())
    });

    let read: Concert = serde_json::from_value(json).unwrap();

    assert_eq!(read, Concert { slug: None, ..a_concert() });
}
