//! What was asked and what was answered.

use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, MutexGuard};
use reqwest::Method;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Microseconds since 1970.
pub type Micros = i64;

/// The time of the machine.
pub fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// An instant of an answer; 0 if it is none.
pub fn instant(text: &Value) -> Micros {
    let parsed = OffsetDateTime::parse(text.as_str().unwrap_or_default(), &Rfc3339);
    parsed.map_or(0, |at| i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(0))
}

/// What a client requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An account.
    SignUp {
        /// With which address.
        email: String,
    },
    /// A place in the room before a concert.
    Join {
        /// Which concert.
        concert: String,
    },
    /// To give up a place, with the holds made by it.
    Leave {
        /// The queue token's id.
        token: String,
    },
    /// To look where a token stands.
    Poll,
    /// Seats.
    Hold {
        /// Of which schedule.
        schedule: String,
    },
    /// To give a hold back.
    GiveBack {
        /// Which.
        reservation: String,
    },
    /// Points in. No two operations ask for the same amount.
    Charge {
        /// How many.
        amount: i64,
    },
    /// Points out. No two operations ask for the same amount.
    Use {
        /// How many.
        amount: i64,
    },
    /// More time for a hold, once.
    Extend {
        /// Which.
        reservation: String,
    },
    /// To pay a hold.
    Pay {
        /// Which.
        reservation: String,
    },
    /// To give a ticket back for its points, once.
    Cancel {
        /// Which.
        reservation: String,
    },
    /// To give a ticket to another user, who gets a new one.
    Transfer {
        /// Which.
        ticket: String,
        /// To whom.
        recipient: String,
    },
    /// To give the seat of one ticket back for its points, once.
    CancelTicket {
        /// Which.
        ticket: String,
        /// The reservation that it is of.
        reservation: String,
        /// Its seat.
        seat: String,
    },
    /// To let the holder of a ticket in.
    CheckIn {
        /// Which ticket.
        ticket: String,
    },
    /// To take back that the holder of a ticket came in.
    UndoCheckIn {
        /// Which ticket.
        ticket: String,
    },
    /// To read one's tickets.
    ReadTickets,
    /// To read the balance.
    ReadBalance,
    /// To read a reservation.
    ReadReservation {
        /// Which.
        reservation: String,
    },
}

impl Asked {
    /// Whether asking again without a key does nothing twice.
    pub fn is_idempotent(&self) -> bool {
        match self {
            Self::Leave { .. }
            | Self::Poll
            | Self::GiveBack { .. }
            | Self::ReadTickets
            | Self::ReadBalance
            | Self::ReadReservation { .. } => true,
            Self::SignUp { .. }
            | Self::Join { .. }
            | Self::Hold { .. }
            | Self::Charge { .. }
            | Self::Use { .. }
            | Self::Extend { .. }
            | Self::Pay { .. }
            | Self::Cancel { .. }
            | Self::Transfer { .. }
            | Self::CancelTicket { .. }
            | Self::CheckIn { .. }
            | Self::UndoCheckIn { .. } => false,
        }
    }

    /// Whether it changes what is stored.
    pub fn writes(&self) -> bool {
        !matches!(
            self,
            Self::Poll | Self::ReadTickets | Self::ReadBalance | Self::ReadReservation { .. }
        )
    }
}

/// How it is asked, so that it can be asked again in the same words.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// The token that is sent along.
    pub bearer: Option<String>,
    /// The `Idempotency-Key`.
    pub key: Option<String>,
    /// The body.
    pub body: Option<Value>,
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With an answer: done, or refused by a rule.
    Answered {
        /// The status, below 500.
        status: u16,
        /// The body.
        body: Value,
    },
    /// Surely not done: it was never sent, or the service says so.
    NotDone(String),
    /// Perhaps done: the connection was lost, nothing came in time, or the service does not know.
    Unknown(String),
    /// The service says that it broke (500).
    Broken(String),
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it was sent.
    pub begun: Micros,
    /// When its outcome was there.
    pub ended: Micros,
    /// Which replica was asked.
    pub replica: usize,
    /// How it ended.
    pub outcome: Outcome,
}

/// A request of a client, and all attempts at it.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The user; empty for a client without an account.
    pub user: String,
    /// What.
    pub asked: Asked,
    /// In which words.
    pub request: Request,
    /// The attempts, in the order in which they ended.
    pub attempts: Vec<Attempt>,
}

/// What is known of an operation in the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate<'a> {
    /// It was answered as done.
    Done(&'a Value),
    /// It was answered as refused by a rule.
    Refused(&'a str),
    /// No attempt can have done it.
    NotDone,
    /// It may have been done.
    Unknown,
}

impl Operation {
    /// The attempts that were answered.
    pub fn answers(&self) -> impl Iterator<Item = (&Attempt, u16, &Value)> {
        self.attempts.iter().filter_map(|attempt| match &attempt.outcome {
            Outcome::Answered { status, body } => Some((attempt, *status, body)),
            _ => None,
        })
    }

    /// The answer that counts: the first success, or else the last refusal. A refusal that can
    /// pass is not kept under a key, so that a success may follow it.
    pub fn settled(&self) -> Option<(&Attempt, u16, &Value)> {
        let success = self.answers().find(|(_, status, _)| *status < 300);
        success.or_else(|| self.answers().last())
    }

    /// What is known of it. A refusal under a key says nothing of another attempt without an
    /// answer, which may have been decided after it.
    pub fn fate(&self) -> Fate<'_> {
        let lost =
            |attempt: &Attempt| matches!(attempt.outcome, Outcome::Unknown(_) | Outcome::Broken(_));
        let any_lost = self.attempts.iter().any(lost);
        match self.settled() {
            Some((_, ..300, body)) => Fate::Done(body),
            Some((_, _, body)) if self.request.key.is_none() || !any_lost => {
                Fate::Refused(code(body))
            }
            None if !any_lost => Fate::NotDone,
            _ => Fate::Unknown,
        }
    }

    /// Whether it is to be asked again: its last attempt has no answer, and it may have been done.
    pub fn is_open(&self) -> bool {
        let answered = |attempt: &Attempt| matches!(attempt.outcome, Outcome::Answered { .. });
        self.is_repeatable()
            && self.attempts.last().is_some_and(|last| !answered(last))
            && self.fate() == Fate::Unknown
    }

    /// When it was first asked: nothing of it happened earlier.
    pub fn begun(&self) -> Micros {
        self.attempts.iter().map(|attempt| attempt.begun).min().unwrap_or(Micros::MAX)
    }

    /// When the answer that counts was there: all of it had happened by then.
    pub fn answered(&self) -> Option<Micros> {
        self.settled().map(|(attempt, ..)| attempt.ended)
    }

    /// The attempt by which a client first learned that something was made (201).
    pub fn first_made(&self) -> Option<&Attempt> {
        if !self.asked.writes() {
            return None;
        }
        self.answers().find(|(_, status, _)| *status < 300).filter(|it| it.1 == 201).map(|it| it.0)
    }

    /// Whether it can be asked again without being done twice.
    pub fn is_repeatable(&self) -> bool {
        self.request.key.is_some() || self.asked.is_idempotent()
    }
}

/// The problem's code in an answer.
pub fn code(body: &Value) -> &str {
    body["code"].as_str().unwrap_or("NONE")
}

/// Everything that was asked, shared by all who ask.
#[derive(Debug, Default)]
pub struct History(Mutex<Vec<Operation>>);

impl History {
    fn operations(&self) -> MutexGuard<'_, Vec<Operation>> {
        self.0.lock()
    }

    /// Notes what is about to be asked; answers its number.
    pub fn begin(&self, user: &str, asked: Asked, request: Request) -> usize {
        let mut operations = self.operations();
        let user = user.to_owned();
        operations.push(Operation { user, asked, request, attempts: Vec::new() });
        operations.len() - 1
    }

    /// Notes how an attempt ended.
    pub fn note(&self, operation: usize, attempt: Attempt) {
        if let Some(operation) = self.operations().get_mut(operation) {
            operation.attempts.push(attempt);
        }
    }

    /// In which words something was asked.
    pub fn request(&self, operation: usize) -> Option<Request> {
        self.operations().get(operation).map(|operation| operation.request.clone())
    }

    /// Everything so far.
    pub fn copy(&self) -> Vec<Operation> {
        self.operations().clone()
    }

    /// The numbers of those that may have been done and can be asked again.
    pub fn open(&self) -> Vec<usize> {
        let operations = self.operations();
        let open = operations.iter().enumerate().filter(|(_, operation)| operation.is_open());
        open.map(|(number, _)| number).collect()
    }

    /// When a client first learned of something made by an attempt at or after an instant, of this
    /// replica if one is named. Repetitions of what was answered before do not count: a primary that
    /// was cut off still answers them.
    pub fn first_change_since(&self, since: Micros, replica: Option<usize>) -> Option<Micros> {
        let operations = self.operations();
        let made = operations.iter().filter_map(Operation::first_made).filter(|attempt| {
            attempt.begun >= since && replica.is_none_or(|replica| replica == attempt.replica)
        });
        made.map(|attempt| attempt.ended).min()
    }
}
