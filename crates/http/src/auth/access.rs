//! Which token a route needs.

use crate::wire::error::{ApiError, Needs};

/// Which token a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// None.
    Public,
    /// An access token; in open mode also none.
    Guest,
    /// An access token.
    Account,
    /// An access token, or a queue token in whatever state it is.
    AnyToken,
    /// A queue token in whatever state it is.
    QueueToken,
    /// A queue token that is active in a room that covers the concert: what the command itself checks.
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
        let forbidden = |needs: &[Needs]| {
            let forbidden = needs.iter().map(|needs| ApiError::Forbidden(*needs));
            [ApiError::Unauthenticated].into_iter().chain(forbidden).collect()
        };
        match self {
            Self::Public => Vec::new(),
            Self::Guest | Self::AnyToken => forbidden(&[]),
            Self::Account => forbidden(&[Needs::AccessToken]),
            Self::QueueToken => forbidden(&[Needs::QueueToken]),
            Self::Admitted | Self::Viewer => {
                let of_token = [ApiError::TokenExpired, ApiError::TokenWaiting];
                let rooms =
                    [Needs::QueueToken, Needs::QueueTokenOfThisRoom, Needs::ConcertsOwnQueue];
                forbidden(&rooms).into_iter().chain(of_token).collect()
            }
            Self::Operator | Self::MetricsToken => {
                forbidden(&[Needs::AccessToken, Needs::Operator])
            }
        }
    }
}
