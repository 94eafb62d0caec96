//! The OpenAPI document.

pub(crate) mod document;
pub(crate) mod operation;
pub(crate) mod webhook;
