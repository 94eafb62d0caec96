//! Changing a webhook.

use serde::{Deserialize, Serialize};

use crate::webhook::{WebhookEdit, WebhookSecret};
use crate::{
    Command, Decided, Delivery, Event, EventId, EventKind, Instant, Needs, NoKey, Refusal, UserId,
    Webhook, WebhookId, WorkingSet,
};

/// Changes a webhook, or tests it (rule 21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeWebhook {
    /// Which.
    pub id: WebhookId,
    /// Who changes it.
    pub owner_id: UserId,
    /// What becomes of it.
    pub change: WebhookChange,
}

/// What becomes of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookChange {
    /// Some of it changes.
    Edit(WebhookEdit),
    /// It gets a new secret.
    Rotate(WebhookSecret),
    /// It is sent an event that tells nothing, whatever kinds it takes.
    Test,
    /// It is deleted with its deliveries.
    Delete,
}

/// The user has no such webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("there is no such webhook")]
pub struct WebhookNotFound;

impl Refusal for WebhookNotFound {}

impl Command for ChangeWebhook {
    /// The webhook as it is now, or was when it was deleted.
    type Success = Webhook;
    type Refusal = WebhookNotFound;
    type Key = NoKey;
    const NAME: &'static str = "change_webhook";

    fn needs(&self, needs: &mut Needs) {
        needs.webhooks.insert(self.id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let found = set.get::<Webhook>(&self.id)?.filter(|it| it.owner_id == self.owner_id);
        let mut webhook = found.ok_or(WebhookNotFound)?.clone();
        match &self.change {
            WebhookChange::Edit(edit) => webhook.edit(edit),
            WebhookChange::Rotate(secret) => webhook.rotate(secret.clone(), now),
            WebhookChange::Test => {
                webhook.tests = webhook.tests.saturating_add(1);
                let test = a_test(&webhook, now);
                set.insert(test);
                set.insert(Delivery::new(webhook.id, &test, now));
            }
            WebhookChange::Delete => {
                set.delete::<Webhook>(&webhook.id)?;
                return Ok(webhook);
            }
        }
        set.replace(webhook.clone())?;
        Ok(webhook)
    }
}

fn a_test(webhook: &Webhook, now: Instant) -> Event {
    Event {
        id: EventId::new(webhook.id.0, webhook.tests),
        kind: EventKind::WebhookTest,
        concert_id: None,
        at: now,
        fanned_out: true,
    }
}
