//! Which token a route needs.

use crate::wire::error::{ApiError, RequiredAccess};

/// Which token a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// None.
    Public,
    /// An access token; in open mode none is needed.
    Guest,
    /// An access token.
    Account,
    /// An access token, or a queue token in any state.
    AnyToken,
    /// A queue token in any state.
    QueueToken,
    /// A queue token that is active in a room that covers the concert. The command checks it.
    Admitted,
    /// The same, or the access token of an operator or of the concert's organizer.
    Viewer,
    /// An operator's access token.
    Operator,
    /// The metrics token, or an operator's access token.
    MetricsToken,
}

impl Access {
    /// The documented alternatives; `None` stands for no token.
    pub(crate) fn schemes(self) -> &'static [Option<&'static str>] {
        match self {
            Self::Public => &[],
            Self::Guest => &[None, Some("accessToken")],
            Self::Account | Self::Operator => &[Some("accessToken")],
            Self::AnyToken => &[Some("accessToken"), Some("queueToken")],
            Self::QueueToken | Self::Admitted | Self::Viewer => &[Some("queueToken")],
            Self::MetricsToken => &[Some("accessToken"), Some("metricsToken")],
        }
    }

    /// The refusals of a caller without this access.
    pub(crate) fn refusals(self) -> Vec<ApiError> {
        let forbidden = |needs: &[RequiredAccess]| {
            let forbidden = needs.iter().map(|needs| ApiError::Forbidden(*needs));
            [ApiError::Unauthenticated].into_iter().chain(forbidden).collect()
        };
        match self {
            Self::Public => Vec::new(),
            Self::Guest | Self::AnyToken => forbidden(&[]),
            Self::Account => forbidden(&[RequiredAccess::AccessToken]),
            Self::QueueToken => forbidden(&[RequiredAccess::QueueToken]),
            Self::Admitted | Self::Viewer => {
                let of_token = [ApiError::TokenExpired, ApiError::TokenWaiting];
                let rooms = [
                    RequiredAccess::QueueToken,
                    RequiredAccess::QueueTokenOfThisRoom,
                    RequiredAccess::ConcertsOwnQueue,
                ];
                forbidden(&rooms).into_iter().chain(of_token).collect()
            }
            Self::Operator | Self::MetricsToken => {
                forbidden(&[RequiredAccess::AccessToken, RequiredAccess::Operator])
            }
        }
    }
}
