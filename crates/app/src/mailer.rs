//! Sending e-mail (rule 23): a loop begins the attempts that are due, sends them, and records what became of them.
//!
//! The store knows every attempt that was begun. One that is not recorded is made again when its lease has ended: each
//! e-mail is sent at least once.

mod letter;
mod letters;
#[cfg(test)]
mod tests;
mod token;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use stagedoor_domain::Submission;
use stagedoor_domain::mail::{JITTER_MAX, MailOutcome};
use stagedoor_domain::operations::{ClaimMails, ClaimedMail, RecordMail};
use stagedoor_domain::ports::{Clock, Execute, MailAnswer, NoMailAnswer, SendMail, StoreError};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::periodic_job::Runs;
use crate::unwind::caught;
pub use letters::Letters;
use token::Token;

/// The most e-mails that this process sends at once: mail servers bound the connections of a client.
const MAILS_AT_ONCE_MAX: usize = 8;
/// How long one attempt may take ([`SendMail::send`]), and so how long a stop waits for it at most.
pub const ATTEMPT_TIME_MAX: Duration = Duration::from_secs(30);
/// After this time a sender has not kept to its bound, and is not awaited any longer.
const SEND_TIME_MAX: Duration = ATTEMPT_TIME_MAX.saturating_add(Duration::from_secs(5));

/// What the mailer works with.
pub struct MailerPorts {
    /// Begins attempts.
    pub claim: Arc<dyn Execute<ClaimMails>>,
    /// Records what became of them.
    pub record: Arc<dyn Execute<RecordMail>>,
    /// Writes what is sent.
    pub letters: Letters,
    /// Sends it.
    pub sender: Arc<dyn SendMail>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// When the mailer does what.
#[derive(Clone, Copy, Debug)]
pub struct MailerTimes {
    /// How often e-mails that are due are looked for.
    pub interval: Duration,
    /// How long attempts under way are awaited at a stop; the others are made again by another process.
    pub stop_time_max: Duration,
}

/// Sends e-mail.
pub struct Mailer {
    ports: MailerPorts,
    times: MailerTimes,
}

impl Mailer {
    /// A mailer that has nothing under way.
    pub fn new(ports: MailerPorts, times: MailerTimes) -> Self {
        Self { ports, times }
    }

    /// Runs the loop until `stop`. Must be called within a tokio runtime.
    pub fn start(self, stop: CancellationToken) -> JoinHandle<()> {
        tokio::spawn(self.run(stop))
    }

    /// Sends at once and then every interval, until `stop`. Then it begins no more attempts, and waits a bounded time
    /// for those under way.
    async fn run(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(self.times.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut runs = Runs::new("mails");
        let end = async {
            stop.cancelled().await;
            tokio::time::sleep(self.times.stop_time_max).await;
        };
        tokio::pin!(end);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            tokio::select! {
                biased;
                () = runs.run(self.send_due(&stop)) => {}
                () = &mut end => {
                    tracing::warn!("attempts to send e-mails will be made again");
                    return;
                }
            }
        }
    }

    /// Sends what is due, until nothing is.
    async fn send_due(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        while !stop.is_cancelled() && self.send_some().await? == MAILS_AT_ONCE_MAX {}
        Ok(())
    }

    /// Begins as many attempts as are made at once, and records them. Answers how many there were.
    async fn send_some(&self) -> Result<usize, StoreError> {
        if !self.ports.clock.is_sure() {
            return Err(StoreError::Unavailable("the time is not sure".to_owned()));
        }
        let tokens: Result<Vec<_>, _> = (0..MAILS_AT_ONCE_MAX).map(|_| Token::random()).collect();
        let tokens = tokens.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let command = ClaimMails { digests: tokens.iter().map(Token::digest).collect() };
        let Ok(claimed) = self.ports.claim.execute_one(command, self.ports.clock.now()).await?;
        if claimed.is_empty() {
            return Ok(0);
        }
        let attempts = claimed.iter().map(|claimed| {
            let token = tokens.iter().find(|token| claimed.digest == Some(token.digest()));
            self.attempt(claimed, token)
        });
        let ended: Vec<_> = join_all(attempts).await.into_iter().map(Submission::new).collect();
        self.ports.record.execute(&ended, self.ports.clock.now()).await?;
        Ok(claimed.len())
    }

    /// Makes an attempt. It does not panic.
    async fn attempt(&self, claimed: &ClaimedMail, token: Option<&Token>) -> RecordMail {
        let (outcome, name) = match caught(self.send(claimed, token)).await {
            Ok(Some(answer)) => of_answer(answer),
            Ok(None) => (MailOutcome::Refused, "nothing_to_tell"),
            Err(_) => (MailOutcome::Postponed, "panicked"),
        };
        report(claimed, outcome, name);
        RecordMail {
            id: claimed.mail.id,
            attempt: claimed.mail.attempts,
            outcome,
            jitter: fastrand::u16(0..=JITTER_MAX),
        }
    }

    /// What the mail server answered; nothing if there is nothing to tell any more.
    async fn send(&self, claimed: &ClaimedMail, token: Option<&Token>) -> Option<MailAnswer> {
        let message = match self.ports.letters.write(claimed, token.map(Token::as_str)).await {
            Ok(message) => message?,
            Err(error) => {
                tracing::warn!(%error, "an e-mail could not be written");
                return Some(MailAnswer::None(NoMailAnswer::Connection));
            }
        };
        let sent = tokio::time::timeout(SEND_TIME_MAX, self.ports.sender.send(&message)).await;
        Some(sent.unwrap_or(MailAnswer::None(NoMailAnswer::Timeout)))
    }
}

/// What an answer means, and its name in logs and metrics.
fn of_answer(answer: MailAnswer) -> (MailOutcome, &'static str) {
    match answer {
        MailAnswer::Taken => (MailOutcome::Sent, "sent"),
        MailAnswer::Refused { .. } => (MailOutcome::Refused, "refused"),
        MailAnswer::Deferred { .. } => (MailOutcome::Postponed, "deferred"),
        MailAnswer::None(cause) => (
            MailOutcome::Postponed,
            match cause {
                NoMailAnswer::Connection => "connection",
                NoMailAnswer::Tls => "tls",
                NoMailAnswer::Credentials => "credentials",
                NoMailAnswer::Timeout => "timeout",
            },
        ),
    }
}

/// Counts an attempt and logs it, without the recipient and without what was sent.
fn report(claimed: &ClaimedMail, outcome: MailOutcome, name: &'static str) {
    metrics::counter!("stagedoor_mail_attempts_total", "outcome" => name).increment(1);
    let (user, kind, attempt) =
        (claimed.mail.user_id, claimed.mail.kind.as_str(), claimed.mail.attempts);
    match outcome {
        MailOutcome::Sent => tracing::debug!(%user, kind, attempt, "an e-mail was sent"),
        MailOutcome::Refused => {
            tracing::info!(%user, kind, attempt, outcome = name, "an e-mail is not sent");
        }
        MailOutcome::Postponed => {
            tracing::warn!(%user, kind, attempt, outcome = name, "an e-mail was not sent yet");
        }
    }
}
