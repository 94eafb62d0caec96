//! Sending e-mail.

use std::fmt;

use async_trait::async_trait;

use crate::{Email, Instant, PersonName};

/// One e-mail to send. Its debug form names it and nothing else: the rest is personal data, or lets its reader sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct MailMessage {
    /// Which: letters, digits and `-`. The same for each attempt, so that a mail server can know a repetition.
    pub id: String,
    /// When it was written.
    pub at: Instant,
    /// What the recipient is called.
    pub name: PersonName,
    /// The address of the recipient.
    pub email: Email,
    /// What it is about, on one line.
    pub subject: String,
    /// What it tells, as plain text.
    pub text: String,
    /// The same as HTML. It shows an inline file by `cid:` and the content id.
    pub html: String,
    /// The files that come with it.
    pub files: Vec<MailFile>,
}

impl fmt::Debug for MailMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailMessage").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A file that comes with an e-mail.
#[derive(Clone, PartialEq, Eq)]
pub struct MailFile {
    /// What it is called.
    pub name: String,
    /// Its media type, such as `image/png`.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What the HTML shows it by; nothing for a file that the recipient opens or saves. Letters, digits and `-`.
    pub content_id: Option<String>,
}

/// What became of an attempt to send an e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailAnswer {
    /// The server has taken it over.
    Taken,
    /// It cannot be delivered, and is not tried again: the server answered this code, from 500 to 599, to its
    /// recipient or its content; or the recipient has an address that mail servers do not have (553).
    Refused {
        /// The reply code of SMTP.
        code: u16,
    },
    /// The server did not take it now. Other codes than those of [`Self::Refused`], or one that concerns the service
    /// and not this e-mail, such as its right to send.
    Deferred {
        /// The reply code of SMTP.
        code: u16,
    },
    /// It was not sent.
    None(NoMailAnswer),
}

/// Why an e-mail was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMailAnswer {
    /// There was no connection, it broke, or the answer was not SMTP.
    Connection,
    /// The server offers no TLS although it must, or its certificate is not trusted.
    Tls,
    /// The server did not take the name and the password of the service.
    Credentials,
    /// It took too long.
    Timeout,
}

/// Sends e-mail.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait SendMail: Send + Sync {
    /// Sends one, once. MUST end within 30 seconds, and MUST NOT send anything to a server that is not the one of the
    /// settings. The recipient may get it even if the answer tells that it was not sent, because a connection can break
    /// after the server has taken it.
    async fn send(&self, message: &MailMessage) -> MailAnswer;
}
