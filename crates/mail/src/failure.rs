//! What a failed command tells.

use std::error::Error as _;
use std::{error, io};

use lettre::transport::smtp::Error;
use stagedoor_domain::ports::{MailAnswer, NoMailAnswer};

/// The code that asks for authentication: it concerns the service, at whichever command it comes.
const AUTHENTICATION_REQUIRED: u16 = 530;

/// What became of a message whose recipient or content was not taken.
pub(crate) fn of_message(error: &Error) -> MailAnswer {
    match error.status().map(u16::from) {
        Some(code) if error.is_permanent() && code != AUTHENTICATION_REQUIRED => {
            MailAnswer::Refused { code }
        }
        _ => of_service(error),
    }
}

/// What became of a message when the server refused the service, before it learned of a recipient.
pub(crate) fn of_service(error: &Error) -> MailAnswer {
    match error.status().map(u16::from) {
        Some(code) => MailAnswer::Deferred { code },
        None if is_of_tls(error) => MailAnswer::None(NoMailAnswer::Tls),
        None => MailAnswer::None(NoMailAnswer::Connection),
    }
}

/// Whether TLS failed, by the causes of the error.
fn is_of_tls(error: &Error) -> bool {
    let mut next: Option<&(dyn error::Error + 'static)> = error.source();
    while let Some(cause) = next {
        if cause.is::<rustls::Error>() {
            return true;
        }
        // The source of an I/O error is the source of the error that it wraps, not that error.
        let wrapped = cause.downcast_ref().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    error.is_tls()
}
