//! What is told of a concert, and its slug.

use stagedoor_domain::concert::{
    AgeLimit, Description, DetailsEdit, NotOwn, RunningTime, SearchWords, Slug, Subtitle, Tags,
};
use stagedoor_domain::operations::{EditConcert, EditConcertRefused};
use stagedoor_domain::venue::Address;
use stagedoor_domain::{
    Concert, ConcertDetails, ConcertId, ConcertState, ExpectedVersion, Title, Venue,
};
use uuid::Uuid;

use crate::builders::*;
use crate::world::World;

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
    let syllables = "각".repeat(46);
    let letters = "\u{1100}\u{1161}\u{11a8}".repeat(46);
    assert_eq!(found(&format!("{letters}-00000001")), None, "more than twice the most characters");
    let (syllables, letters) = (&syllables[..3 * 40], &letters[..9 * 40]);
    let spelled = found(&format!("{letters}-00000001"));
    assert_eq!(spelled, Some(format!("{syllables}-00000001")), "longer before it is composed");
    assert_eq!(found("live"), None);
    for other in ["-1", "-00000001", "' OR 1=1--", "a'b-00000001", "live-0000000u"] {
        assert_eq!(found(other), None, "{other}");
    }
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

/// The organizer's edit of version 0.
fn edit_concert(edit: DetailsEdit) -> EditConcert {
    let (concert_id, organizer_id) = (concert(1), user(9));
    EditConcert { concert_id, organizer_id, edit, expected: ExpectedVersion::OneOf(vec![0]) }
}

fn new_title(text: &str) -> DetailsEdit {
    DetailsEdit { title: Some(Title::parse(text).unwrap()), ..DetailsEdit::default() }
}

#[test]
fn an_edit_changes_the_fields_that_it_names_and_raises_the_version() {
    let full = ConcertDetails {
        title: Title::parse("Winter night").unwrap(),
        subtitle: Subtitle::parse("Encore").unwrap(),
        description: Description::parse("Two parts").unwrap(),
        tags: tags(&["jazz"]).unwrap(),
        running_time: Some(RunningTime::parse(90).unwrap()),
        age_limit: Some(AgeLimit::parse(12).unwrap()),
    };
    let all = DetailsEdit {
        title: Some(full.title.clone()),
        subtitle: Some(full.subtitle.clone()),
        description: Some(full.description.clone()),
        tags: Some(full.tags.clone()),
        running_time: Some(full.running_time),
        age_limit: Some(full.age_limit),
    };
    let none = DetailsEdit {
        subtitle: Some(Subtitle::default()),
        description: Some(Description::default()),
        tags: Some(Tags::default()),
        running_time: Some(None),
        age_limit: Some(None),
        ..DetailsEdit::default()
    };
    let mut world = World::default().with([a_concert()]);
    let next = |expected, edit| EditConcert {
        expected: ExpectedVersion::OneOf(vec![expected]),
        ..edit_concert(edit)
    };

    let edited = world.decide(edit_concert(all.clone()), NOW).unwrap();
    assert_eq!((&edited.details, edited.version), (&full, 1));
    let same = world.decide(next(1, all), NOW).unwrap();
    assert_eq!(same.version, 1, "an edit that changes nothing is no new version");
    let cleared = world.decide(next(1, none), NOW).unwrap();
    assert_eq!((cleared.details, cleared.version), (ConcertDetails::titled(full.title), 2));
}

#[test]
fn an_edit_of_anothers_concert_or_of_another_version_is_refused() {
    let stranger = EditConcert { organizer_id: user(8), ..edit_concert(new_title("Mine")) };
    let old = || World::default().with([Concert { version: 1, ..a_concert() }]);
    let draft = Concert { state: ConcertState::Draft, ..a_concert() };
    let missing = EditConcertRefused::NotOwn(NotOwn::NotFound);
    let anothers = EditConcertRefused::NotOwn(NotOwn::AnotherOrganizers);

    assert_eq!(World::default().refusal(stranger.clone(), NOW), missing);
    assert_eq!(World::default().with([draft]).refusal(stranger.clone(), NOW), missing);
    assert_eq!(old().refusal(stranger, NOW), anothers);
    let late = edit_concert(new_title("Late"));
    assert_eq!(old().refusal(late, NOW), EditConcertRefused::OtherVersion);
}

#[test]
fn the_slug_of_a_draft_follows_its_title_and_that_of_a_public_concert_stays() {
    for (state, expected) in [
        (ConcertState::Draft, "winter-00000001"),
        (ConcertState::Published, "autumn-night-00000001"),
        (ConcertState::Cancelled, "autumn-night-00000001"),
    ] {
        let mut world = World::default().with([Concert { state, ..a_concert() }]);
        let edited = world.decide(edit_concert(new_title("Winter")), NOW).unwrap();
        assert_eq!(edited.slug.as_ref().map(Slug::as_str), Some(expected), "{state:?}");
    }
    let mut world = World::default().with([Concert { slug: None, ..a_concert() }]);
    let edited = world.decide(edit_concert(new_title("Winter")), NOW).unwrap();
    assert!(edited.slug.is_some(), "a concert of an older version gets one");
}

#[test]
fn a_search_finds_each_of_its_words_in_title_subtitle_and_tags() {
    let details = ConcertDetails {
        subtitle: Subtitle::parse("100% Encore_1").unwrap(),
        description: Description::parse("Not searched").unwrap(),
        tags: tags(&["ROCK", "한정판"]).unwrap(),
        ..ConcertDetails::titled(Title::parse("진격의 거인 ＯＳＴ").unwrap())
    };
    for (q, found) in [
        ("ost", true),
        ("거인 rock", true),
        ("ROCK  encore_1", true),
        ("\u{1100}\u{1165}인", true),
        ("100%", true),
        ("한정", true),
        ("거인 jazz", false),
        ("searched", false),
        ("%", true),
        ("e%1", false),
    ] {
        assert_eq!(SearchWords::parse(q).unwrap().find(&details), found, "{q}");
    }
    for refused in ["", "  ", &"x".repeat(101)] {
        assert_eq!(SearchWords::parse(refused).unwrap_err().field, "q", "{refused}");
    }
}

#[test]
fn a_place_is_found_by_the_words_of_its_venues_name_and_address() {
    let address = Address::parse("Herbert-von-Karajan-Straße 1, Berlin").unwrap();
    let venue = Venue { address, ..a_venue() };
    let place = |text: &str| SearchWords::parse_place(text).unwrap();
    for (text, found) in [
        ("concert", true),
        ("BERLIN house", true),
        ("STRASSE", false),
        ("straße", true),
        ("berlin opera", false),
        ("seoul", false),
    ] {
        assert_eq!(place(text).find_venue(&venue), found, "{text}");
    }
    assert_eq!(place("Ber lin").as_slice(), ["ber", "lin"]);
    assert_eq!(venue.search_text(), Venue::search_text_of(&venue.name, &venue.address));
    assert!(venue.search_text().starts_with("concert house\n"));
    for refused in ["", " ", "a\u{7}b", &"x".repeat(101)] {
        assert_eq!(SearchWords::parse_place(refused).unwrap_err().field, "place", "{refused}");
    }
    assert!(SearchWords::default().is_empty() && SearchWords::default().find_venue(&venue));
    assert!(!place("x").is_empty());
}
