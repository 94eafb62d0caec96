//! Registering a webhook.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::webhook::{WEBHOOKS_MAX, WebhookSecret, WebhookState, WebhookUrl};
use crate::{
    Command, Decided, EventKind, Instant, Needs, NoKey, Refusal, Role, User, UserId, Webhook,
    WebhookId, WorkingSet,
};

/// Registers a webhook (rule 21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateWebhook {
    /// The id the webhook gets.
    pub id: WebhookId,
    /// Whose it is.
    pub owner_id: UserId,
    /// Where it is sent.
    pub url: WebhookUrl,
    /// The kinds of events that it takes.
    pub kinds: BTreeSet<EventKind>,
    /// What signs it.
    pub secret: WebhookSecret,
    /// Whether anyone may register webhooks, not organizers and operators alone (open mode).
    pub open_to_all: bool,
}

/// Why no webhook was registered, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CreateWebhookRefused {
    /// The user is neither an organizer nor an operator (rule 18).
    #[error("only organizers and operators may register webhooks")]
    NotStaff,
    /// The user has as many as a user may have.
    #[error("there are too many webhooks")]
    TooMany,
}

impl Refusal for CreateWebhookRefused {}

impl Command for CreateWebhook {
    type Success = Webhook;
    type Refusal = CreateWebhookRefused;
    type Key = NoKey;
    const NAME: &'static str = "create_webhook";

    fn needs(&self, needs: &mut Needs) {
        needs.users.insert(self.owner_id);
        needs.webhooks_of.insert(self.owner_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let owner = set.get::<User>(&self.owner_id)?.map(|user| user.role);
        let may = |role: Role| self.open_to_all || role.may_organize() || role.may_operate();
        if !owner.is_some_and(may) {
            return Err(CreateWebhookRefused::NotStaff.into());
        }
        if set.webhooks_of(self.owner_id)? >= WEBHOOKS_MAX {
            return Err(CreateWebhookRefused::TooMany.into());
        }
        let webhook = Webhook {
            id: self.id,
            owner_id: self.owner_id,
            url: self.url.clone(),
            kinds: self.kinds.clone(),
            secret: self.secret.clone(),
            old_secret: None,
            state: WebhookState::Enabled,
            tests: 0,
            created_at: now,
        };
        set.insert(webhook.clone());
        Ok(webhook)
    }
}
