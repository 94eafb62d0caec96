//! What a caller can do where it takes more than one port. What takes one, callers ask of the port.

pub mod admission;
pub mod checkout;
pub mod people;
pub mod waiting_room;

pub use admission::{Admission, AdmissionRefused};
pub use checkout::Checkout;
pub use people::{CheckedPassword, LogInRefused, People, SignUp, find_user};
pub use waiting_room::{PositionStatus, QueuePass, QueuePosition, WaitingRoom};
