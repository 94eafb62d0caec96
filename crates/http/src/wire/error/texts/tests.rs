use std::collections::BTreeSet;

use super::*;

/// The code of this module and of the errors, where every message that is used is named.
const SOURCES: [&str; 4] = [
    include_str!("../texts.rs"),
    include_str!("../door.rs"),
    include_str!("../mail.rs"),
    include_str!("../../error.rs"),
];

fn values(text: &str) -> BTreeSet<&str> {
    text.split("{ $").skip(1).filter_map(|rest| rest.split(" }").next()).collect()
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_values() {
    let names = |catalogue: &'static Catalogue| catalogue.keys().collect::<BTreeSet<_>>();
    assert_eq!(names(&ENGLISH), names(&KOREAN));
    assert!(ENGLISH.len() > 70, "{}", ENGLISH.len());
    for (name, text) in &*ENGLISH {
        assert_eq!(values(text), values(KOREAN[name]), "{name}");
    }
}

#[test]
fn every_message_is_used_and_every_one_that_is_used_exists() {
    for name in ENGLISH.keys() {
        let quoted = format!("\"{name}\"");
        assert!(SOURCES.iter().any(|source| source.contains(&quoted)), "{name} is not used");
    }
    for name in SOURCES.iter().flat_map(|source| source.split('"').skip(1).step_by(2)) {
        let is_code = name.len() > 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        let is_name = name.starts_with("needs-") || name.starts_with("rule-");
        // The text of this code is that of the required access.
        let has_text = name == "FORBIDDEN" || ENGLISH.contains_key(name);
        assert!(!(is_code || is_name) || has_text, "{name} has no text");
    }
}

#[test]
fn a_value_that_looks_like_a_placeholder_stays_as_it_is() {
    let error = ApiError::field("{ $rule }", FieldRule::Domain(Rule::Between(1, 9)));

    assert!(error.to_string().starts_with("{ $rule } "), "{error}");
}

#[test]
fn values_are_written_into_the_text() {
    let error = ApiError::field("amount", FieldRule::Domain(Rule::Between(1, 9)));

    assert_eq!(error.detail(Language::English), "amount must be a whole number from 1 to 9.");
    assert_eq!(error.detail(Language::Korean), "amount: 1에서 9 사이의 정수여야 합니다.");
}

#[test]
fn a_rule_reads_as_the_domain_writes_it() {
    for rule in [Rule::Length(1, 9), Rule::Uncommon, Rule::TotalPrice(9), Rule::After("startsAt")] {
        assert_eq!(FieldRule::Domain(rule).text(Language::English), rule.to_string());
    }
}
