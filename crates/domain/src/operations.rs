//! What can be asked to change: one module for each command, with its refusals and its decision.

pub mod admit;
pub mod cancel_reservation;
pub mod change_points;
pub mod change_policy;
pub mod create_concert;
pub mod create_schedule;
pub mod create_user;
pub mod end_sessions;
pub mod expire_holds;
pub mod expire_tokens;
pub mod extend_hold;
pub mod give_back;
pub mod hold_seats;
pub mod join_room;
pub mod leave_room;
pub mod pay;
pub mod read_user;
pub mod see_token;
pub mod set_up_site;

pub use admit::{Admit, Admitted};
pub use cancel_reservation::{CancelRefused, CancelReservation, Refunded};
pub use change_points::{ChangePoints, PointChange, PointsChanged, PointsRefused};
pub use change_policy::{ChangePolicy, PolicyEdit, PolicyRefused};
pub use create_concert::{ConcertCreated, CreateConcert, CreateConcertRefused};
pub use create_schedule::{CreateSchedule, CreateScheduleRefused, SchedulePlan};
pub use create_user::{CreateUser, CreateUserRefused, UserCreated};
pub use end_sessions::{EndSessions, EndSessionsRefused};
pub use expire_holds::ExpireHolds;
pub use expire_tokens::ExpireTokens;
pub use extend_hold::{ExtendHold, ExtendRefused};
pub use give_back::{GiveBack, GiveBackRefused};
pub use hold_seats::{HoldRefused, HoldSeats, SeatChoice};
pub use join_room::{JoinRefused, JoinRoom, Joined};
pub use leave_room::{LeaveRefused, LeaveRoom};
pub use pay::{Paid, Pay, PayRefused};
pub use read_user::ReadUser;
pub use see_token::{SeeRefused, SeeToken};
pub use set_up_site::SetUpSite;

use serde::{Deserialize, Serialize};

use crate::Refusal;

/// The refusal of a command that no rule refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum OnlyKeyReused {
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
}

/// Gives refusal enums their `KeyReused` from the shared one.
macro_rules! refuses_reused_keys {
    ($($refusal:ty),*) => {
        $(impl From<crate::KeyReused> for $refusal {
            fn from(_: crate::KeyReused) -> Self {
                Self::KeyReused
            }
        })*
    };
}
pub(crate) use refuses_reused_keys;

refuses_reused_keys!(OnlyKeyReused);

impl Refusal for OnlyKeyReused {
    fn is_final(&self) -> bool {
        match self {
            Self::KeyReused => true,
        }
    }
}
