//! E-mail: addresses are confirmed before the load, and what is to be told is awaited after it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::json;
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::checker::mails::{Case, Verdict, check};
use crate::checker::{Break, Kind};
use crate::client::{Client, Manners, Shared};
use crate::dump::Dump;
use crate::faults::Pace;
use crate::history::{Request, now};
use crate::mail_server::MailServer;
use crate::sale::User;
use crate::scene::Scene;
use crate::store::Connection;

/// How long e-mails may take after the load: an attempt of a process that was killed is made again after two minutes.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(500);
/// The same where nothing waits until it is due, and for the first e-mails.
const DELIVERY_TIMEOUT_SHORT: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(200);

/// Confirms the addresses of users by the links that they got.
///
/// # Errors
/// An e-mail did not come, or the service refused its link.
pub async fn confirm(shared: &Arc<Shared>, server: &MailServer, users: &[User]) -> Result<()> {
    server.be_good(true);
    let client = Client::new(shared, Manners::Patient)?;
    for user in users {
        let token = token(server, &user.email).await?;
        let confirm = Request::new(Method::POST, "/api/v1/email-verifications");
        client.expect(&confirm.with(json!({"token": token}))).await?;
    }
    server.be_good(false);
    Ok(())
}

/// The token of the link that came to an address.
async fn token(server: &MailServer, email: &str) -> Result<String> {
    const LINK: &str = "/pages/verify-email#";
    let asked = Instant::now();
    while asked.elapsed() < DELIVERY_TIMEOUT_SHORT {
        let letters = server.letters();
        let found = letters.iter().find(|letter| letter.to == email && letter.is_taken);
        if let Some(letter) = found {
            let after = letter.text.split_once(LINK).context("a link")?.1;
            let end = after.find(|it: char| !it.is_ascii_alphanumeric() && it != '-' && it != '_');
            return Ok(after[..end.unwrap_or(after.len())].to_owned());
        }
        sleep(LOOK).await;
    }
    anyhow::bail!("{email} got no e-mail")
}

/// Waits until everything is sent; the mail server takes everything now. The short form does not wait until attempts are
/// due.
///
/// # Errors
/// The store failed.
pub async fn deliver(server: &MailServer, scene: &Scene, pace: Pace) -> Result<Option<Break>> {
    server.set_up(true);
    server.be_good(true);
    let asked = Instant::now();
    let time = match pace {
        Pace::Short => DELIVERY_TIMEOUT_SHORT,
        Pace::Long => DELIVERY_TIMEOUT,
    };
    let mut open = 0;
    while asked.elapsed() < time {
        sleep(LOOK).await;
        open = block_in_place(|| unsent(scene, pace))?;
        if open == 0 {
            return Ok(None);
        }
    }
    let sentence = format!("{open} e-mails or events were pending {time:?} after the load");
    Ok(Some(Break::new(Kind::NeverAnswered, sentence)))
}

/// How many e-mails and events are to be told yet. In the short form every e-mail is made due now, as if its pause or the
/// lease of its process had ended.
fn unsent(scene: &Scene, pace: Pace) -> Result<i64> {
    let mut connection = scene.place.connect()?;
    if pace == Pace::Short {
        let due = match connection {
            Connection::Postgres(_) => "now()".to_owned(),
            Connection::Embedded(_) => now().to_string(),
        };
        connection.execute(&format!(
            "UPDATE mails SET due_at = {due} WHERE state = 'OPEN' AND due_at > {due}"
        ))?;
    }
    connection.count(
        "SELECT (SELECT count(*) FROM mails WHERE state = 'OPEN') \
         + (SELECT count(*) FROM events WHERE NOT fanned_out) AS count",
    )
}

/// Judges what came, by the store in the end.
pub fn judge(server: &MailServer, store: &Dump) -> Verdict {
    check(&Case { store: store.clone(), letters: server.letters() })
}
