//! What is wrong with a setting, in one sentence that names the setting and the rule.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use secrecy::{ExposeSecret, SecretString};

use super::arguments::{argument_named, settings_of};
use super::{SIGNING_KEY_VARIABLE, bounds};

const PREFIX: &str = "STAGEDOOR_";

/// A refusal with both names of the setting, its rule and the value; others stay as clap tells them.
pub(super) fn explained(command: &mut Command, error: Error) -> Error {
    let sentence = set_by(&error).and_then(|name| {
        let argument = argument_named(command, name)?;
        let variable = argument.get_env()?.to_string_lossy();
        Some(format!("--{name} ({variable}): {}", problem(argument, &error)?))
    });
    match sentence {
        Some(sentence) => command.error(error.kind(), sentence),
        None => error,
    }
}

/// The name of the flag that an error is about.
fn set_by(error: &Error) -> Option<&str> {
    match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(shown) => shown.strip_prefix("--")?.split([' ', '=', '[']).next(),
        _ => None,
    }
}

/// The rule that a value breaks, and the value.
pub(super) fn problem(argument: &Arg, error: &Error) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
        return None;
    }
    let choices = argument.get_possible_values();
    let rule = match argument.get_long().and_then(bounds::of) {
        Some(bounds::Bounds { unit, low, high, .. }) => {
            format!("must be whole {unit} from {low} to {high}")
        }
        None if choices.is_empty() => std::error::Error::source(error)?.to_string(),
        None => {
            let names: Vec<_> = choices.iter().map(|choice| choice.get_name()).collect();
            format!("must be one of {}", names.join(", "))
        }
    };
    match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => Some(format!("{rule}, not {value:?}")),
        _ => Some(rule),
    }
}

/// The name that is most like this one.
pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let stem = |name: &str| name.strip_prefix(PREFIX).unwrap_or(name).to_owned();
    let wanted = stem(name);
    known.into_iter().min_by_key(|name| strsim::damerau_levenshtein(&wanted, &stem(name)))
}

/// Refuses a variable with the prefix of the settings that is no setting: it is probably misspelled.
pub(super) fn unknown_variable<'n>(
    command: &Command,
    variables: impl IntoIterator<Item = &'n str>,
) -> Result<(), String> {
    let settings = settings_of(command);
    let mut known: Vec<_> = settings
        .iter()
        .filter_map(|name| argument_named(command, name)?.get_env())
        .map(|variable| variable.to_string_lossy().into_owned())
        .collect();
    known.push(SIGNING_KEY_VARIABLE.to_owned());
    let unknown = variables.into_iter().find(|name| {
        name.starts_with(PREFIX) && !is_of_a_platform(name) && !known.iter().any(|it| it == name)
    });
    let Some(unknown) = unknown else { return Ok(()) };
    let like = nearest(unknown, known.iter().map(String::as_str)).unwrap_or_default();
    Err(format!(
        "{unknown} is not a setting. The nearest is {like}: correct the name, or unset the variable"
    ))
}

/// Kubernetes and Docker tell each container where a service called `stagedoor` is.
fn is_of_a_platform(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST") || name.ends_with("_PORT") || name.contains("_PORT_")
}

/// Refuses secrets among the arguments, which other users of the machine can list.
pub(super) fn secret_among_arguments(matches: &ArgMatches) -> Result<(), String> {
    let given = |id: &'static str| {
        let is_known = matches.try_contains_id(id).unwrap_or(false);
        let is_argument = || matches.value_source(id) == Some(ValueSource::CommandLine);
        (is_known && is_argument()).then(|| matches.get_one::<SecretString>(id)).flatten()
    };
    let secrets = [
        ("metrics_token", "--metrics-token", "STAGEDOOR_METRICS_TOKEN"),
        ("ticket_keys", "--ticket-keys", "STAGEDOOR_TICKET_KEYS"),
    ];
    for (id, argument, variable) in secrets {
        if given(id).is_some_and(|secret| !secret.expose_secret().is_empty()) {
            return Err(among_arguments(argument, variable));
        }
    }
    if given("smtp_password").is_some_and(|password| !password.expose_secret().is_empty()) {
        return Err(among_arguments("--smtp-password", "STAGEDOOR_SMTP_PASSWORD"));
    }
    if given("database_url").is_some_and(holds_password) {
        return Err(among_arguments("--database-url with a password", "DATABASE_URL"));
    }
    matches.subcommand().map_or(Ok(()), |(_, below)| secret_among_arguments(below))
}

fn among_arguments(what: &str, variable: &str) -> String {
    format!(
        "{what}: other users of this machine can read the arguments of a program. Set {variable}, or \
         name a file in {variable}_FILE"
    )
}

/// Whether a URL has a password in it.
pub(super) fn holds_password(url: &SecretString) -> bool {
    let url = url.expose_secret();
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let user = rest.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || url.contains("password=")
}
