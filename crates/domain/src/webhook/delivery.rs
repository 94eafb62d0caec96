//! The delivery of one event to one webhook: attempts until the receiver has it.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::{Event, EventId, EventKind, Instant, WebhookId};

/// How long a delivery is tried.
pub const FAILED_AFTER: Duration = Duration::days(3);
/// How long a process has a delivery to itself: longer than an attempt lasts. Then another one takes it.
pub const LEASE: Duration = Duration::seconds(60);
/// The first attempt after one that failed.
const FIRST_RETRY: Duration = Duration::seconds(5);
/// The longest time between two attempts.
const RETRY_MAX: Duration = Duration::hours(12);
/// Jitter is given in thousandths.
pub const JITTER_MAX: u16 = 1_000;

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// Which event.
    pub event_id: EventId,
    /// What the event tells.
    pub kind: EventKind,
    /// Where it stands.
    pub state: DeliveryState,
    /// How many attempts were begun.
    pub attempts: i32,
    /// What became of the last one that ended.
    pub last: Option<Attempt>,
    /// When it was made, or made anew by a replay.
    pub created_at: Instant,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryState {
    /// An attempt is due, or one is made until then.
    Pending {
        /// When the next attempt is due.
        due_at: Instant,
    },
    /// The receiver has it.
    Delivered,
    /// It was tried for [`FAILED_AFTER`], or its webhook is gone.
    Failed,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended.
    pub at: Instant,
    /// The HTTP status, or why there was none.
    pub answer: Result<u16, NoAnswer>,
}

/// Why a receiver gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoAnswer {
    /// The name of the host is not known.
    UnknownHost,
    /// The host is at an address that webhooks may not have.
    PrivateAddress,
    /// There was no connection, or it broke.
    Connection,
    /// The host's certificate is not trusted.
    Certificate,
    /// It took too long.
    Timeout,
}

impl NoAnswer {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::UnknownHost,
        Self::PrivateAddress,
        Self::Connection,
        Self::Certificate,
        Self::Timeout,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownHost => "UNKNOWN_HOST",
            Self::PrivateAddress => "PRIVATE_ADDRESS",
            Self::Connection => "CONNECTION",
            Self::Certificate => "CERTIFICATE",
            Self::Timeout => "TIMEOUT",
        }
    }
}

impl Delivery {
    /// A delivery of an event that is due at once.
    pub fn new(webhook_id: WebhookId, event: &Event, now: Instant) -> Self {
        Self {
            webhook_id,
            event_id: event.id,
            kind: event.kind,
            state: DeliveryState::Pending { due_at: now },
            attempts: 0,
            last: None,
            created_at: now,
        }
    }

    /// When the next attempt is due; nothing if there will be none.
    pub fn due_at(&self) -> Option<Instant> {
        match self.state {
            DeliveryState::Pending { due_at } => Some(due_at),
            DeliveryState::Delivered | DeliveryState::Failed => None,
        }
    }

    /// Begins an attempt: until [`LEASE`] has ended nothing else begins one.
    pub fn begin(&mut self, now: Instant) {
        self.attempts = self.attempts.saturating_add(1);
        self.state = DeliveryState::Pending { due_at: now + LEASE };
    }

    /// Records what became of an attempt, which is the last one that was begun. After a failure the next one is due
    /// after 5 seconds, 20, 80 and so on up to 12 hours, and not before the receiver asks for it; `jitter`, from 0 to
    /// [`JITTER_MAX`], makes that longer by up to a quarter, so that deliveries which failed together do not come
    /// together. Answers whether the receiver is gone.
    pub fn record(
        &mut self,
        answer: Result<u16, NoAnswer>,
        retry_after: Option<Duration>,
        jitter: u16,
        now: Instant,
    ) -> bool {
        self.last = Some(Attempt { at: now, answer });
        let is_gone = answer == Ok(410);
        let next = now + self.pause(jitter).max(retry_after.unwrap_or_default());
        self.state = if answer.is_ok_and(|status| (200..300).contains(&status)) {
            DeliveryState::Delivered
        } else if is_gone || next >= self.created_at + FAILED_AFTER {
            DeliveryState::Failed
        } else {
            DeliveryState::Pending { due_at: next }
        };
        is_gone
    }

    /// Delivers it again, as if it were new.
    pub fn replay(&mut self, now: Instant) {
        self.state = DeliveryState::Pending { due_at: now };
        self.attempts = 0;
        self.created_at = now;
    }

    fn pause(&self, jitter: u16) -> Duration {
        let doublings = 2 * self.attempts.saturating_sub(1).clamp(0, 10);
        let pause = (FIRST_RETRY * (1_i32 << doublings)).min(RETRY_MAX);
        pause + pause * i32::from(jitter.min(JITTER_MAX)) / (4 * i32::from(JITTER_MAX))
    }
}
