//! The text of an e-mail, as plain text and as HTML.

use std::collections::HashMap;
use std::sync::LazyLock;

use stagedoor_domain::mail::Language;

/// Messages by their names. The catalogues are `texts/*.ftl`: one line a message, `{ $name }` for a value.
type Catalogue = HashMap<&'static str, &'static str>;

static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../texts/en.ftl")));
static KOREAN: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../texts/ko.ftl")));

fn read(text: &'static str) -> Catalogue {
    let messages = text.lines().filter(|line| !line.starts_with('#'));
    messages.filter_map(|line| line.split_once(" = ")).collect()
}

/// A message of the catalogue with these values. In one pass: a value that looks like a placeholder stays as it is.
pub(super) fn text(language: Language, name: &str, values: &[(&str, &str)]) -> String {
    let catalogue = match language {
        Language::En => &ENGLISH,
        Language::Ko => &KOREAN,
    };
    let mut rest = catalogue.get(name).copied().unwrap_or_default();
    let mut text = String::new();
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

/// What a letter consists of.
pub(super) enum Part {
    Paragraph(String),
    /// Lines that belong together.
    Lines(Vec<String>),
    /// What is to be clicked, and where it leads.
    Link(String, String),
    /// A picture among the files. The plain text goes without it.
    Image {
        content_id: String,
        description: String,
    },
}

/// The letter as plain text.
pub(super) fn plain(parts: &[Part]) -> String {
    let written = parts.iter().filter_map(|part| match part {
        Part::Paragraph(text) => Some(text.clone()),
        Part::Lines(lines) => Some(lines.join("\n")),
        Part::Link(label, url) => Some(format!("{label}:\n{url}")),
        Part::Image { .. } => None,
    });
    written.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// The letter as an HTML page without scripts, images or styles from elsewhere.
pub(super) fn html(language: Language, subject: &str, parts: &[Part]) -> String {
    let written: String = parts
        .iter()
        .map(|part| match part {
            Part::Paragraph(text) => format!("<p>{}</p>\n", escaped(text)),
            Part::Lines(lines) => {
                let lines: Vec<_> = lines.iter().map(|line| escaped(line)).collect();
                format!("<p>{}</p>\n", lines.join("<br>\n"))
            }
            Part::Link(label, url) => {
                format!("<p><a href=\"{}\">{}</a></p>\n", escaped(url), escaped(label))
            }
            // Dark on light also where the rest of the letter is light on dark, so that readers read it.
            Part::Image { content_id, description } => format!(
                "<p><img src=\"cid:{}\" alt=\"{}\" width=\"244\" height=\"244\" \
                 style=\"background: #fff\"></p>\n",
                escaped(content_id),
                escaped(description)
            ),
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"font-family: sans-serif; line-height: 1.5\">\n{written}</body>\n</html>\n",
        language.as_str(),
        escaped(subject)
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_values() {
        let values = |text: &&str| text.matches("{ $").count();
        let names = |catalogue: &Catalogue| {
            let mut names: Vec<_> =
                catalogue.iter().map(|(name, text)| (*name, values(text))).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(&ENGLISH), names(&KOREAN));
        assert!(ENGLISH.len() > 10);
    }

    #[test]
    fn names_cannot_write_html_or_placeholders() {
        let greeting = text(Language::En, "greeting", &[("name", "<b>{ $name }</b>")]);
        let page = html(Language::En, "\"S\"", &[Part::Paragraph(greeting)]);

        assert!(page.contains("&lt;b&gt;{ $name }&lt;/b&gt;"), "{page}");
        assert!(page.contains("<title>&quot;S&quot;</title>"), "{page}");
    }
}
