//! The rules as tables: what is asked, of which rows, and the verdict. No store, no clock.
#![expect(clippy::unwrap_used, reason = "clippy knows tests, but not the functions that help them")]

mod admit;
mod batch;
mod best_block;
mod builders;
mod cancel_reservation;
mod change_account;
mod change_policy;
mod create;
mod expire;
mod extend_hold;
mod history;
mod hold_seats;
mod idempotency;
mod invalid;
mod invariants;
mod join_room;
mod kept_answers;
mod laws;
mod leave_room;
mod line;
mod loading;
mod needs;
mod pay;
mod point;
mod position;
mod queue_token;
mod record_heartbeats;
mod release_hold;
mod reservation;
mod room;
mod schedule;
mod seat;
mod set_up_site;
mod strategies;
mod world;
