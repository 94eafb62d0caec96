//! What a failed request tells.

use std::error::Error;
use std::io;

use rustls::pki_types::InvalidDnsNameError;
use stagedoor_domain::webhook::NoAnswer;

use crate::address::Unresolved;

/// Why there was no answer, by the causes of the client's error.
pub(crate) fn no_answer(error: &reqwest::Error) -> NoAnswer {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        match cause.downcast_ref() {
            Some(Unresolved::Unknown) => return NoAnswer::UnknownHost,
            Some(Unresolved::Private) => return NoAnswer::PrivateAddress,
            None => {}
        }
        // TLS checks the form of a name before the name is resolved.
        if cause.is::<InvalidDnsNameError>() {
            return NoAnswer::UnknownHost;
        }
        if let Some(error) = cause.downcast_ref()
            && is_of_certificate(error)
        {
            return NoAnswer::Certificate;
        }
        // The source of an I/O error is the source of the error that it wraps, not that error.
        let wrapped = cause.downcast_ref().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    if error.is_timeout() { NoAnswer::Timeout } else { NoAnswer::Connection }
}

fn is_of_certificate(error: &rustls::Error) -> bool {
    matches!(error, rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
}
