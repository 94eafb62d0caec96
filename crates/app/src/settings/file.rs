//! The settings file: flat TOML whose keys are the flags' names.
//!
//! Its values become the defaults of the flags, so that they are parsed and bounded by the same
//! code, and flags and environment go before them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Arg, Command};
use toml::Value;

use super::refusal::{holds_password, nearest, problem};
use super::{Secret, bounds, secret};

const FILE_VARIABLE: &str = "STAGEDOOR_CONFIG";
const SIGNING_KEY: &str = "signing-key";
/// Flags that are no settings: they say what one call is to do.
const NOT_SETTINGS: &[&str] = &["config", "help", "version", "name", "email", "role"];

/// What a settings file says.
#[derive(Debug, Default)]
pub(super) struct SettingsFile {
    path: PathBuf,
    values: BTreeMap<String, Value>,
}

/// Reads the file that the arguments or the environment name, if they do.
pub(super) fn read(arguments: &[OsString]) -> Result<SettingsFile, String> {
    let from_environment = || std::env::var_os(FILE_VARIABLE).filter(|path| !path.is_empty());
    let Some(path) = named_file(arguments).or_else(from_environment) else {
        return Ok(SettingsFile::default());
    };
    let path = PathBuf::from(path);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("cannot read the settings file {}: {error}", path.display()))?;
    let file = SettingsFile::parse(&path, &text)?;
    if file.holds_a_secret() {
        secret::refuse_public(&path).map_err(|error| error.to_string())?;
    }
    Ok(file)
}

fn named_file(arguments: &[OsString]) -> Option<OsString> {
    let mut arguments = arguments.iter().skip(1).take_while(|argument| *argument != "--");
    while let Some(argument) = arguments.next() {
        if argument == "--config" {
            return arguments.next().cloned();
        }
        let bytes = argument.as_encoded_bytes();
        if bytes.starts_with(b"--config=") {
            return argument
                .to_str()
                .and_then(|text| text.split_once('='))
                .map(|(_, path)| OsStr::new(path).to_owned());
        }
    }
    None
}

impl SettingsFile {
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, String> {
        // The parser's own message would quote the line, which may hold a secret.
        let values: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| {
                1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
            });
            format!("{} is not TOML: line {line}: {}", path.display(), error.message())
        })?;
        Ok(Self { path: path.to_owned(), values: values.into_iter().collect() })
    }

    fn holds_a_secret(&self) -> bool {
        let is_secret = |(key, value): (&String, &Value)| match (key.as_str(), value) {
            (SIGNING_KEY | "metrics-token", _) => true,
            ("database-url", Value::String(url)) => holds_password(&url.as_str().into()),
            _ => false,
        };
        self.values.iter().any(is_secret)
    }

    /// Takes out the signing keys, for which there is no flag.
    pub(super) fn take_signing_key(&mut self) -> Result<Option<Secret>, String> {
        match self.values.remove(SIGNING_KEY) {
            None => Ok(None),
            Some(Value::String(key)) => Ok(Some(key.into()).filter(|key: &Secret| !key.is_empty())),
            Some(_) => Err(format!("{}: {SIGNING_KEY} must be a text", self.path.display())),
        }
    }

    /// The command with the file's values as its defaults.
    pub(super) fn as_defaults_of(&self, command: Command) -> Result<Command, String> {
        let known = settings_of(&command);
        let mut texts = BTreeMap::new();
        for (key, value) in &self.values {
            let at = || format!("{}: {key}", self.path.display());
            let Some(id) = known.get(key) else {
                let like = nearest(key, known.keys().map(String::as_str)).unwrap_or_default();
                return Err(format!("{} is not a setting. The nearest is {like}", at()));
            };
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Integer(number) => number.to_string(),
                Value::Boolean(truth) => truth.to_string(),
                _ => return Err(format!("{} must be a text, a whole number or a truth", at())),
            };
            check(&command, key, &text).map_err(|error| format!("{}: {error}", at()))?;
            texts.insert(id.clone(), text);
        }
        Ok(edit_arguments(command, &|argument| match texts.get(argument.get_id().as_str()) {
            Some(text) => argument.default_value(text.clone()),
            None => argument,
        }))
    }
}

/// The settings of a command and those below it: their names in a file, and clap's names for them.
pub(super) fn settings_of(command: &Command) -> BTreeMap<String, String> {
    let mut settings: BTreeMap<_, _> = command
        .get_arguments()
        .filter_map(|argument| Some((argument.get_long()?.to_owned(), argument.get_id())))
        .filter(|(name, _)| !NOT_SETTINGS.contains(&name.as_str()))
        .map(|(name, id)| (name, id.to_string()))
        .collect();
    command.get_subcommands().for_each(|below| settings.extend(settings_of(below)));
    settings
}

/// Has the setting's own parser look at a value.
fn check(command: &Command, name: &str, text: &str) -> Result<(), String> {
    if let Some(argument) = argument_named(command, name) {
        let alone = argument.clone().env(None::<&'static str>);
        let parsed = Command::new("stagedoor")
            .arg(alone)
            .try_get_matches_from(["stagedoor".to_owned(), format!("--{name}={text}")]);
        parsed.map_err(|error| {
            problem(argument, &error).unwrap_or_else(|| {
                let message = error.to_string();
                let line = message.lines().next().unwrap_or_default();
                line.trim_start_matches("error: ").to_owned()
            })
        })?;
    }
    Ok(())
}

pub(super) fn argument_named<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    let own = command.get_arguments().find(|argument| argument.get_long() == Some(name));
    own.or_else(|| command.get_subcommands().find_map(|below| argument_named(below, name)))
}

/// Adds unit and bounds to the help of the whole-number settings.
pub(super) fn with_bounds(command: Command) -> Command {
    edit_arguments(command, &|argument| {
        let Some(bounds) = argument.get_long().and_then(bounds::of) else { return argument };
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let bounds::Bounds { unit, low, high, .. } = bounds;
        argument.help(format!("{help} [{unit}, {low} to {high}]"))
    })
}

/// Has no argument look at the environment.
pub(super) fn without_environment(command: Command) -> Command {
    edit_arguments(command, &|argument| argument.env(None::<&'static str>))
}

fn edit_arguments(mut command: Command, edit: &dyn Fn(Arg) -> Arg) -> Command {
    let ids: Vec<_> = command.get_arguments().map(|argument| argument.get_id().clone()).collect();
    for id in ids {
        command = command.mut_arg(id, edit);
    }
    let below: Vec<_> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in below {
        command = command.mut_subcommand(name, |below| edit_arguments(below, edit));
    }
    command
}

/// A usage error about the settings file.
pub(super) fn refused(command: &mut Command, message: &str) -> clap::Error {
    command.error(ErrorKind::ValueValidation, message)
}
