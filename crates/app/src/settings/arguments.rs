//! Edits of clap's arguments, and what the settings among them are called.

use std::collections::BTreeSet;

use clap::{Arg, Command};

use super::bounds;

/// Flags that are no settings: they say what one call is to do.
const NOT_SETTINGS: &[&str] = &["help", "version", "name", "email", "role"];

/// The names of the settings of a command and of those below it.
pub(super) fn settings_of(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_long());
    let own = own.filter(|name| !NOT_SETTINGS.contains(name)).map(str::to_owned);
    own.chain(command.get_subcommands().flat_map(settings_of)).collect()
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
