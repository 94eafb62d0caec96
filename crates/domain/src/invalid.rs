//! Input that is not what its field asks for.

use std::borrow::Cow;
use std::fmt;

use icu_normalizer::ComposingNormalizer;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// A value that breaks the rule of its field. Names both, so that the caller can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {rule}")]
pub struct Invalid {
    /// The field as the caller wrote it, such as `seatIds` or `plan.sections[0].name`.
    pub field: Cow<'static, str>,
    /// The rule it breaks.
    pub rule: Rule,
}

impl Invalid {
    /// A broken `rule` of `field`.
    pub const fn new(field: &'static str, rule: Rule) -> Self {
        Self { field: Cow::Borrowed(field), rule }
    }

    /// A broken `rule` of a field that is found by its path, such as `sections[0].name`.
    pub const fn at(path: String, rule: Rule) -> Self {
        Self { field: Cow::Owned(path), rule }
    }
}

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A whole number within these bounds, both included.
    Between(i64, i64),
    /// Text of this many characters, both included, without control characters.
    Length(usize, usize),
    /// Text of this many characters, both included, whatever they are.
    Characters(usize, usize),
    /// Text of which something can be seen.
    Visible,
    /// A password that is not guessed first.
    Uncommon,
    /// An e-mail address.
    Email,
    /// This many items, both included.
    Items(usize, usize),
    /// This many seats, both included.
    Seats(i64, i64),
    /// Prices so low that all seats together cost at most this many points.
    TotalPrice(i64),
    /// No more seats than a concert may have on all its dates together.
    SeatsOfConcert(i64),
    /// No item twice.
    Distinct,
    /// Exactly one of several fields that exclude each other.
    ExactlyOne,
    /// An instant after that of the other field.
    After(&'static str),
    /// An instant not after that of the other field.
    NotAfter(&'static str),
    /// An instant that has not passed.
    ToCome,
    /// An instant that has not passed, and is not after that of the other field.
    ToComeUntil(&'static str),
    /// A cursor that this service gave out for this list.
    Cursor,
    /// A field that must not be left out.
    Required,
    /// No field of its object.
    Unknown,
    /// A JSON value of this type.
    Type(JsonType),
    /// A number within these bounds, both included.
    Number(i64, i64),
    /// A number above zero, at most this.
    AboveZero(i64),
    /// One of a few words.
    OneOf(&'static [&'static str]),
    /// A colour as `#rrggbb`.
    Colour,
    /// The code of a zone of the seat plan.
    Zone,
    /// The name of a section of the seat plan.
    Section,
    /// A field that a request has only together with the other field.
    OnlyWith(&'static str),
    /// The name of a time zone in the IANA database.
    TimeZone,
    /// A whole picture of the format that is said.
    Picture,
    /// An address that webhooks can have.
    WebhookUrl,
    /// A host of the public internet.
    PublicAddress,
}

/// What a JSON value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    Text,
}

impl JsonType {
    /// Its name with an article.
    pub fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::Text => "a string",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Between(low, high) => write!(f, "must be a whole number from {low} to {high}"),
            Self::Length(low, high) => {
                write!(f, "must be {low} to {high} characters without control characters")
            }
            Self::Characters(low, high) => write!(f, "must be {low} to {high} characters"),
            Self::Visible => write!(f, "must have a visible character"),
            Self::Uncommon => {
                write!(f, "must not be a common password, a repetition or a run of characters")
            }
            Self::Email => write!(f, "must be an e-mail address"),
            Self::Items(low, high) => write!(f, "must have {low} to {high} items"),
            Self::Seats(low, high) => write!(f, "must have {low} to {high} seats"),
            Self::TotalPrice(most) => {
                write!(f, "must be so low that all seats together cost at most {most} points")
            }
            Self::SeatsOfConcert(most) => {
                write!(f, "must leave the concert with at most {most} seats on all its dates")
            }
            Self::Distinct => write!(f, "must not name an item twice"),
            Self::ExactlyOne => {
                write!(f, "must stand alone: exactly one of these fields is required")
            }
            Self::After(other) => write!(f, "must be after {other}"),
            Self::NotAfter(other) => write!(f, "must not be after {other}"),
            Self::ToCome => write!(f, "must be after now"),
            Self::ToComeUntil(other) => write!(f, "must be after now and not after {other}"),
            Self::Cursor => write!(f, "must be a nextCursor of the same list"),
            Self::Required => write!(f, "is required"),
            Self::Unknown => write!(f, "is not a known field"),
            Self::Type(kind) => write!(f, "must be {}", kind.name()),
            Self::Number(low, high) => write!(f, "must be a number from {low} to {high}"),
            Self::AboveZero(high) => write!(f, "must be a number above 0 and at most {high}"),
            Self::OneOf(words) => write!(f, "must be one of {}", words.join(", ")),
            Self::Colour => write!(f, "must be a colour as #rrggbb"),
            Self::Zone => write!(f, "must be the code of a zone of the plan"),
            Self::Section => write!(f, "must be the name of a section of the plan"),
            Self::OnlyWith(other) => write!(f, "is allowed only together with {other}"),
            Self::TimeZone => {
                write!(f, "must be the name of an IANA time zone, such as Asia/Seoul")
            }
            Self::WebhookUrl => {
                write!(f, "must be an https URL without a user, a password or a fragment")
            }
            Self::PublicAddress => {
                write!(f, "must have a host on the public internet")
            }
            Self::Picture => {
                write!(f, "must be a whole picture of the format that Content-Type names")
            }
        }
    }
}

/// Whether a character is nothing to be seen: it hides between others or turns their order round, so
/// that text looks like another. Those that join letters and emoji are not among them.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Whether a character leaves a mark that a reader can see.
pub(crate) fn leaves_a_mark(c: char) -> bool {
    let is_blank = matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffb}' | '\u{1d159}');
    !(c.is_whitespace() || c.is_control() || is_ignorable(c) || is_blank)
}

/// Whether a character shows nothing of its own: Unicode's `Default_Ignorable_Code_Point`.
pub(crate) fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// The text without hidden characters and the space around it.
pub(crate) fn visible(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_hidden(*c)).collect();
    text.trim().to_owned()
}

/// Text in lower case and NFKC; both forms of a small sigma are one.
pub(crate) fn folded(text: &str) -> String {
    let nfkc = ComposingNormalizer::new_nfkc();
    let lower: String = nfkc.normalize(text).chars().flat_map(char::to_lowercase).collect();
    nfkc.normalize(&lower.replace('\u{3c2}', "\u{3c3}")).into_owned()
}

/// Takes the [`visible`] text and checks its length in characters, as people count them. Text without
/// a visible character is empty.
pub(crate) fn line_of_text(
    text: &str,
    field: &'static str,
    low: usize,
    high: usize,
) -> Result<String, Invalid> {
    let text = visible(text);
    let is_blank = !text.chars().any(|c| leaves_a_mark(c) || c.is_control());
    match is_blank && !text.is_empty() {
        true if low > 0 => Err(Invalid::new(field, Rule::Visible)),
        true => Ok(String::new()),
        false => stored_line(&text, field, low, high),
    }
}

/// Takes text from a store: an older version may have taken what [`line_of_text`] refuses today.
pub(crate) fn stored_line(
    text: &str,
    field: &'static str,
    low: usize,
    high: usize,
) -> Result<String, Invalid> {
    let length = text.chars().count();
    if (low..=high).contains(&length) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new(field, Rule::Length(low, high)))
    }
}

/// Checks that a whole number lies within its bounds.
pub(crate) fn between(
    value: i64,
    field: &'static str,
    low: i64,
    high: i64,
) -> Result<i64, Invalid> {
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(Invalid::new(field, Rule::Between(low, high)))
    }
}
