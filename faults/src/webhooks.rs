//! A webhook of the organizer: registered before the load, and awaited after it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::checker::webhooks::{Case, Verdict, check};
use crate::checker::{Break, Kind};
use crate::client::Client;
use crate::dump::Dump;
use crate::faults::Pace;
use crate::history::{Operation, Request, now};
use crate::run::read;
use crate::sale::organizer;
use crate::scene::Scene;
use crate::store::Connection;

/// How long deliveries may take after the load: an attempt of a process that was killed is made again after 60 s, and
/// the fifth attempt up to 400 s after the fourth.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(500);
/// The same where nothing waits until it is due.
const DELIVERY_TIMEOUT_SHORT: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(500);
/// At how many looks in a row nothing may be pending: new events have no delivery yet.
const QUIET_LOOKS: usize = 4;

/// A webhook that is registered.
#[derive(Clone, Debug)]
pub struct Webhook {
    id: String,
    secret: String,
    owner: String,
}

impl Webhook {
    /// Registers one that takes all events, if there is a receiver.
    ///
    /// # Errors
    /// The service refused it.
    pub async fn register(client: &Client, scene: &Scene) -> Result<Option<Self>> {
        let Some(receiver) = &scene.receiver else { return Ok(None) };
        let owner = organizer(client).await?;
        let webhook = Request::new(Method::POST, "/api/v1/webhooks").by(&owner);
        let webhook = client.expect(&webhook.with(json!({"url": receiver.url}))).await?;
        let text = |field: &str| webhook[field].as_str().map(str::to_owned).context("a webhook");
        Ok(Some(Self { id: text("id")?, secret: text("secret")?, owner }))
    }

    /// Waits until everything is delivered; the receiver takes everything now. The short form does not wait until
    /// attempts are due.
    ///
    /// # Errors
    /// The store or the service failed.
    pub async fn deliver(
        &self,
        client: &Client,
        scene: &Scene,
        pace: Pace,
    ) -> Result<Option<Break>> {
        let receiver = scene.receiver.as_ref().context("a receiver")?;
        receiver.set_up(true);
        receiver.be_good();
        let (asked, mut quiet, mut pending) = (Instant::now(), 0, 0);
        let time = match pace {
            Pace::Short => DELIVERY_TIMEOUT_SHORT,
            Pace::Long => DELIVERY_TIMEOUT,
        };
        while asked.elapsed() < time {
            sleep(LOOK).await;
            pending = self.pending(client).await?;
            if pending > 0 && pace == Pace::Short {
                block_in_place(|| bring_forward(scene))?;
            }
            let is_quiet = pending == 0 && block_in_place(|| has_no_hold(scene))?;
            quiet = if is_quiet { quiet + 1 } else { 0 };
            if quiet == QUIET_LOOKS {
                return Ok(None);
            }
        }
        let sentence = format!("{pending} deliveries were pending {time:?} after the load");
        Ok(Some(Break::new(Kind::NeverAnswered, sentence)))
    }

    /// Judges what was received, by the store in the end.
    ///
    /// # Errors
    /// There is no receiver.
    pub fn judge(&self, scene: &Scene, operations: &[Operation], store: &Dump) -> Result<Verdict> {
        let receptions = scene.receiver.as_ref().context("a receiver")?.receptions();
        let (operations, store) = (operations.to_vec(), store.clone());
        Ok(check(&Case { operations, store, secret: self.secret.clone(), receptions }))
    }

    /// How many deliveries are pending, by the service's log of them.
    async fn pending(&self, client: &Client) -> Result<usize> {
        let (mut pending, mut cursor) = (0, String::new());
        loop {
            let path = format!("/api/v1/webhooks/{}/deliveries?limit=100{cursor}", self.id);
            let page = client.expect(&Request::new(Method::GET, path).by(&self.owner)).await?;
            let items = page["items"].as_array().context("deliveries")?;
            pending += items.iter().filter(|item| item["state"] == "PENDING").count();
            match &page["nextCursor"] {
                Value::String(next) => cursor = format!("&cursor={next}"),
                _ => return Ok(pending),
            }
        }
    }
}

/// Makes every pending delivery due now, as if its pause or the lease of its process had ended.
fn bring_forward(scene: &Scene) -> Result<()> {
    let mut connection = scene.place.connect()?;
    let due = match connection {
        Connection::Postgres(_) => "now()".to_owned(),
        Connection::Embedded(_) => now().to_string(),
    };
    connection.execute(&format!(
        "UPDATE deliveries SET due_at = {due} WHERE state = 'PENDING' AND due_at > {due}"
    ))
}

/// Whether no hold can expire any more.
fn has_no_hold(scene: &Scene) -> Result<bool> {
    Ok(read(scene)?.reservations.iter().all(|row| row.status != "HELD"))
}
