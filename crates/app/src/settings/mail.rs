//! E-mail.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use stagedoor_mail::{MailFrom, SmtpSender, SmtpServer};
use url::Url;

use super::bounds::within;
use super::given_or_read;

/// How e-mail is sent.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "E-mail")]
pub struct MailSettings {
    /// The mail server, as smtps://user@host:465 or smtp://user@host:587 (with STARTTLS); without one no e-mail is
    /// sent. Never with a password in it
    #[arg(
        long,
        env = "STAGEDOOR_SMTP_URL",
        value_name = "URL",
        hide_env_values = true,
        hide_default_value = true
    )]
    smtp_url: Option<SecretString>,
    /// The password for the mail server. Never a flag
    #[arg(
        long,
        env = "STAGEDOOR_SMTP_PASSWORD",
        value_name = "PASSWORD",
        hide_env_values = true,
        hide_default_value = true
    )]
    smtp_password: Option<SecretString>,
    /// A file that holds the password for the mail server
    #[arg(long, env = "STAGEDOOR_SMTP_PASSWORD_FILE", value_name = "FILE")]
    smtp_password_file: Option<PathBuf>,
    /// The address that e-mail comes from, alone or with a name: Stagedoor <tickets@example.com>
    #[arg(long, env = "STAGEDOOR_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<MailFrom>,
    /// The URL at which users reach this service, for links in e-mails: scheme, host and port, without a path
    #[arg(long, env = "STAGEDOOR_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    public_url: Option<String>,
    /// Interval at which e-mails that are due are looked for
    #[arg(long, env = "STAGEDOOR_MAIL_MILLISECONDS", value_name = "N", default_value = "1000",
        value_parser = within::<u64>("mail-milliseconds"))]
    mail_milliseconds: u64,
}

impl MailSettings {
    /// Whether e-mail is sent.
    pub fn is_on(&self) -> bool {
        self.smtp_url.as_ref().is_some_and(|url| !url.expose_secret().is_empty())
    }

    /// What sends e-mail, and the address of the pages for links; nothing if no e-mail is sent.
    ///
    /// # Errors
    /// A setting is missing or does not fit the others.
    pub fn sender(&self) -> anyhow::Result<Option<(SmtpSender, String)>> {
        let Some(url) = self.smtp_url.as_ref().filter(|_| self.is_on()) else { return Ok(None) };
        let server: SmtpServer = url.expose_secret().parse().context("smtp-url")?;
        let Some(from) = self.mail_from.clone() else { bail!("smtp-url needs mail-from") };
        let Some(public_url) = self.public_url.clone() else { bail!("smtp-url needs public-url") };
        let password =
            given_or_read(self.smtp_password.as_ref(), self.smtp_password_file.as_deref())?;
        let sender = SmtpSender::new(server, password.as_ref(), from).context("smtp-url")?;
        Ok(Some((sender, public_url)))
    }

    /// How often e-mails that are due are looked for.
    pub fn interval(&self) -> Duration {
        Duration::from_millis(self.mail_milliseconds)
    }

    /// Sends e-mail to this server, for tests.
    pub fn send_to(&mut self, smtp_url: &str, public_url: &str) -> anyhow::Result<()> {
        self.smtp_url = Some(smtp_url.into());
        self.mail_from = Some("Stagedoor <tickets@stagedoor.test>".parse()?);
        self.public_url = Some(public_url.to_owned());
        ensure!(self.is_on(), "a URL");
        Ok(())
    }
}

/// The address without a slash at its end, to which a path can be added.
fn public_url(text: &str) -> Result<String, String> {
    let rule = || "must be a URL without a path, such as https://tickets.example.com".to_owned();
    let url = Url::parse(text).map_err(|_| rule())?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let has_no_user = url.username().is_empty() && url.password().is_none();
    if matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare && has_no_user {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(rule())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_has_no_path() {
        for (text, expected) in [
            ("https://tickets.example.com", "https://tickets.example.com"),
            ("http://localhost:8080/", "http://localhost:8080"),
        ] {
            assert_eq!(public_url(text).unwrap(), expected);
        }
        for text in ["", "tickets.example.com", "ftp://a.b", "https://a.b/c", "https://u@a.b"] {
            assert!(public_url(text).is_err(), "{text}");
        }
    }
}
