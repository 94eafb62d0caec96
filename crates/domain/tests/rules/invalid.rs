//! Input that is parsed at the edge names the field it breaks.

use std::borrow::Cow;

use stagedoor_domain::concert::Description;
use stagedoor_domain::{Email, Invalid, NewPassword, Page, PageSize, PersonName, Rule, Title};

fn field<T>(parsed: Result<T, Invalid>) -> Option<&'static str> {
    parsed.err().map(|invalid| match invalid.field {
        Cow::Borrowed(field) => field,
        Cow::Owned(path) => panic!("{path} is a path"),
    })
}

#[test]
fn an_email_address_is_taken_in_lower_case_and_without_space_around_it() {
    assert_eq!(Email::parse("  Minji@Example.COM ").unwrap().as_str(), "minji@example.com");
}

#[test]
fn an_email_address_is_one_in_all_its_spellings() {
    let table = [
        ("a@m\u{fc}ller.de", "a@xn--mller-kva.de"),
        ("a@mu\u{308}ller.de", "a@xn--mller-kva.de"),
        ("A@XN--MLLER-KVA.DE", "a@xn--mller-kva.de"),
        ("a@M\u{dc}LLER\u{ff0e}de.", "a@xn--mller-kva.de"),
        ("민지@예시。한국", "민지@xn--vv4b11d.xn--3e0b707e"),
        ("jos\u{e9}@x.org", "jos\u{e9}@x.org"),
        ("JOSE\u{301}@x.org", "jos\u{e9}@x.org"),
        ("\u{ff46}\u{ff41}\u{ff4e}\u{ff20}x.org", "fan@x.org"),
        ("\u{39f}\u{394}\u{39f}\u{3a3}@x.org", "\u{3bf}\u{3b4}\u{3bf}\u{3c3}@x.org"),
        ("\u{3bf}\u{3b4}\u{3bf}\u{3c2}@x.org", "\u{3bf}\u{3b4}\u{3bf}\u{3c3}@x.org"),
        ("f\u{ad}a\u{200c}n\u{200d}@\u{200e}x\u{200f}.org", "fan@x.org"),
        ("f\u{61c}a\u{34f}n\u{2062}@x\u{fe0f}.o\u{e0061}rg", "fan@x.org"),
        ("\u{3164}fan\u{115f}@x.\u{202e}org\u{2066}", "fan@x.org"),
    ];
    for (text, one) in table {
        let email = Email::parse(text).unwrap();
        assert_eq!(email.as_str(), one, "{text:?}");
        assert_eq!(Email::key(text), one, "{text:?}");
        assert_eq!(Email::parse(one), Ok(email));
    }
    for text in
        ["a@xn--zzzzzzzzz", "a@xn--a", "a\u{2800}@x.org", "a@x\u{2800}", "a@\u{3002}", "a\u{a8}@x"]
    {
        assert_eq!(field(Email::parse(text)), Some("email"), "{text:?}");
    }
}

#[test]
fn an_email_address_that_an_older_version_took_is_found_in_the_form_it_was_kept_in() {
    let forms =
        |text| Email::forms(text).iter().map(|form| form.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(forms(" Fan@Example.com "), ["fan@example.com"]);
    assert_eq!(forms("A@mu\u{308}ller.de"), ["a@mu\u{308}ller.de", "a@xn--mller-kva.de"]);
    assert_eq!(forms("a@xn--zzzzzzzzz"), ["a@xn--zzzzzzzzz"]);
    assert_eq!(Email::key("a@XN--zzzzzzzzz"), "a@xn--zzzzzzzzz");
    assert_eq!(forms("unknown"), [""; 0]);
    assert_eq!(Email::stored("a@mu\u{308}ller.de").unwrap().as_str(), "a@mu\u{308}ller.de");
    assert_eq!(field(Email::stored("a")), Some("email"));
}

#[test]
fn an_email_address_has_one_at_sign_between_two_sound_parts() {
    let long = |local: usize, host: usize| format!("{}@{}", "l".repeat(local), "h".repeat(host));
    let table = [
        ("a@b".to_owned(), true),
        ("a+b.c@sub.example.com".to_owned(), true),
        ("민지@예시.한국".to_owned(), true),
        (long(64, 189), true),
        (long(64, 190), false),
        (long(65, 9), false),
        (String::new(), false),
        ("@".to_owned(), false),
        ("a@".to_owned(), false),
        ("@b".to_owned(), false),
        ("a".to_owned(), false),
        ("a@b@c".to_owned(), false),
        ("a b@c".to_owned(), false),
        ("a@b\tc".to_owned(), false),
        ("a@b\u{0}".to_owned(), false),
    ];
    for (text, sound) in table {
        assert_eq!(field(Email::parse(&text)), (!sound).then_some("email"), "{text:?}");
    }
}

#[test]
fn names_and_titles_have_bounds_in_characters_and_no_control_characters() {
    let table = [
        ("", false, false),
        ("   ", false, false),
        (" Kim ", true, true),
        ("a\u{7}b", false, false),
        ("a\nb", false, false),
        (&"가".repeat(100), true, true),
        (&"가".repeat(101), false, true),
        (&"가".repeat(200), false, true),
        (&"가".repeat(201), false, false),
    ];
    for (text, is_name, is_title) in table {
        assert_eq!(field(PersonName::parse(text)), (!is_name).then_some("name"), "{text:?}");
        assert_eq!(field(Title::parse(text)), (!is_title).then_some("title"), "{text:?}");
    }
    assert_eq!(PersonName::parse(" Kim ").unwrap().as_str(), "Kim");
    assert_eq!(Title::parse("\tNight\n").unwrap().as_str(), "Night");
}

#[test]
fn text_is_rid_of_what_hides_in_it_or_turns_its_order_round() {
    let table = [
        ("\u{202e}Kim\u{202c}", "Kim"),
        ("K\u{200b}i\u{2060}m", "Kim"),
        ("\u{feff} Kim \u{2069}", "Kim"),
        ("\u{1F468}\u{200D}\u{1F467}", "\u{1F468}\u{200D}\u{1F467}"),
    ];
    for (text, kept) in table {
        assert_eq!(PersonName::parse(text).unwrap().as_str(), kept, "{text:?}");
        assert_eq!(Title::parse(text).unwrap().as_str(), kept, "{text:?}");
    }
    assert_eq!(field(PersonName::parse("\u{202e}\u{200b} \u{feff}")), Some("name"));
    let address = Email::parse("f\u{200b}an@exa\u{202e}mple.com").unwrap();
    assert_eq!(address.as_str(), "fan@example.com");
}

#[test]
fn text_that_shows_nothing_is_refused_but_taken_from_a_store_that_has_it() {
    for nothing in ["\u{3164}", "\u{115f}\u{1160}", "\u{2800}", "\u{200d}", "\u{e0061}"] {
        let refused = Invalid::new("name", Rule::Visible);
        assert_eq!(PersonName::parse(nothing), Err(refused), "{nothing:?}");
        assert_eq!(field(Title::parse(nothing)), Some("title"), "{nothing:?}");
        assert_eq!(Description::parse(nothing).unwrap().as_str(), "", "{nothing:?}");
        assert_eq!(PersonName::stored(nothing).unwrap().as_str(), nothing);
        assert_eq!(Title::stored(nothing).unwrap().as_str(), nothing);
    }
    assert_eq!(field(PersonName::stored("")), Some("name"));
}

#[test]
fn a_description_may_be_empty_and_keeps_its_line_breaks() {
    assert_eq!(Description::parse("").unwrap().as_str(), "");
    for (text, kept) in [
        (" one\ntwo\tthree ", "one\ntwo three"),
        ("\r\n one \r\n\u{200b}two\rthree\n\nfour\n", "one\ntwo\nthree\n\nfour"),
        ("\n\t\r\n", ""),
    ] {
        assert_eq!(Description::parse(text).unwrap().as_str(), kept, "{text:?}");
    }
    assert_eq!(field(Description::parse(&"가".repeat(2_000))), None);
    assert_eq!(field(Description::parse(&"가".repeat(2_001))), Some("description"));
    assert_eq!(field(Description::parse("a\u{0}b")), Some("description"));
}

#[test]
fn a_page_has_1_to_100_items() {
    let table = [(i64::MIN, None), (0, None), (1, Some(1)), (100, Some(100)), (101, None)];
    for (limit, items) in table {
        let parsed = PageSize::new(limit);
        assert_eq!(parsed.as_ref().ok().map(|size| size.items()), items, "{limit}");
        assert_eq!(field(parsed), items.is_none().then_some("limit"), "{limit}");
    }
    assert_eq!(PageSize::DEFAULT.items(), 20);
}

#[test]
fn a_page_names_its_last_item_as_the_cursor_only_if_there_is_more() {
    let size = PageSize::new(2).unwrap();
    let table = [
        (vec![], vec![], None),
        (vec![9], vec![9], None),
        (vec![9, 8], vec![9, 8], None),
        (vec![9, 8, 7], vec![9, 8], Some(8)),
    ];
    for (rows, items, next) in table {
        assert_eq!(Page::of(rows, size, |row| *row), Page { items, next });
    }
}

#[test]
fn a_password_has_8_to_256_characters_of_any_script_in_one_normal_form() {
    let text = |count| "표a\u{e9}문9\u{1f3ab}z서".chars().cycle().take(count).collect::<String>();
    for (count, is_sound) in [(7, false), (8, true), (256, true), (257, false)] {
        let decomposed = text(count).replace('\u{e9}', "e\u{301}");
        for text in [text(count), decomposed] {
            let checked = field(NewPassword::parse(&text));
            assert_eq!(checked, (!is_sound).then_some("password"), "{count}: {text}");
        }
    }
}

#[test]
fn a_password_that_is_guessed_first_is_refused() {
    let table = [
        ("password", false),
        ("PassWord", false),
        ("12345678", false),
        ("        ", false),
        ("\u{a0}\u{2003}      ", false),
        ("\0\0\0\0\0\0\0\0", false),
        ("iloveyou", false),
        ("q1w2e3r4", false),
        ("aaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ("xyz0xyz0x", false),
        ("abcdefghij", false),
        ("87654321", false),
        ("가각갂갃간갅갆갇", false),
        ("stagedoor", true),
        ("correct horse", true),
        ("password of mine", true),
        ("abcdefgh?", true),
        ("비밀번호 여덟 자", true),
    ];
    for (password, is_sound) in table {
        let refused = Invalid::new("password", Rule::Uncommon);
        let parsed = NewPassword::parse(password).map(|_| ());
        assert_eq!(parsed, if is_sound { Ok(()) } else { Err(refused) }, "{password:?}");
    }
}

#[test]
fn an_invalid_value_says_which_field_breaks_which_rule() {
    let table = [
        (Rule::Between(1, 9), "f must be a whole number from 1 to 9"),
        (Rule::Length(1, 9), "f must be 1 to 9 characters without control characters"),
        (Rule::Characters(1, 9), "f must be 1 to 9 characters"),
        (Rule::Visible, "f must have a visible character"),
        (Rule::Uncommon, "f must not be a common password, a repetition or a run of characters"),
        (Rule::Email, "f must be an e-mail address"),
        (Rule::Items(1, 9), "f must have 1 to 9 items"),
        (Rule::Distinct, "f must not name an item twice"),
        (Rule::ExactlyOne, "f must stand alone: exactly one of these fields is required"),
        (Rule::After("g"), "f must be after g"),
        (Rule::NotAfter("g"), "f must not be after g"),
        (Rule::ToCome, "f must be after now"),
        (Rule::ToComeUntil("g"), "f must be after now and not after g"),
        (Rule::Cursor, "f must be a nextCursor of the same list"),
    ];
    for (rule, text) in table {
        assert_eq!(Invalid::new("f", rule).to_string(), text);
    }
}
