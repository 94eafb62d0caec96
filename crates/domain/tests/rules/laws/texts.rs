//! Whatever people write: addresses, names, titles, references, messages.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use stagedoor_domain::concert::Description;
use stagedoor_domain::room::RoomMessage;
use stagedoor_domain::{Email, PersonName, Reference, Title};

use crate::strategies::config;

/// Characters that hide, or turn the order of others round.
const HIDDEN: [RangeInclusive<char>; 5] = [
    '\u{200b}'..='\u{200b}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{2060}',
    '\u{2066}'..='\u{2069}',
    '\u{feff}'..='\u{feff}',
];

/// Characters of which nothing can be seen, beside space: those that Unicode calls ignorable (version
/// 17, `DerivedCoreProperties.txt`), and blanks.
const BLANK: [RangeInclusive<char>; 19] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d159}'..='\u{1d159}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

fn is_blank(c: char) -> bool {
    c.is_whitespace() || BLANK.iter().any(|blank| blank.contains(&c))
}

/// Any text at all, with what is hard among it.
fn texts() -> impl Strategy<Value = String> {
    let hard = prop::sample::select(vec![
        " ",
        "\t",
        "\n",
        "\u{0}",
        "\u{7f}",
        "\u{85}",
        "\u{200b}",
        "\u{202e}",
        "\u{3000}",
        "\u{3164}",
        "\u{200d}",
        "@",
        "İ",
        "ß",
        "ﬁ",
        "김",
        "👩‍🎤",
        "e\u{301}",
        "x",
    ]);
    prop_oneof![
        2 => any::<String>(),
        2 => prop::collection::vec(hard, 0..40).prop_map(|parts| parts.concat()),
        1 => "[a-zA-Z0-9.]{1,70}@[a-zA-Z0-9.]{0,200}",
        1 => ".{0,310}",
        1 => (0_usize..2_100).prop_map(|length| "가".repeat(length)),
    ]
}

/// Checks a line of text with bounds on its characters that was parsed from another.
fn check_line(
    text: &str,
    parsed: Option<&str>,
    low: usize,
    high: usize,
) -> Result<(), TestCaseError> {
    let seen: String =
        text.chars().filter(|c| !HIDDEN.iter().any(|hidden| hidden.contains(c))).collect();
    let is_empty = seen.trim().chars().all(|c| is_blank(c) && !c.is_control());
    let trimmed = if is_empty { "" } else { seen.trim() };
    let fits = (low..=high).contains(&trimmed.chars().count());
    let is_sound = fits && !trimmed.chars().any(char::is_control);
    prop_assert_eq!(parsed, is_sound.then_some(trimmed));
    Ok(())
}

#[test]
fn text_of_blank_characters_alone_is_empty_and_of_any_other_is_not() {
    let planes = ('\0'..='\u{1ffff}').chain('\u{e0000}'..='\u{e1000}');
    for c in planes.filter(|c| !c.is_control()) {
        let text = [c, '\u{200d}', c].into_iter().collect::<String>();
        let is_empty = is_blank(c) || HIDDEN.iter().any(|hidden| hidden.contains(&c));
        assert_eq!(PersonName::parse(&text).is_err(), is_empty, "{c:?}");
    }
}

#[test]
fn an_address_with_any_character_is_taken_again_as_it_is() {
    let planes = ('\0'..='\u{ffff}').chain('\u{1d400}'..='\u{1d7ff}');
    for c in planes.filter(|c| *c != '@') {
        for text in [format!("{c}a{c}@example.com"), format!("a@{c}b.com")] {
            let Ok(email) = Email::parse(&text) else { continue };
            assert_eq!(Email::parse(email.as_str()), Ok(email), "{c:?}");
        }
    }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn a_line_of_text_is_what_is_seen_of_it_without_the_space_around_it_or_nothing(text in texts()) {
        let name = PersonName::parse(&text).ok();
        check_line(&text, name.as_ref().map(PersonName::as_str), 1, 100)?;
        let title = Title::parse(&text).ok();
        check_line(&text, title.as_ref().map(Title::as_str), 1, 200)?;
        let reference = Reference::parse(&text, "ticketId").ok();
        check_line(&text, reference.as_ref().map(Reference::as_str), 1, 100)?;
        let message = RoomMessage::parse(&text).ok();
        check_line(&text, message.as_ref().map(RoomMessage::as_str), 0, 300)?;
        if let Ok(description) = Description::parse(&text) {
            for line in description.as_str().split('\n') {
                prop_assert_eq!(line, line.trim());
                prop_assert!(!line.chars().any(char::is_control));
            }
            prop_assert!(description.as_str().chars().count() <= 2_000);
            prop_assert_eq!(Description::parse(description.as_str()), Ok(description));
        }
    }

    #[test]
    fn an_address_that_was_taken_is_taken_again_as_it_is(text in texts()) {
        let Ok(email) = Email::parse(&text) else { return Ok(()) };
        let address = email.as_str();
        prop_assert_eq!(Email::parse(address), Ok(email.clone()));
        prop_assert_eq!(Email::parse(&format!(" {address}\n")), Ok(email.clone()));
        prop_assert_eq!(address.matches('@').count(), 1);
        prop_assert!(address.len() <= 254);
        prop_assert!(!address.chars().any(|c| c.is_control() || c.is_whitespace()));
    }

    #[test]
    fn whatever_is_written_for_an_address_has_its_key_and_its_form(text in texts()) {
        if let Ok(email) = Email::parse(&text) {
            prop_assert_eq!(Email::key(&text), email.as_str());
            prop_assert_eq!(Email::forms(&text).pop(), Some(email));
        }
        prop_assert!(Email::forms(&text).len() <= 2);
    }

    #[test]
    fn one_address_is_one_address_in_whatever_case_it_is_written(
        local in "[a-z0-9.+-]{1,64}", host in "[a-z0-9]([a-z0-9.]-?){0,29}",
    ) {
        let address = format!("{local}@{host}");
        let plain = Email::parse(&address);
        prop_assert!(plain.is_ok());
        prop_assert_eq!(Email::parse(&address.to_uppercase()), plain);
    }
}
