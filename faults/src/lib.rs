//! Faults under load, and a judge that did not take part.
//!
//! A mixed on-sale is driven over HTTP against the program as a process while faults happen to it.
//! Every request and every answer is kept. Afterwards the checker reads the store by SQL and decides
//! whether each answer was true. Nothing here depends on a crate of the service.

pub mod checker;
pub mod client;
pub mod clock;
pub mod cluster;
pub mod crowd;
pub mod dump;
pub mod failover;
pub mod fan;
pub mod faults;
pub mod history;
pub mod link;
pub mod mail_server;
pub mod mails;
pub mod outage;
pub mod outlet;
pub mod program;
pub mod proxy;
pub mod receiver;
pub mod replicated;
pub mod report;
pub mod rolling;
pub mod run;
pub mod sale;
pub mod scene;
pub mod store;
pub mod waiting;
pub mod watcher;
pub mod webhooks;
