//! Sending of e-mail: a driven adapter that hands messages to a mail server by SMTP (RFC 5321).
//!
//! Replies of mail servers often repeat the recipient, and lettre can log what it sends, the password too. So nothing
//! here logs a reply, and lettre is built without its feature `tracing`.

#![deny(missing_docs)]

mod failure;
mod message;
mod server;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Message;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::{ExposeSecret, SecretString};
use stagedoor_domain::ports::{MailAnswer, MailMessage, NoMailAnswer, SendMail};

use message::Unwritable;
use server::Security;
pub use server::{InvalidFrom, InvalidServer, MailFrom, SmtpServer};

/// How long an attempt takes at most: resolving the name, connecting, and sending.
const EXCHANGE_TIME_MAX: Duration = Duration::from_secs(28);
/// How long the server may take to answer a farewell, which changes nothing.
const QUIT_TIME_MAX: Duration = Duration::from_secs(1);
/// The reply code of a mail server for an address of a form that it does not allow.
const ADDRESS_NOT_ALLOWED: u16 = 553;

/// Why there is no sender of e-mail.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// TLS cannot be set up.
    #[error("cannot set up TLS for the mail server")]
    Tls(#[source] lettre::transport::smtp::Error),
    /// The server's URL names a user, and there is no password.
    #[error("the mail server's URL names a user, but there is no password")]
    PasswordMissing,
    /// There is a password, and the server's URL names no user.
    #[error("there is a password for the mail server, but its URL names no user")]
    UserMissing,
}

/// Sends e-mail by SMTP, each message on a connection of its own.
///
/// It trusts the certificate authorities of the operating system and those of Mozilla's list, which it contains: an
/// image without the former can send as well.
pub struct SmtpSender {
    server: SmtpServer,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: MailFrom,
    exchange_time_max: Duration,
}

impl SmtpSender {
    /// Makes a sender. It does not connect yet.
    ///
    /// # Errors
    /// If TLS cannot be set up, or there is a user without a password or a password without a user.
    pub fn new(
        server: SmtpServer,
        password: Option<&SecretString>,
        from: MailFrom,
    ) -> Result<Self, SenderError> {
        let authorities = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        let tls = authorities
            .map(|authority| Certificate::from_der(authority.to_vec()))
            .try_fold(TlsParameters::builder(server.host.clone()), |tls, authority| {
                authority.map(|authority| tls.add_root_certificate(authority))
            });
        Self::with_tls(server, password, from, tls.map_err(SenderError::Tls)?, EXCHANGE_TIME_MAX)
    }

    fn with_tls(
        server: SmtpServer,
        password: Option<&SecretString>,
        from: MailFrom,
        tls: TlsParametersBuilder,
        exchange_time_max: Duration,
    ) -> Result<Self, SenderError> {
        let credentials = match (&server.user, password) {
            (Some(user), Some(password)) => {
                Some(Credentials::new(user.clone(), password.expose_secret().to_owned()))
            }
            (None, None) => None,
            (Some(_), None) => return Err(SenderError::PasswordMissing),
            (None, Some(_)) => return Err(SenderError::UserMissing),
        };
        let tls = match server.security {
            Security::None => None,
            Security::Tls | Security::StartTls => Some(tls.build().map_err(SenderError::Tls)?),
        };
        Ok(Self { server, tls, credentials, from, exchange_time_max })
    }

    async fn attempt(&self, message: &MailMessage) -> Result<(), MailAnswer> {
        let message = message::written(message, &self.from).map_err(|why| match why {
            Unwritable::Address => MailAnswer::Refused { code: ADDRESS_NOT_ALLOWED },
            Unwritable::Content => {
                tracing::error!(id = message.id, "an e-mail could not be written");
                MailAnswer::None(NoMailAnswer::Connection)
            }
        })?;
        let exchange = async {
            let mut connection = self.connect().await?;
            let sent = send(&mut connection, &message).await;
            Ok((connection, sent))
        };
        let exchanged = tokio::time::timeout(self.exchange_time_max, exchange).await;
        let exchanged = exchanged.map_err(|_| MailAnswer::None(NoMailAnswer::Timeout))?;
        let (mut connection, sent) = exchanged?;
        // What became of the message is known, so no answer to the farewell can change it.
        let _ = tokio::time::timeout(QUIT_TIME_MAX, connection.quit()).await;
        sent
    }

    /// A connection that is encrypted and authenticated as the settings say.
    async fn connect(&self) -> Result<AsyncSmtpConnection, MailAnswer> {
        let SmtpServer { host, port, security, .. } = &self.server;
        let hello = ClientId::Domain(self.from.0.email.domain().to_owned());
        let at_once = self.tls.clone().filter(|_| *security == Security::Tls);
        let address = (host.as_str(), *port);
        let connection =
            AsyncSmtpConnection::connect_tokio1(address, None, &hello, at_once, None).await;
        let mut connection = connection.map_err(|error| failure::of_service(&error))?;
        if let Some(tls) = self.tls.clone().filter(|_| *security == Security::StartTls) {
            if !connection.can_starttls() {
                return Err(MailAnswer::None(NoMailAnswer::Tls));
            }
            let encrypted = connection.starttls(tls, &hello).await;
            encrypted.map_err(|error| failure::of_service(&error))?;
        }
        if let Some(credentials) = &self.credentials {
            self.authenticate(&mut connection, credentials).await?;
        }
        Ok(connection)
    }

    async fn authenticate(
        &self,
        connection: &mut AsyncSmtpConnection,
        credentials: &Credentials,
    ) -> Result<(), MailAnswer> {
        match connection.auth(DEFAULT_MECHANISMS, credentials).await {
            Ok(_) => Ok(()),
            // The server knows no such user or password, or offers no way to tell it them.
            Err(error) if error.is_permanent() || error.is_client() => {
                Err(MailAnswer::None(NoMailAnswer::Credentials))
            }
            Err(error) => Err(failure::of_service(&error)),
        }
    }
}

impl fmt::Debug for SmtpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSender").field("server", &self.server).finish_non_exhaustive()
    }
}

#[async_trait]
impl SendMail for SmtpSender {
    async fn send(&self, message: &MailMessage) -> MailAnswer {
        self.attempt(message).await.err().unwrap_or(MailAnswer::Taken)
    }
}

/// Hands a message over. The commands are made here and not by lettre's `send`, which awaits an answer to a farewell
/// before it tells what became of the message.
async fn send(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), MailAnswer> {
    let envelope = message.envelope();
    let mut parameters = Vec::new();
    if envelope.to().iter().any(|to| !to.to_string().is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(MailAnswer::Refused { code: ADDRESS_NOT_ALLOWED });
        }
        parameters.push(MailParameter::SmtpUtfEight);
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = connection.command(Mail::new(envelope.from().cloned(), parameters)).await;
    from.map_err(|error| failure::of_service(&error))?;
    for to in envelope.to() {
        let to = connection.command(Rcpt::new(to.clone(), Vec::new())).await;
        to.map_err(|error| failure::of_message(&error))?;
    }
    let data = connection.command(Data).await;
    data.map_err(|error| failure::of_message(&error))?;
    let taken = connection.message(&message.formatted()).await;
    taken.map(drop).map_err(|error| failure::of_message(&error))
}

#[cfg(test)]
mod tests;
