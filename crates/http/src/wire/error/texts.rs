//! What errors say to people, in Korean and in English: the catalogues are `texts/*.ftl`.
//!
//! They use a part of the syntax of Fluent, so that translators can use its tools: one line a message,
//! `{ $name }` for a value.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::sync::LazyLock;

use stagedoor_domain::Rule;
use stagedoor_domain::invalid::JsonType;
use stagedoor_domain::webhook::WEBHOOKS_MAX;

use super::{ApiError, FieldRule, RequiredAccess};
use crate::wire::language::Language;

/// Messages by their names.
type Catalogue = HashMap<&'static str, &'static str>;

static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../../texts/en.ftl")));
static KOREAN: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../../texts/ko.ftl")));

/// The name of a message, and its values by their names.
struct Message(&'static str, Vec<(&'static str, String)>);

fn read(text: &'static str) -> Catalogue {
    let messages = text.lines().filter(|line| !line.starts_with('#'));
    messages.filter_map(|line| line.split_once(" = ")).collect()
}

impl Message {
    fn with(self, name: &'static str, value: impl Display) -> Self {
        let Self(message, mut values) = self;
        values.push((name, value.to_string()));
        Self(message, values)
    }

    fn written(self, language: Language) -> String {
        let catalogue = match language {
            Language::English => &ENGLISH,
            Language::Korean => &KOREAN,
        };
        let Self(message, values) = self;
        let mut rest = catalogue.get(message).copied().unwrap_or(message);
        let mut text = String::new();
        // In one pass: a value that looks like a placeholder stays as it is.
        while let Some((before, (name, after))) =
            rest.split_once("{ $").and_then(|(before, it)| Some((before, it.split_once(" }")?)))
        {
            text.push_str(before);
            let value = values.iter().find(|(known, _)| *known == name);
            text.push_str(value.map_or(name, |(_, value)| value));
            rest = after;
        }
        text + rest
    }
}

impl From<&'static str> for Message {
    fn from(name: &'static str) -> Self {
        Self(name, Vec::new())
    }
}

impl Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail(Language::English))
    }
}

impl ApiError {
    /// What happened, for people.
    pub(crate) fn detail(&self, language: Language) -> String {
        let message = Message::from(match self {
            Self::WrongPassword => "WRONG_PASSWORD",
            Self::NothingToBook => "NOTHING_TO_BOOK",
            Self::SeatsTaken(_) => "SEATS_TAKEN",
            Self::ConcertNotPublished => "CONCERT_NOT_PUBLISHED",
            Self::Forbidden(needs) => needs.message(),
            _ => self.code(),
        });
        let message = match self {
            Self::Validation(error) => {
                message.with("field", &error.field).with("rule", error.rule.text(language))
            }
            Self::BodyTooLarge { bytes_max } | Self::HeadersTooLarge { bytes_max } => {
                message.with("bytes", bytes_max)
            }
            Self::TicketLimit(limit) => message.with("tickets", limit.get()),
            Self::TooManyWebhooks => message.with("most", WEBHOOKS_MAX),
            _ => message,
        };
        message.written(language)
    }
}

impl RequiredAccess {
    fn message(self) -> &'static str {
        match self {
            Self::AccessToken => "needs-access-token",
            Self::QueueToken => "needs-queue-token",
            Self::QueueTokenOfThisRoom => "needs-token-of-room",
            Self::ConcertsOwnQueue => "needs-own-queue",
            Self::Organizer => "needs-organizer",
            Self::OwnConcert => "needs-own-concert",
            Self::OwnVenue => "needs-own-venue",
            Self::Staff => "needs-staff",
            Self::Operator => "needs-operator",
            Self::Oneself => "needs-oneself",
            Self::OwnPage => "needs-own-page",
            Self::Payer => "needs-payer",
            Self::Door => "needs-door",
        }
    }
}

impl FieldRule {
    pub(crate) fn text(&self, language: Language) -> String {
        let message = match self {
            Self::Domain(rule) => message(*rule),
            Self::Form(reason) => Message::from("rule-form").with("reason", reason),
            Self::Id => "rule-id".into(),
            Self::OneOf(words) => Message::from("rule-one-of").with("words", words.join(", ")),
            Self::VisibleAscii(high) => Message::from("rule-visible-ascii").with("high", high),
            Self::LocalTime => "rule-local-time".into(),
            Self::ExistingLocalTime => "rule-existing-local-time".into(),
            Self::Price(price) => Message::from("rule-price").with("price", price),
            Self::OfToken => "rule-of-token".into(),
            Self::TicketCode => "rule-ticket-code".into(),
            Self::TicketNumber => "rule-ticket-number".into(),
        };
        message.written(language)
    }
}

fn message(rule: Rule) -> Message {
    let up_to = |name: &'static str, high: &dyn Display| Message::from(name).with("high", high);
    let other = |name: &'static str, other: &str| Message::from(name).with("other", other);
    match rule {
        Rule::Between(low, high) => up_to("rule-between", &high).with("low", low),
        Rule::Length(low, high) => up_to("rule-length", &high).with("low", low),
        Rule::Characters(low, high) => up_to("rule-characters", &high).with("low", low),
        Rule::Items(low, high) => up_to("rule-items", &high).with("low", low),
        Rule::Seats(low, high) => up_to("rule-seats", &high).with("low", low),
        Rule::TotalPrice(high) => up_to("rule-total-price", &high),
        Rule::SeatsOfConcert(high) => up_to("rule-seats-of-concert", &high),
        Rule::After(field) => other("rule-after", field),
        Rule::NotAfter(field) => other("rule-not-after", field),
        Rule::ToCome => "rule-to-come".into(),
        Rule::ToComeUntil(field) => other("rule-to-come-until", field),
        Rule::Visible => "rule-visible".into(),
        Rule::Uncommon => "rule-uncommon".into(),
        Rule::Email => "rule-email".into(),
        Rule::Distinct => "rule-distinct".into(),
        Rule::ExactlyOne => "rule-exactly-one".into(),
        Rule::Cursor => "rule-cursor".into(),
        Rule::Required => "rule-required".into(),
        Rule::Unknown => "rule-unknown".into(),
        Rule::Type(JsonType::Object) => "rule-object".into(),
        Rule::Type(JsonType::Array) => "rule-array".into(),
        Rule::Type(JsonType::Text) => "rule-text".into(),
        Rule::Number(low, high) => up_to("rule-number", &high).with("low", low),
        Rule::AboveZero(high) => up_to("rule-above-zero", &high),
        Rule::OneOf(words) => Message::from("rule-one-of").with("words", words.join(", ")),
        Rule::Colour => "rule-colour".into(),
        Rule::Zone => "rule-zone".into(),
        Rule::Section => "rule-section".into(),
        Rule::OnlyWith(field) => other("rule-only-with", field),
        Rule::TimeZone => "rule-time-zone".into(),
        Rule::Picture => "rule-picture".into(),
        Rule::WebhookUrl => "rule-webhook-url".into(),
        Rule::PublicAddress => "rule-public-address".into(),
    }
}

#[cfg(test)]
mod tests;
