//! One attempt: its turn, what it sends, and what became of it.

use std::sync::Arc;
use std::time::Duration;

use stagedoor_domain::operations::RecordAttempt;
use stagedoor_domain::ports::{Clock, SendWebhook, Subject, WebhookAnswer, WebhookMessage};
use stagedoor_domain::webhook::{FAILED_AFTER, JITTER_MAX, LEASE, NoAnswer};
use stagedoor_domain::{Delivery, Event, Webhook};
use tokio::sync::Semaphore;
use tokio::time::Instant as Tick;

use super::{ATTEMPT_TIME_MAX, WebhookBody};
use crate::unwind::caught;

/// After this time a sender has not kept to its bound, and is not awaited any longer.
const SEND_TIME_MAX: Duration = ATTEMPT_TIME_MAX.saturating_add(Duration::from_secs(5));
/// What remains of the lease when the last attempt that is sent has ended, to record it.
const RECORD_TIME: Duration = Duration::from_secs(5);

/// An attempt that the store has begun.
pub(super) struct Attempt {
    pub(super) webhook: Webhook,
    pub(super) delivery: Delivery,
    /// Nothing if the event is kept no longer.
    pub(super) told: Option<Arc<(Event, Subject)>>,
    /// An instant before the store began it.
    pub(super) claimed_at: Tick,
}

/// An attempt, and what became of it.
pub(super) struct Ended {
    pub(super) attempt: Attempt,
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// It was sent, and this became of it.
    Answered(WebhookAnswer),
    /// It was not sent, because there is nothing to tell.
    EventDeleted,
    /// A defect: what it tells could not be written, or the sender broke off.
    Panicked,
    /// It was not sent: it had no turn before its lease was about to end, or the process stops.
    Postponed,
}

/// What makes attempts.
pub(super) struct Sending {
    sender: Arc<dyn SendWebhook>,
    body: WebhookBody,
    clock: Arc<dyn Clock>,
    /// One claim may begin attempts of very many webhooks; only this number have connections at once.
    turns: Semaphore,
}

impl Sending {
    /// Makes at most `most` attempts at once.
    pub(super) fn new(
        sender: Arc<dyn SendWebhook>,
        body: WebhookBody,
        clock: Arc<dyn Clock>,
        most: usize,
    ) -> Self {
        Self { sender, body, clock, turns: Semaphore::new(most) }
    }

    /// Gives no more turns.
    pub(super) fn close(&self) {
        self.turns.close();
    }

    /// Makes an attempt when it is its turn. It does not panic.
    pub(super) async fn make(&self, attempt: Attempt) -> Ended {
        let outcome = self.outcome(&attempt).await;
        Ended { attempt, outcome }
    }

    async fn outcome(&self, attempt: &Attempt) -> Outcome {
        let Some(told) = &attempt.told else { return Outcome::EventDeleted };
        let deadline = attempt.claimed_at + LEASE.unsigned_abs() - SEND_TIME_MAX - RECORD_TIME;
        let turn = tokio::time::timeout_at(deadline, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Outcome::Postponed };
        if Tick::now() > deadline {
            return Outcome::Postponed;
        }
        let sent = caught(async {
            let message = self.message(attempt, told);
            tokio::time::timeout(SEND_TIME_MAX, self.sender.send(&message)).await
        });
        match sent.await {
            Ok(Ok(answer)) => Outcome::Answered(answer),
            Ok(Err(_)) => Outcome::Answered(WebhookAnswer::None(NoAnswer::Timeout)),
            Err(_) => Outcome::Panicked,
        }
    }

    fn message(&self, attempt: &Attempt, (event, subject): &(Event, Subject)) -> WebhookMessage {
        let Attempt { webhook, delivery, .. } = attempt;
        let now = self.clock.now();
        WebhookMessage {
            url: webhook.url.clone(),
            secrets: webhook.secrets(now),
            id: delivery.event_id.to_string(),
            at: now,
            body: (self.body)(event, subject),
        }
    }
}

impl Ended {
    /// What is recorded of it; nothing if it was not made. A failure that is none of the receiver's is recorded as a
    /// broken connection: so it is tried again as rarely as others, and ends as they do.
    pub(super) fn command(&self) -> Option<RecordAttempt> {
        let (answer, retry_after) = match &self.outcome {
            Outcome::Answered(WebhookAnswer::Status { status, retry_after }) => {
                (Ok(*status), *retry_after)
            }
            Outcome::Answered(WebhookAnswer::None(cause)) => (Err(*cause), None),
            Outcome::EventDeleted | Outcome::Panicked => (Err(NoAnswer::Connection), None),
            Outcome::Postponed => return None,
        };
        let bounded =
            |time| time::Duration::try_from(time).unwrap_or(FAILED_AFTER).min(FAILED_AFTER);
        Some(RecordAttempt {
            webhook_id: self.attempt.webhook.id,
            event_id: self.attempt.delivery.event_id,
            attempt: self.attempt.delivery.attempts,
            answer,
            retry_after: retry_after.map(bounded),
            jitter: fastrand::u16(0..=JITTER_MAX),
        })
    }

    /// Counts it and logs it, without the address and without what was sent: both may hold secrets.
    pub(super) fn report(&self) {
        let outcome = self.outcome.name();
        metrics::counter!("stagedoor_webhook_attempts_total", "outcome" => outcome).increment(1);
        let (webhook, attempt) = (self.attempt.webhook.id, self.attempt.delivery.attempts);
        match self.outcome {
            Outcome::Panicked => {
                tracing::error!(%webhook, attempt, outcome, "an attempt of a webhook failed");
            }
            Outcome::EventDeleted | Outcome::Postponed => {
                tracing::warn!(%webhook, attempt, outcome, "a webhook was not sent");
            }
            Outcome::Answered(_) if outcome == "delivered" => {
                tracing::debug!(%webhook, attempt, outcome, "a webhook was delivered");
            }
            Outcome::Answered(_) => {
                tracing::info!(%webhook, attempt, outcome, "an attempt of a webhook failed");
            }
        }
    }
}

impl Outcome {
    /// Its name in logs and metrics.
    fn name(&self) -> &'static str {
        match self {
            Self::Answered(WebhookAnswer::Status { status: 200..=299, .. }) => "delivered",
            Self::Answered(WebhookAnswer::Status { status: 410, .. }) => "gone",
            Self::Answered(WebhookAnswer::Status { .. }) => "refused",
            Self::Answered(WebhookAnswer::None(cause)) => match cause {
                NoAnswer::UnknownHost => "unknown_host",
                NoAnswer::PrivateAddress => "private_address",
                NoAnswer::Connection => "connection",
                NoAnswer::Certificate => "certificate",
                NoAnswer::Timeout => "timeout",
            },
            Self::EventDeleted => "event_deleted",
            Self::Panicked => "panicked",
            Self::Postponed => "postponed",
        }
    }
}
