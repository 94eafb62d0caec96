//! The flags and the settings file, for property tests and fuzzers.

use std::path::Path;

use clap::FromArgMatches;

use super::{Settings, command, file, refusal};
use crate::commands::{Command, CommandLine};

/// Reads `serve` with these flags and a settings file of this text, whatever the environment says.
///
/// # Errors
/// Says what is wrong.
pub fn serve(flags: &[&str], file_text: &str) -> Result<Settings, String> {
    let command = file::without_environment(command());
    let mut file = file::SettingsFile::parse(Path::new("test.toml"), file_text)?;
    let key = file.take_signing_key()?;
    let command = file.as_defaults_of(command)?;
    let arguments = ["stagedoor", "serve"].iter().chain(flags);
    let matches = command
        .try_get_matches_from(arguments)
        .map_err(|error| refusal::explained(&mut super::command(), error).to_string())?;
    refusal::secret_among_arguments(&matches)?;
    match CommandLine::from_arg_matches(&matches).map_err(|error| error.to_string())?.command {
        Command::Serve(mut settings) => {
            settings.signing_key = key;
            settings.keep_demonstration_apart();
            Ok(*settings)
        }
        other => Err(format!("{other:?}")),
    }
}

/// Flags alone, and a file alone, are read or refused.
pub fn both(flags: &[&str], file_text: &str) {
    let _ = serve(flags, "");
    let _ = serve(&[], file_text);
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use proptest::prelude::*;

    use super::{both, serve};
    use crate::commands::CommandLine;

    /// The settings that `serve` takes, by name.
    fn names() -> Vec<String> {
        let command = CommandLine::command();
        let serve = command.find_subcommand("serve").unwrap();
        let settings = serve.get_arguments().filter(|argument| argument.get_env().is_some());
        settings.filter_map(|argument| argument.get_long()).map(str::to_owned).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 64, failure_persistence: None, ..ProptestConfig::default()
        })]

        #[test]
        fn any_flags_and_any_file_are_read_or_refused(
            flags in prop::collection::vec("--?[a-z-]{0,12}=?\\PC{0,8}", 0..4),
            text in "([a-z-]{1,20} = (-?[0-9]{1,20}|true|\"[a-z0-9:/]{0,12}\"|\\[\\]|1e9)\n){0,3}|\\PC*",
        ) {
            let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            both(&flags, &text);
        }

        #[test]
        fn a_value_is_read_or_refused_by_the_name_of_its_setting(
            name in prop::sample::select(names()),
            value in "-?[0-9]{1,20}|[a-z0-9:./]{0,20}|\\PC*",
        ) {
            let refused = serve(&[&format!("--{name}={value}")], "").err();
            prop_assert!(refused.is_none_or(|told| told.contains(&name)), "{name} is not named");
            let file = format!("{name} = {}", toml::Value::from(value));
            let refused = serve(&[], &file).err();
            prop_assert!(refused.is_none_or(|told| told.contains(&name)), "{name} is not named");
        }

        #[test]
        fn no_refusal_shows_a_secret(secret in "hunter2[a-z0-9]{0,40}") {
            for name in ["signing-key", "metrics-token", "database-url"] {
                for file in [
                    format!("{name} = \"{secret}\"\nhold-seconds = 0"),
                    format!("{name} = \"{secret}"),
                    format!("{name} = {secret}"),
                    format!("{name} = [\"{secret}\"]"),
                ] {
                    let refused = serve(&[], &file).err().unwrap_or_default();
                    prop_assert!(!refused.contains("hunter2"), "{}", refused);
                }
            }
        }
    }
}
