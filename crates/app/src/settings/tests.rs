use std::collections::BTreeMap;
use std::path::Path;

use clap::{Arg, CommandFactory};

use proptest::prelude::*;

use super::*;
use crate::commands::{Command, CommandLine};

fn command() -> clap::Command {
    arguments::with_bounds(CommandLine::command())
}

/// Reads `serve` with these flags, whatever the environment says.
fn serve(flags: &[&str]) -> Result<Settings, String> {
    let arguments = ["stagedoor", "serve"].iter().chain(flags);
    let matches = arguments::without_environment(command())
        .try_get_matches_from(arguments)
        .map_err(|error| refusal::explained(&mut command(), error).to_string())?;
    refusal::secret_among_arguments(&matches)?;
    match CommandLine::from_arg_matches(&matches).map_err(|error| error.to_string())?.command {
        Command::Serve(mut settings) => {
            settings.complete(None);
            Ok(*settings)
        }
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn the_command_line_is_sound() {
    CommandLine::command().debug_assert();
    command().debug_assert();
}

#[test]
fn flags_go_before_defaults() {
    let flags =
        ["--hold-seconds", "30", "--batch-size-max=7", "--janitor=false", "--listen=[::1]:0"];
    let settings = serve(&flags).unwrap();

    assert_eq!(settings.times.hold_seconds, 30);
    assert_eq!(settings.work.batch_size_max, 7);
    assert_eq!(settings.work.janitor, Switch::Off);
    assert_eq!(settings.listen.to_string(), "[::1]:0");
    assert_eq!(settings.server.body_bytes_max, 65_536);
    assert!(!serve(&["--demo=false"]).unwrap().demo);
    assert!(serve(&["--demo"]).unwrap().demo);
}

#[test]
fn a_demonstration_has_a_directory_of_its_own_unless_one_is_set() {
    let data = |flags: &[&str]| serve(flags).unwrap().store.data().to_owned();

    assert_eq!(data(&[]), Path::new("./data"));
    assert_eq!(data(&["--demo"]), Path::new("./data-demo"));
    assert_eq!(data(&["--demo", "--data", "./data"]), Path::new("./data"));
}

#[test]
fn webhooks_reach_private_addresses_only_where_the_operator_has_said_so() {
    let reach = |flags: &[&str]| serve(flags).unwrap().webhook_reach();

    assert_eq!(reach(&[]), Reach::Public);
    assert_eq!(reach(&["--demo"]), Reach::Public);
    assert_eq!(reach(&["--auth-mode=open"]), Reach::Public);
    assert_eq!(reach(&["--webhooks-anywhere=false"]), Reach::Public);
    assert_eq!(reach(&["--webhooks-anywhere"]), Reach::Anywhere);
}

#[test]
fn e_mail_is_sent_only_with_a_server_a_sender_and_an_address_for_links() {
    let sender = |flags: &[&str]| serve(flags).unwrap().mail.sender();
    let (url, from) = ("--smtp-url=smtps://mail.test", "--mail-from=Box <a@b.test>");
    let public = "--public-url=https://c.test";
    assert!(sender(&[]).unwrap().is_none());
    assert!(sender(&["--smtp-url="]).unwrap().is_none());
    assert!(sender(&[url, from, public]).unwrap().is_some());
    for flags in [&[url][..], &[url, from], &[url, public]] {
        assert!(sender(flags).is_err(), "{flags:?}");
    }
    let password = "--smtp-url=smtps://me:hunter2@mail.test";
    let told = format!("{:#}", sender(&[password, from, public]).unwrap_err());
    assert!(told.contains("smtp-url") && !told.contains("hunter2"), "{told}");
    let needs = |flags: &[&str]| serve(flags).unwrap().booking_policy().needs_verified_email;
    assert_eq!([needs(&[]), needs(&[url]), needs(&[url, "--demo"])], [false, true, true]);
}

#[test]
fn secrets_are_read_but_never_shown() {
    let mut settings = serve(&[]).unwrap();
    settings.complete(Some("hunter2".to_owned()));
    settings.store.set_database_url("postgres://u:hunter3@h/d");

    assert_eq!(settings.signing_key().unwrap().unwrap().expose_secret(), "hunter2");
    let url = settings.store.database_url().unwrap().unwrap();
    assert_eq!(url.expose_secret(), "postgres://u:hunter3@h/d");
    assert!(!format!("{settings:?}").contains("hunter"));
}

#[test]
fn an_empty_database_url_is_none() {
    assert!(serve(&["--database-url="]).unwrap().store.database_url().unwrap().is_none());
}

#[test]
fn every_bound_is_checked_and_shown_in_the_help() {
    let mut command = command();
    let help = command.find_subcommand_mut("serve").unwrap().render_help().to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for bounds::Bounds { name, unit, low, high } in bounds::BOUNDS {
        assert!(help.contains(&format!("[{unit}, {low} to {high}]")), "{name}");
        for value in [low, high] {
            serve(&[&format!("--{name}={value}")]).unwrap();
        }
        let above = high + 1;
        assert!(serve(&[&format!("--{name}={above}")]).is_err(), "{name}");
    }
}

#[test]
fn a_wrong_value_is_told_with_both_names_of_its_setting_and_the_rule() {
    let table = [
        (
            "--hold-seconds=abc",
            "--hold-seconds (STAGEDOOR_HOLD_SECONDS): must be whole seconds from 1 to 86400, not \"abc\"",
        ),
        (
            "--hold-seconds=-1",
            "--hold-seconds (STAGEDOOR_HOLD_SECONDS): must be whole seconds from 1 to 86400, not \"-1\"",
        ),
        (
            "--hold-seconds=",
            "--hold-seconds (STAGEDOOR_HOLD_SECONDS): must be whole seconds from 1 to 86400, not \"\"",
        ),
        ("--hold-seconds=99999999999999999999", "must be whole seconds from 1 to 86400"),
        ("--auth-mode=ajar", "--auth-mode (AUTH_MODE): must be one of open, closed, not \"ajar\""),
        ("--listen=8080", "--listen (STAGEDOOR_LISTEN): must be an address and a port"),
        ("--time-zone=Seoul", "--time-zone (STAGEDOOR_TIME_ZONE): must be a name of the IANA"),
        (
            "--trusted-proxies=x",
            "--trusted-proxies (STAGEDOOR_TRUSTED_PROXIES): must be as 10.0.0.0/8",
        ),
        (
            "--join-rate-account=9",
            "--join-rate-account (STAGEDOOR_JOIN_RATE_ACCOUNT): must be as 120/600",
        ),
        ("--demo=maybe", "--demo (STAGEDOOR_DEMO): must be one of "),
    ];
    for (flag, expected) in table {
        let told = serve(&[flag]).unwrap_err();
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn a_variable_that_is_no_setting_is_refused_with_the_nearest_name() {
    let command = command();
    let checked = |name| refusal::unknown_variable(&command, ["PATH", name]);
    let table = [
        ("STAGEDOOR_HOLD_SECOND", "STAGEDOOR_HOLD_SECONDS"),
        ("STAGEDOOR_AUTH_MODE", "AUTH_MODE"),
        ("STAGEDOOR_SIGNING_KEYS", "STAGEDOOR_SIGNING_KEY"),
        ("STAGEDOOR_DATABASE_URL", "DATABASE_URL"),
    ];
    for (name, like) in table {
        let told = checked(name).unwrap_err();
        assert!(
            told.starts_with(&format!("{name} is not a setting. The nearest is {like}:")),
            "{told}"
        );
    }
    for name in ["STAGEDOOR_SIGNING_KEY", "STAGEDOOR_METRICS_TOKEN_FILE", "DATABASE_URLS"] {
        checked(name).unwrap();
    }
    for name in ["STAGEDOOR_SERVICE_HOST", "STAGEDOOR_PORT", "STAGEDOOR_PORT_8080_TCP_ADDR"] {
        checked(name).unwrap();
    }
}

#[test]
fn a_secret_among_the_arguments_is_refused_without_being_shown() {
    for flag in [
        "--metrics-token=hunter2",
        "--smtp-password=hunter2",
        "--database-url=postgres://u:hunter2@h/d",
        "--database-url=postgres://h/d?password=hunter2",
    ] {
        let told = serve(&[flag]).unwrap_err();
        assert!(told.contains("_FILE") && !told.contains("hunter2"), "{told}");
    }
    serve(&["--database-url=postgres://u@h/d"]).unwrap();
}

#[test]
fn a_secret_is_read_from_a_file_that_not_everyone_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("secret");
    let settings = serve(&[&format!("--signing-key-file={}", file.display())]).unwrap();
    let told = || settings.signing_key().unwrap_err().to_string();
    assert!(told().contains(&format!("cannot read {}", file.display())), "{}", told());

    std::fs::write(&file, "hunter2\n").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(told().contains("chmod 600") && !told().contains("hunter2"), "{}", told());
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(settings.signing_key().unwrap().unwrap().expose_secret(), "hunter2");
    std::fs::write(&file, "\n").unwrap();
    assert!(told().contains("is empty"), "{}", told());
}

/// The rows that `docs/settings.md` must have, by name.
fn expected_rows() -> BTreeMap<String, String> {
    let command = CommandLine::command();
    let serve = command.find_subcommand("serve").unwrap();
    serve.get_arguments().filter(|argument| argument.get_env().is_some()).map(row).collect()
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

/// The settings that `serve` takes, by name.
fn names() -> Vec<String> {
    expected_rows().into_keys().collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn any_flags_are_read_or_refused(
        flags in prop::collection::vec("--?[a-z-]{0,12}=?\\PC{0,8}", 0..4),
    ) {
        drop(serve(&flags.iter().map(String::as_str).collect::<Vec<_>>()));
    }

    #[test]
    fn a_value_is_read_or_refused_by_the_name_of_its_setting(
        name in prop::sample::select(names()),
        value in "-?[0-9]{1,20}|[a-z0-9:./]{0,20}|\\PC*",
    ) {
        let refused = serve(&[&format!("--{name}={value}")]).err();
        prop_assert!(refused.is_none_or(|told| told.contains(&name)), "{name} is not named");
    }
}
