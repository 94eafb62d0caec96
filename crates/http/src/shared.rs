//! What the handlers of `v1` and of `contracts` have in common.

pub(crate) mod commands;
pub(crate) mod line_bodies;
pub(crate) mod own;
pub(crate) mod parts;
pub(crate) mod seat_maps;
pub(crate) mod shared_body;
pub(crate) mod shared_reads;
pub(crate) mod table;
