//! E-mail that people get (rule 23): written in the transaction of what it tells, and sent until the mail server has it.

mod token;

use std::fmt;

use serde::{Deserialize, Serialize};
use time::Duration;
use uuid::Uuid;

use crate::{EventId, Instant, PersonName, TicketId, UserId};

pub use token::{MailToken, TokenDigest, TokenRefused};

/// How long a process has an e-mail to itself: longer than an attempt lasts. Then another one takes it.
pub const LEASE: Duration = Duration::minutes(2);
/// The first attempt after one that failed.
const FIRST_RETRY: Duration = Duration::seconds(5);
/// The longest time between two attempts.
const RETRY_MAX: Duration = Duration::HOUR;
/// Jitter is given in thousandths.
pub const JITTER_MAX: u16 = 1_000;
/// The number of the e-mail about a ticket that ended with its reservation, above those of its events.
const ENDED_NUMBER: i64 = 1_000_000;
/// Numbers of e-mails about moves begin after this one.
const MOVES_NUMBER: i64 = 2_000_000;
/// Of one kind of e-mail about an account, a user gets at most one in this time.
const ACCOUNT_MAIL_SECONDS: i64 = 60;

/// One e-mail to one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Which.
    pub id: MailId,
    /// To whom.
    pub user_id: UserId,
    /// What it tells.
    pub kind: MailKind,
    /// Where it stands.
    pub state: MailState,
    /// How many attempts were begun.
    pub attempts: i32,
    /// When it was written.
    pub created_at: Instant,
}

/// What tells an e-mail from all others. So each event has one e-mail, and an account not too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MailId {
    /// What it is about: a reservation or a ticket, or for e-mails about an account the user.
    pub subject_id: Uuid,
    /// The number of the event that it tells, one of a version of a schedule that was moved, or for e-mails about an
    /// account one of a minute and a kind.
    pub number: i64,
}

impl MailId {
    /// The e-mail that tells an event.
    pub fn of_event(id: EventId) -> Self {
        Self { subject_id: id.subject_id, number: id.number }
    }

    /// The e-mail of a kind about a user's account that may be written at `now`.
    fn of_account(user_id: UserId, kind: MailKind, now: Instant) -> Self {
        let minute = now.unix_timestamp().div_euclid(ACCOUNT_MAIL_SECONDS);
        let number = 2 * minute + i64::from(kind == MailKind::ResetPassword);
        Self { subject_id: user_id.0, number }
    }

    /// The e-mail about a ticket that ended with its reservation, of which only the payer is told by an event.
    pub(crate) fn of_ended_ticket(id: TicketId) -> Self {
        Self { subject_id: id.0, number: ENDED_NUMBER }
    }

    /// The e-mail that tells of a move, about a reservation or a ticket of the schedule that has this version since.
    pub(crate) fn of_move(subject_id: Uuid, version: i64) -> Self {
        Self { subject_id, number: MOVES_NUMBER.saturating_add(version) }
    }
}

impl fmt::Display for MailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail-{}-{}", self.subject_id.simple(), self.number)
    }
}

/// What an e-mail tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MailKind {
    /// How to confirm that the address is the user's.
    VerifyAddress,
    /// How to set a new password without the old one.
    ResetPassword,
    /// The tickets of a reservation that was paid, or is complimentary.
    Tickets,
    /// That such a reservation was cancelled, and what was refunded.
    Refund,
    /// That the date of such a reservation was moved.
    Moved,
    /// A ticket that another user transferred.
    TicketReceived,
    /// That the seat of one ticket was cancelled, and what was refunded.
    TicketRefund,
    /// That a ticket which another user had paid was cancelled.
    TicketCancelled,
    /// That the date of a ticket which another user had paid was moved.
    TicketMoved,
}

impl MailKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::VerifyAddress,
        Self::ResetPassword,
        Self::Tickets,
        Self::Refund,
        Self::Moved,
        Self::TicketReceived,
        Self::TicketRefund,
        Self::TicketCancelled,
        Self::TicketMoved,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyAddress => "VERIFY_ADDRESS",
            Self::ResetPassword => "RESET_PASSWORD",
            Self::Tickets => "TICKETS",
            Self::Refund => "REFUND",
            Self::Moved => "MOVED",
            Self::TicketReceived => "TICKET_RECEIVED",
            Self::TicketRefund => "TICKET_REFUND",
            Self::TicketCancelled => "TICKET_CANCELLED",
            Self::TicketMoved => "TICKET_MOVED",
        }
    }

    /// How long it is tried. A link that the user no longer waits for is not sent.
    pub fn failed_after(self) -> Duration {
        match self {
            Self::ResetPassword => Duration::HOUR,
            _ => Duration::DAY,
        }
    }

    /// How long its token is valid; nothing if it has none.
    pub fn token_time(self) -> Option<Duration> {
        match self {
            Self::VerifyAddress => Some(Duration::days(3)),
            Self::ResetPassword => Some(Duration::minutes(30)),
            _ => None,
        }
    }
}

/// Where an e-mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailState {
    /// An attempt is due, or one is made until then.
    Open {
        /// When the next attempt is due.
        due_at: Instant,
    },
    /// The mail server has taken it.
    Sent,
    /// The mail server refused it finally, it was tried for too long, or its user is deleted.
    Failed,
}

/// What became of an attempt to send an e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailOutcome {
    /// The mail server has taken it.
    Sent,
    /// It can never be sent.
    Refused,
    /// It may be sent later.
    Postponed,
}

/// The language of what a user gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Korean.
    #[default]
    Ko,
    /// English.
    En,
}

impl Language {
    /// Its code (BCP 47).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }
}

/// What is known of a user's e-mail address, and how e-mails to it are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// When the user confirmed the address, if that was done.
    pub verified_at: Option<Instant>,
    /// The language of e-mails.
    pub language: Language,
}

/// To whom an e-mail is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// What the user is called.
    pub name: PersonName,
    /// The address.
    pub email: crate::Email,
    /// The language.
    pub language: Language,
}

impl Mail {
    /// An e-mail about a user's account. At most one of a kind is written in a minute: another one has the same id.
    pub fn of_account(user_id: UserId, kind: MailKind, now: Instant) -> Self {
        Self::new(MailId::of_account(user_id, kind, now), user_id, kind, now)
    }

    /// An e-mail that is due at once.
    pub fn new(id: MailId, user_id: UserId, kind: MailKind, now: Instant) -> Self {
        let state = MailState::Open { due_at: now };
        Self { id, user_id, kind, state, attempts: 0, created_at: now }
    }

    /// When the next attempt is due; nothing if there will be none.
    pub fn due_at(&self) -> Option<Instant> {
        match self.state {
            MailState::Open { due_at } => Some(due_at),
            MailState::Sent | MailState::Failed => None,
        }
    }

    /// Begins an attempt: until [`LEASE`] has ended nothing else begins one.
    pub fn begin(&mut self, now: Instant) {
        self.attempts = self.attempts.saturating_add(1);
        self.state = MailState::Open { due_at: now + LEASE };
    }

    /// Records what became of an attempt, which is the last one that was begun. After a failure the next one is due
    /// after 5 seconds, 20, 80 and so on up to an hour; `jitter`, from 0 to [`JITTER_MAX`], makes that longer by up to
    /// a quarter, so that e-mails which failed together do not come together.
    pub fn record(&mut self, outcome: MailOutcome, jitter: u16, now: Instant) {
        let next = now + self.pause(jitter);
        self.state = match outcome {
            MailOutcome::Sent => MailState::Sent,
            MailOutcome::Refused => MailState::Failed,
            MailOutcome::Postponed if next >= self.created_at + self.kind.failed_after() => {
                MailState::Failed
            }
            MailOutcome::Postponed => MailState::Open { due_at: next },
        };
    }

    fn pause(&self, jitter: u16) -> Duration {
        let doublings = 2 * self.attempts.saturating_sub(1).clamp(0, 10);
        let pause = (FIRST_RETRY * (1_i32 << doublings)).min(RETRY_MAX);
        pause + pause * i32::from(jitter.min(JITTER_MAX)) / (4 * i32::from(JITTER_MAX))
    }
}
