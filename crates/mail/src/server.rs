//! The settings of the mail server and of the sender's address.

use std::net::IpAddr;
use std::str::FromStr;

use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

const SUBMISSION_PORT: u16 = 587;
const SUBMISSIONS_PORT: u16 = 465;

/// How the connection to the server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// TLS from the first byte on (RFC 8314).
    Tls,
    /// By the command STARTTLS, without which nothing is sent.
    StartTls,
    /// It is not.
    None,
}

/// The mail server that takes the service's e-mail, by a URL without a password.
///
/// - `smtps://user@smtp.example.com` encrypts from the first byte on. Its port is 465 if it names none.
/// - `smtp://user@smtp.example.com` encrypts by STARTTLS, and sends nothing if the server does not offer that. Its port
///   is 587 if it names none.
/// - `smtp://localhost:25` does not encrypt, because the connection does not leave the machine; nor does
///   `smtp://192.0.2.1?tls=none`. `?tls=required` encrypts to any host.
///
/// A name of a user is encoded as in any URL: `@` is `%40`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpServer {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) user: Option<String>,
}

/// Why a URL names no mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServer {
    /// It is not a URL with a host, or has a path or a fragment.
    #[error("write it as smtp://user@host:587 or smtps://user@host:465")]
    Form,
    /// It has another scheme.
    #[error("the scheme must be smtp or smtps")]
    Scheme,
    /// It contains a password.
    #[error("it must not contain a password: that has a setting of its own")]
    Password,
    /// It has another parameter than `tls`, or another value of it.
    #[error("the only parameter is tls, which is none or required, and smtps has none")]
    Parameter,
}

impl FromStr for SmtpServer {
    type Err = InvalidServer;

    fn from_str(text: &str) -> Result<Self, InvalidServer> {
        let url = Url::parse(text).map_err(|_| InvalidServer::Form)?;
        let is_smtps = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(InvalidServer::Scheme),
        };
        if url.password().is_some() {
            return Err(InvalidServer::Password);
        }
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(InvalidServer::Form);
        }
        let (host, is_loopback) = host(&url).ok_or(InvalidServer::Form)?;
        let security = match (url.query(), is_smtps) {
            (None, true) => Security::Tls,
            (None, false) if is_loopback => Security::None,
            (None | Some("tls=required"), false) => Security::StartTls,
            (Some("tls=none"), false) => Security::None,
            (Some(_), _) => return Err(InvalidServer::Parameter),
        };
        let port = if is_smtps { SUBMISSIONS_PORT } else { SUBMISSION_PORT };
        let user = percent_decode_str(url.username()).decode_utf8();
        let user = user.map_err(|_| InvalidServer::Form)?.into_owned();
        Ok(Self {
            host,
            port: url.port().unwrap_or(port),
            security,
            user: Some(user).filter(|user| !user.is_empty()),
        })
    }
}

/// The host as it is looked up and as its certificate names it, and whether it is this machine. Hosts of schemes that
/// the standard of URLs does not know are not parsed as addresses there, so they are here.
fn host(url: &Url) -> Option<(String, bool)> {
    let address: IpAddr = match url.host()? {
        Host::Ipv6(address) => address.into(),
        Host::Ipv4(address) => address.into(),
        Host::Domain(name) => {
            let name = name.to_ascii_lowercase();
            match name.parse::<IpAddr>() {
                Ok(address) => address,
                Err(_) => {
                    let is_loopback = name == "localhost";
                    return Some((name, is_loopback)).filter(|(name, _)| !name.is_empty());
                }
            }
        }
    };
    Some((address.to_string(), address.is_loopback()))
}

/// The address that e-mail comes from, alone or with a name: `Stagedoor <tickets@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFrom(pub(crate) Mailbox);

/// A text is not an e-mail address, alone or with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write it as tickets@example.com or as Stagedoor <tickets@example.com>")]
pub struct InvalidFrom;

impl FromStr for MailFrom {
    type Err = InvalidFrom;

    fn from_str(text: &str) -> Result<Self, InvalidFrom> {
        let mailbox: Mailbox = text.parse().map_err(|_| InvalidFrom)?;
        let is_ascii = mailbox.email.to_string().is_ascii();
        if is_ascii { Ok(Self(mailbox)) } else { Err(InvalidFrom) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<(String, u16, Security, Option<String>), InvalidServer> {
        let SmtpServer { host, port, security, user } = url.parse()?;
        Ok((host, port, security, user))
    }

    #[test]
    fn a_url_tells_the_host_the_port_the_encryption_and_the_user() {
        use Security::{None as Plain, StartTls, Tls};
        for (url, host, port, security, user) in [
            ("smtps://smtp.example.com", "smtp.example.com", 465, Tls, None),
            ("smtps://me@smtp.example.com:4650/", "smtp.example.com", 4650, Tls, Some("me")),
            ("smtps://localhost", "localhost", 465, Tls, None),
            ("smtp://SMTP.example.com", "smtp.example.com", 587, StartTls, None),
            ("smtp://a%40b.de@mail.test:25", "mail.test", 25, StartTls, Some("a@b.de")),
            ("smtp://10.0.0.1", "10.0.0.1", 587, StartTls, None),
            ("smtp://[2001:db8::1]:25", "2001:db8::1", 25, StartTls, None),
            ("smtp://10.0.0.1?tls=none", "10.0.0.1", 587, Plain, None),
            ("smtp://mail:25/?tls=none", "mail", 25, Plain, None),
            ("smtp://localhost:1025", "localhost", 1025, Plain, None),
            ("smtp://127.0.0.9", "127.0.0.9", 587, Plain, None),
            ("smtp://[::1]", "::1", 587, Plain, None),
            ("smtp://localhost?tls=required", "localhost", 587, StartTls, None),
        ] {
            let user = user.map(str::to_owned);
            assert_eq!(parsed(url), Ok((host.to_owned(), port, security, user)), "{url}");
        }
    }

    #[test]
    fn a_url_of_another_form_names_no_server() {
        for (url, why) in [
            ("", InvalidServer::Form),
            ("smtp.example.com", InvalidServer::Form),
            ("smtp:smtp.example.com", InvalidServer::Form),
            ("smtp://", InvalidServer::Form),
            ("smtp://host:99999", InvalidServer::Form),
            ("smtp://host/path", InvalidServer::Form),
            ("smtp://host#part", InvalidServer::Form),
            ("smtp://%ff@host", InvalidServer::Form),
            ("https://host", InvalidServer::Scheme),
            ("smtps://me:secret@host", InvalidServer::Password),
            ("smtp://host?tls=maybe", InvalidServer::Parameter),
            ("smtp://host?starttls", InvalidServer::Parameter),
            ("smtps://host?tls=none", InvalidServer::Parameter),
        ] {
            assert_eq!(parsed(url), Err(why), "{url}");
        }
    }

    #[test]
    fn a_sender_is_an_address_alone_or_with_a_name() {
        for text in ["tickets@example.com", "무대 뒤 <tickets@example.com>", "\"A, B\" <a@b.test>"]
        {
            assert!(text.parse::<MailFrom>().is_ok(), "{text}");
        }
        for text in
            ["", "tickets", "a@b.test\r\nBcc: c@d.test", "무대@example.com", "a@b.test, c@d.test"]
        {
            assert_eq!(text.parse::<MailFrom>(), Err(InvalidFrom), "{text}");
        }
    }
}
