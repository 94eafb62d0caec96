use std::collections::BTreeMap;
use std::path::Path;

use clap::{Arg, CommandFactory};

use super::fuzzing::serve;
use super::*;

#[test]
fn the_command_line_is_sound() {
    CommandLine::command().debug_assert();
    command().debug_assert();
}

#[test]
fn flags_go_before_the_file_and_the_file_before_defaults() {
    let text = "hold-seconds = 60\njanitor = false\ndemo = true\nlisten = \"[::1]:0\"";
    let settings = serve(&["--hold-seconds", "30", "--batch-size-max=7"], text).unwrap();

    assert_eq!(settings.times.hold_seconds, 30);
    assert_eq!(settings.work.batch_size_max, 7);
    assert_eq!(settings.work.janitor, Switch::Off);
    assert!(settings.demo);
    assert_eq!(settings.listen.to_string(), "[::1]:0");
    assert_eq!(settings.server.body_bytes_max, 65_536);
    assert!(!serve(&["--demo=false"], text).unwrap().demo);
    assert!(serve(&["--demo"], "").unwrap().demo);
}

#[test]
fn what_is_wrong_in_a_file_is_named() {
    let table = [
        ("hold-second = 1", "test.toml: hold-second is not a setting"),
        ("config = \"x\"", "test.toml: config is not a setting"),
        ("role = \"fan\"", "test.toml: role is not a setting"),
        (
            "hold-seconds = 0",
            "test.toml: hold-seconds: invalid value '0' for '--hold-seconds <N>': 0 is not in 1..=86400",
        ),
        ("signing-key = 1", "test.toml: signing-key must be a text"),
        ("[hold-seconds]", "test.toml: hold-seconds must be a text, a whole number or a truth"),
        (
            "auth-mode = \"ajar\"",
            "test.toml: auth-mode: invalid value 'ajar' for '--auth-mode <MODE>'",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(serve(&[], text).unwrap_err(), expected);
    }
}

#[test]
fn a_broken_file_is_told_by_line_without_showing_it() {
    let refused = serve(&[], "data = \"x\"\nsigning-key = 'hunter2").unwrap_err();

    assert!(refused.starts_with("test.toml is not TOML: line 2"), "{refused}");
    assert!(!refused.contains("hunter2"), "{refused}");
}

#[test]
fn secrets_are_read_but_never_shown() {
    let text = "signing-key = \"hunter2\"\ndatabase-url = \"postgres://u:hunter3@h/d\"";
    let settings = serve(&[], text).unwrap();

    assert_eq!(settings.signing_key.as_ref().unwrap().expose(), "hunter2");
    let url = settings.store.database_url().unwrap().expose();
    assert_eq!(url, "postgres://u:hunter3@h/d");
    assert!(!format!("{settings:?}").contains("hunter"));

    let file = file::SettingsFile::parse(Path::new("test.toml"), "database-url = \"hunter3\"");
    let mut command = file.unwrap().as_defaults_of(command()).unwrap();
    let serve = command.find_subcommand_mut("serve").unwrap();
    assert!(!serve.render_long_help().to_string().contains("hunter3"));
}

#[test]
fn an_empty_database_url_is_none() {
    assert_eq!(serve(&["--database-url="], "").unwrap().store.database_url(), None);
}

#[test]
fn every_bound_is_checked_and_shown_in_the_help() {
    let mut command = command();
    let help = command.find_subcommand_mut("serve").unwrap().render_help().to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for bounds::Bounds { name, unit, low, high } in bounds::BOUNDS {
        assert!(help.contains(&format!("[{unit}, {low} to {high}]")), "{name}");
        for value in [low, high] {
            serve(&[&format!("--{name}={value}")], "").unwrap();
        }
        let above = high + 1;
        assert!(serve(&[&format!("--{name}={above}")], "").is_err(), "{name}");
    }
}

/// The rows that `docs/settings.md` must have, by name.
fn expected_rows() -> BTreeMap<String, String> {
    let command = CommandLine::command();
    let serve = command.find_subcommand("serve").unwrap();
    let settings = serve.get_arguments().chain(command.get_arguments());
    settings.filter(|argument| argument.get_env().is_some()).map(row).collect()
}

fn row(argument: &Arg) -> (String, String) {
    let name = argument.get_long().unwrap().to_owned();
    let env = argument.get_env().unwrap().to_str().unwrap();
    let default = argument.get_default_values().first().map(|default| default.to_str().unwrap());
    let default = default.map(|default| format!("`{default}`")).unwrap_or_default();
    let choices: Vec<_> = argument
        .get_possible_values()
        .iter()
        .map(|choice| format!("`{}`", choice.get_name()))
        .collect();
    let (unit, bounds) = match bounds::of(&name) {
        Some(bounds) => (bounds.unit, format!("{} to {}", bounds.low, bounds.high)),
        None => ("", choices.join(", ")),
    };
    let meaning = argument.get_help().unwrap();
    let row = format!("| `{name}` | `{env}` | {unit} | {default} | {bounds} | {meaning} |");
    (name, row)
}

#[test]
fn the_table_of_settings_is_complete_and_right() {
    let page = include_str!("../../../../docs/settings.md");
    let rows = expected_rows();
    let missing: Vec<_> =
        rows.values().filter(|row| !page.lines().any(|line| line == *row)).cloned().collect();
    assert!(missing.is_empty(), "docs/settings.md lacks:\n{}", missing.join("\n"));
    let names = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    for name in names {
        assert!(rows.contains_key(name) || name == "signing-key", "{name} is not a setting");
    }
}
