//! Reading JSON values with bounds. An error names the path of the value and the rule it breaks.

use serde_json::{Map, Value};

use super::Measure;
use crate::invalid::{Invalid, JsonType, Rule, line_of_text};

/// Where a value is in the document.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
}

/// An object of the document.
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    at: At<'a>,
}

impl<'a> At<'a> {
    /// The document itself, in the field of this name; an empty name if it is the whole body.
    pub(super) fn root(name: &'a str) -> Self {
        Self { parent: None, step: Step::Field(name) }
    }

    pub(super) fn field(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Field(name) }
    }

    pub(super) fn item(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Item(index) }
    }

    fn path(&self) -> String {
        let before = self.parent.map(Self::path).unwrap_or_default();
        match self.step {
            Step::Item(index) => format!("{before}[{index}]"),
            Step::Field(name) if before.is_empty() => name.to_owned(),
            Step::Field(name) => format!("{before}.{name}"),
        }
    }

    pub(super) fn breaks(&self, rule: Rule) -> Invalid {
        let path = self.path();
        Invalid::at(if path.is_empty() { "body".to_owned() } else { path }, rule)
    }
}

impl<'a> Fields<'a> {
    /// Takes a value as an object that has no other fields than `known`.
    pub(super) fn of(value: &'a Value, at: At<'a>, known: &[&str]) -> Result<Self, Invalid> {
        let map = value.as_object().ok_or_else(|| at.breaks(Rule::Type(JsonType::Object)))?;
        match map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(at.field(name).breaks(Rule::Unknown)),
            None => Ok(Self { map, at }),
        }
    }

    /// A field that is neither left out nor null.
    pub(super) fn given(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn required(&self, name: &str) -> Result<&'a Value, Invalid> {
        self.given(name).ok_or_else(|| self.breaks(name, Rule::Required))
    }

    pub(super) fn at(&self) -> &At<'a> {
        &self.at
    }

    pub(super) fn breaks(&self, name: &str, rule: Rule) -> Invalid {
        self.at.field(name).breaks(rule)
    }

    /// A line of text of this many characters.
    pub(super) fn text(&self, name: &str, low: usize, high: usize) -> Result<String, Invalid> {
        match self.given(name) {
            None if low == 0 => Ok(String::new()),
            _ => {
                let text = self.string(name)?;
                let line = line_of_text(text, "", low, high);
                line.map_err(|invalid| self.breaks(name, invalid.rule))
            }
        }
    }

    pub(super) fn string(&self, name: &str) -> Result<&'a str, Invalid> {
        let text = self.required(name)?.as_str();
        text.ok_or_else(|| self.breaks(name, Rule::Type(JsonType::Text)))
    }

    /// A colour as `#rrggbb`, in lower case.
    pub(super) fn colour(&self, name: &str) -> Result<String, Invalid> {
        let text = self.string(name)?;
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        digits.ok_or_else(|| self.breaks(name, Rule::Colour))?;
        Ok(text.to_ascii_lowercase())
    }

    /// One of a few words, by its place among them; without the field, the first.
    pub(super) fn word(&self, name: &str, words: &'static [&str]) -> Result<usize, Invalid> {
        let Some(value) = self.given(name) else { return Ok(0) };
        let found = words.iter().position(|word| value.as_str() == Some(word));
        found.ok_or_else(|| self.breaks(name, Rule::OneOf(words)))
    }

    /// A whole number; without the field, the default, if there is one.
    pub(super) fn whole(
        &self,
        name: &str,
        (low, high): (i32, i32),
        default: Option<i32>,
    ) -> Result<i32, Invalid> {
        match (self.given(name), default) {
            (None, Some(default)) => Ok(default),
            _ => whole(self.required(name)?, &self.at.field(name), (low, high)),
        }
    }

    /// A number; without the field, the default, if there is one.
    pub(super) fn measure(
        &self,
        name: &str,
        (low, high): (i64, i64),
        default: Option<Measure>,
    ) -> Result<Measure, Invalid> {
        if let (None, Some(default)) = (self.given(name), default) {
            return Ok(default);
        }
        let number = self.required(name)?.as_f64();
        let number = number.and_then(|number| Measure::within(number, low, high));
        number.ok_or_else(|| self.breaks(name, Rule::Number(low, high)))
    }

    /// The items of a list of this many; without the field, none if that is allowed.
    pub(super) fn list(&self, name: &str, low: usize, high: usize) -> Result<&'a [Value], Invalid> {
        let Some(value) = self.given(name) else {
            return if low == 0 { Ok(&[]) } else { Err(self.breaks(name, Rule::Required)) };
        };
        let items = value.as_array();
        let items = items.ok_or_else(|| self.breaks(name, Rule::Type(JsonType::Array)))?;
        if (low..=high).contains(&items.len()) {
            Ok(items)
        } else {
            Err(self.breaks(name, Rule::Items(low, high)))
        }
    }
}

/// A whole number, however it is written: `3.0` is one.
pub(super) fn whole(value: &Value, at: &At<'_>, (low, high): (i32, i32)) -> Result<i32, Invalid> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0);
    let number = number.filter(|number| (f64::from(low)..=f64::from(high)).contains(number));
    let number = number.ok_or_else(|| at.breaks(Rule::Between(low.into(), high.into())))?;
    Ok(number as i32)
}
