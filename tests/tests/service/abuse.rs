//! What people try who mean no good, each named after what they try.

mod browsers;
mod enumeration;
mod events;
mod forgery;
mod heads;
mod json;
mod logs;
mod mass_assignment;
mod numbers;
mod others;
mod queue_jumping;
mod staff;
mod stuffing;
mod text;
