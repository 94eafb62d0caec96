//! Errors of e-mail and of the links in it.

use actix_web::http::StatusCode;

/// Why a request about e-mail is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailRefused {
    /// Booking requires a confirmed e-mail address.
    NotVerified,
    /// The link of an e-mail is not valid, or no longer.
    LinkExpired,
    /// This service sends no e-mail.
    Off,
}

impl MailRefused {
    /// The status and the machine-readable code.
    pub(super) fn parts(self) -> (StatusCode, &'static str) {
        match self {
            Self::NotVerified => (StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED"),
            Self::LinkExpired => (StatusCode::GONE, "LINK_EXPIRED"),
            Self::Off => (StatusCode::CONFLICT, "EMAIL_OFF"),
        }
    }
}
