//! Recording what became of an attempt to deliver an event.

use time::Duration;

use crate::webhook::{NoAnswer, WebhookState};
use crate::{
    Command, Decided, Delivery, EventId, Instant, Needs, NeverRefused, NoKey, Webhook, WebhookId,
    WorkingSet,
};

/// Records what became of an attempt (rule 21). One that another process has taken over is not recorded. A receiver
/// that is gone switches its webhook off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordAttempt {
    /// Of which webhook.
    pub webhook_id: WebhookId,
    /// Of which event.
    pub event_id: EventId,
    /// Which attempt: [`Delivery::attempts`] when it was begun.
    pub attempt: i32,
    /// The HTTP status, or why there was none.
    pub answer: Result<u16, NoAnswer>,
    /// How long the receiver asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Thousandths, by which the next attempt is later.
    pub jitter: u16,
}

impl Command for RecordAttempt {
    /// Whether it was recorded.
    type Success = bool;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "record_attempt";

    fn needs(&self, needs: &mut Needs) {
        needs.webhooks.insert(self.webhook_id);
        needs.deliveries.insert((self.webhook_id, self.event_id));
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let found = set.get::<Delivery>(&(self.webhook_id, self.event_id))?.cloned();
        let Some(mut delivery) = found.filter(|it| it.attempts == self.attempt) else {
            return Ok(false);
        };
        let is_gone = delivery.record(self.answer, self.retry_after, self.jitter, now);
        set.replace(delivery)?;
        let webhook = set.get::<Webhook>(&self.webhook_id)?.cloned();
        if let Some(webhook) = webhook.filter(|_| is_gone) {
            set.replace(Webhook { state: WebhookState::Gone, ..webhook })?;
        }
        Ok(true)
    }
}
