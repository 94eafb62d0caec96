//! Webhooks: addresses of other systems that events are sent to (rule 21), and the deliveries of events to them.

mod delivery;
mod secret;
mod url;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::{Concert, Event, EventKind, Instant, User, UserId, WebhookId};

pub use delivery::{Attempt, Delivery, DeliveryState, FAILED_AFTER, JITTER_MAX, LEASE, NoAnswer};
pub use secret::WebhookSecret;
pub use url::{Reach, URL_MAX, WebhookUrl};

/// The most webhooks of one user.
pub const WEBHOOKS_MAX: usize = 20;
/// How long a secret that was replaced still signs beside the new one.
pub const OLD_SECRET_TIME: Duration = Duration::DAY;

/// An address of another system that events are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Which.
    pub id: WebhookId,
    /// Whose. It takes events of this user's concerts; that of an operator takes all.
    pub owner_id: UserId,
    /// Where it is sent.
    pub url: WebhookUrl,
    /// The kinds of events that it takes.
    pub kinds: BTreeSet<EventKind>,
    /// What signs it.
    pub secret: WebhookSecret,
    /// The secret before, and when it signs no longer.
    pub old_secret: Option<(WebhookSecret, Instant)>,
    /// Whether it is sent. Events of the time in which it is not are not sent later.
    pub state: WebhookState,
    /// How often it was tested.
    pub tests: i64,
    /// When it was made.
    pub created_at: Instant,
}

/// Whether a webhook is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WebhookState {
    /// It is.
    Enabled,
    /// Its owner has switched it off.
    Disabled,
    /// Its receiver has answered that it is gone (410), which switches it off as well.
    Gone,
}

/// What may change of a webhook; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookEdit {
    /// Where it is sent.
    pub url: Option<WebhookUrl>,
    /// The kinds of events that it takes.
    pub kinds: Option<BTreeSet<EventKind>>,
    /// Whether it is sent.
    pub is_enabled: Option<bool>,
}

impl Webhook {
    /// Whether it is sent.
    pub fn is_enabled(&self) -> bool {
        self.state == WebhookState::Enabled
    }

    /// Whether it takes an event, whose concert is given if it has one.
    pub fn takes(&self, event: &Event, owner: &User, concert: Option<&Concert>) -> bool {
        let is_own = concert.is_some_and(|concert| concert.organizer_id == owner.id);
        self.kinds.contains(&event.kind) && (is_own || owner.role.may_operate())
    }

    /// The secrets that sign it at `now`, the newest first.
    pub fn secrets(&self, now: Instant) -> Vec<WebhookSecret> {
        let old = self.old_secret.iter().filter(|(_, until)| now < *until);
        std::iter::once(&self.secret).chain(old.map(|(secret, _)| secret)).cloned().collect()
    }

    /// Signs by a new secret; the one before signs as well for [`OLD_SECRET_TIME`].
    pub fn rotate(&mut self, secret: WebhookSecret, now: Instant) {
        let old = std::mem::replace(&mut self.secret, secret);
        self.old_secret = Some((old, now + OLD_SECRET_TIME));
    }

    /// Changes what an edit names.
    pub fn edit(&mut self, edit: &WebhookEdit) {
        let WebhookEdit { url, kinds, is_enabled } = edit.clone();
        self.url = url.unwrap_or_else(|| self.url.clone());
        self.kinds = kinds.unwrap_or_else(|| self.kinds.clone());
        self.state = match is_enabled {
            Some(true) => WebhookState::Enabled,
            Some(false) => WebhookState::Disabled,
            None => self.state,
        };
    }
}
