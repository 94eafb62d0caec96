//! Stagedoor, put together: settings, wiring, batches, periodic jobs and the command line.
#![deny(clippy::print_stdout, reason = "`println!` panics when the output is closed")]

pub mod batcher;
pub mod clock;
pub mod commands;
pub mod demo;
pub mod dispatcher;
pub mod ids;
pub mod joins;
pub mod lines;
pub mod mailer;
pub mod passwords;
pub mod periodic_job;
mod recent_tokens;
mod rounds;
pub mod scheduler;
pub mod sessions;
pub mod settings;
mod signing_key;
pub mod start;
pub mod store;
pub mod telemetry;
#[cfg(test)]
mod testing;
mod token_reads;
mod unwind;
mod wiring;

pub use commands::main;
pub use passwords::PasswordCosts;
pub use settings::Settings;
pub use start::{Overrides, Running, start};
