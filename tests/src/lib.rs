//! What the tests share: the contract of a store, the stores it is held against, and a whole
//! service to talk to.

pub mod contract;
pub mod database;
pub mod home;
pub mod mail_server;
pub mod model;
pub mod process;
pub mod raw;
pub mod receiver;
pub mod relay;
pub mod service;
pub mod stores;
