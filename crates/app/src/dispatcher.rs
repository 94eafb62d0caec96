//! Delivering events to webhooks (rule 21): a loop has new events fanned out, begins the attempts that are due, sends
//! them, and records what became of them.
//!
//! Each attempt is a task of its own, so that a slow receiver holds up no other. The store knows every attempt that was
//! begun. One that is not recorded is made again when its lease has ended: a receiver gets each event at least once.

mod attempt;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use stagedoor_domain::operations::{ClaimDeliveries, FanOutEvents, RecordAttempt};
use stagedoor_domain::ports::{Clock, Events, Execute, SendWebhook, StoreError, Subject};
use stagedoor_domain::webhook::LEASE;
use stagedoor_domain::{Event, EventId, Submission, WebhookId};
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::{Instant as Tick, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::periodic_job::Runs;
use attempt::{Attempt, Ended, Sending};

/// The most attempts of one webhook that this process has under way.
const ATTEMPTS_PER_WEBHOOK_MAX: usize = 8;
/// With this number of attempts under way the process begins no more. One claim can exceed it.
const ATTEMPTS_MAX: usize = 64;
/// The most attempts that one transaction records.
const RECORDS_MAX: usize = 256;
/// How long one attempt may take ([`SendWebhook::send`]), and so how long a stop waits for it at most.
pub const ATTEMPT_TIME_MAX: Duration = Duration::from_secs(10);

/// Writes what is sent: JSON.
pub type WebhookBody = Arc<dyn Fn(&Event, &Subject) -> String + Send + Sync>;

/// What the dispatcher works with.
pub struct DispatcherPorts {
    /// Makes deliveries of new events.
    pub fan_out: Arc<dyn Execute<FanOutEvents>>,
    /// Begins attempts.
    pub claim: Arc<dyn Execute<ClaimDeliveries>>,
    /// Records what became of them.
    pub record: Arc<dyn Execute<RecordAttempt>>,
    /// Reads what is told.
    pub events: Arc<dyn Events>,
    /// Sends it.
    pub sender: Arc<dyn SendWebhook>,
    /// Writes it as text.
    pub body: WebhookBody,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// When the dispatcher does what.
#[derive(Clone, Copy, Debug)]
pub struct DispatcherTimes {
    /// How often new events, and deliveries that are due, are looked for.
    pub interval: Duration,
    /// Whether users are told of events by e-mail.
    pub mails: bool,
    /// How long attempts under way are awaited at a stop; the others are made again by another process.
    pub stop_time_max: Duration,
}

/// Delivers events to webhooks.
pub struct Dispatcher {
    ports: DispatcherPorts,
    times: DispatcherTimes,
    sending: Arc<Sending>,
    attempts: JoinSet<Ended>,
    under_way: BTreeMap<Id, WebhookId>,
    /// Attempts that have ended and are not recorded yet.
    ended: Vec<Unrecorded>,
    /// Whether the last fan-out took as many events as one transaction may.
    has_more_events: bool,
}

struct Unrecorded {
    command: RecordAttempt,
    claimed_at: Tick,
}

impl Dispatcher {
    /// A dispatcher that has nothing under way.
    pub fn new(ports: DispatcherPorts, times: DispatcherTimes) -> Self {
        let sending = Sending::new(
            Arc::clone(&ports.sender),
            Arc::clone(&ports.body),
            Arc::clone(&ports.clock),
            ATTEMPTS_MAX,
        );
        Self {
            ports,
            times,
            sending: Arc::new(sending),
            attempts: JoinSet::new(),
            under_way: BTreeMap::new(),
            ended: Vec::new(),
            has_more_events: false,
        }
    }

    /// Runs the loop until `stop`. Must be called within a tokio runtime.
    pub fn start(self, stop: CancellationToken) -> JoinHandle<()> {
        tokio::spawn(self.run(stop))
    }

    /// Delivers at once and then every interval, and whenever attempts have ended, until `stop`. Then it begins no
    /// more attempts, and waits for those under way.
    async fn run(mut self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(self.times.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut runs = Runs::new("webhooks");
        while let Some(is_due) = self.awaken(&mut ticks, &stop).await {
            runs.run(self.deliver(is_due)).await;
        }
        self.finish(&mut runs).await;
    }

    /// Waits until there may be something to do; answers whether new events are to be looked for, and nothing at a
    /// stop. Ticks go first, so that attempts which end all the time do not hold up new events.
    async fn awaken(&mut self, ticks: &mut Interval, stop: &CancellationToken) -> Option<bool> {
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            _ = ticks.tick() => Some(true),
            () = std::future::ready(()), if self.has_more_events => Some(true),
            Some(ended) = self.attempts.join_next_with_id() => {
                self.note(ended);
                Some(false)
            }
        }
    }

    /// Each step is tried even if one before it failed: an event that cannot be fanned out holds up no delivery.
    async fn deliver(&mut self, is_due: bool) -> Result<(), StoreError> {
        self.gather();
        if !self.ports.clock.is_sure() {
            self.has_more_events = false;
            return Err(StoreError::Unavailable("the time is not sure".to_owned()));
        }
        let recorded = self.record().await;
        let fanned_out = if is_due { self.fan_out().await } else { Ok(()) };
        let claimed = self.claim().await;
        recorded.and(fanned_out).and(claimed)
    }

    async fn fan_out(&mut self) -> Result<(), StoreError> {
        self.has_more_events = false;
        let now = self.ports.clock.now();
        let Ok(events) =
            self.ports.fan_out.execute_one(FanOutEvents { mails: self.times.mails }, now).await?;
        self.has_more_events = events >= FanOutEvents::EVENTS_MAX;
        Ok(())
    }

    /// Begins the attempts that are due, as long as few enough are under way.
    async fn claim(&mut self) -> Result<(), StoreError> {
        if self.under_way.len() + self.ended.len() >= ATTEMPTS_MAX {
            return Ok(());
        }
        let command = ClaimDeliveries {
            under_way: self.attempts_of_webhooks(),
            most: ATTEMPTS_PER_WEBHOOK_MAX,
        };
        let claimed_at = Tick::now();
        let Ok(claimed) = self.ports.claim.execute_one(command, self.ports.clock.now()).await?;
        if claimed.is_empty() {
            return Ok(());
        }
        let ids: BTreeSet<EventId> = claimed.iter().map(|(_, it)| it.event_id).collect();
        let events = self.ports.events.events(&Vec::from_iter(ids)).await?;
        let events = events.into_iter().map(|told| (told.0.id, Arc::new(told)));
        let events: BTreeMap<EventId, Arc<(Event, Subject)>> = events.collect();
        for (webhook, delivery) in claimed {
            let told = events.get(&delivery.event_id).cloned();
            self.begin(Attempt { webhook, delivery, told, claimed_at });
        }
        Ok(())
    }

    /// How many attempts each webhook has that are begun and not recorded.
    fn attempts_of_webhooks(&self) -> BTreeMap<WebhookId, usize> {
        let mut attempts = BTreeMap::new();
        let ended = self.ended.iter().map(|it| it.command.webhook_id);
        for webhook_id in self.under_way.values().copied().chain(ended) {
            *attempts.entry(webhook_id).or_default() += 1;
        }
        attempts
    }

    fn begin(&mut self, attempt: Attempt) {
        let webhook_id = attempt.webhook.id;
        let sending = Arc::clone(&self.sending);
        let task = self.attempts.spawn(async move { sending.make(attempt).await });
        self.under_way.insert(task.id(), webhook_id);
    }

    /// Takes what has ended, without waiting.
    fn gather(&mut self) {
        while let Some(ended) = self.attempts.try_join_next_with_id() {
            self.note(ended);
        }
    }

    fn note(&mut self, ended: Result<(Id, Ended), JoinError>) {
        let (id, ended) = match ended {
            Ok((id, ended)) => (id, Some(ended)),
            Err(error) => {
                tracing::error!(%error, "an attempt of a webhook broke off");
                (error.id(), None)
            }
        };
        self.under_way.remove(&id);
        let Some(ended) = ended else { return };
        ended.report();
        let claimed_at = ended.attempt.claimed_at;
        let unrecorded = ended.command().map(|command| Unrecorded { command, claimed_at });
        self.ended.extend(unrecorded);
    }

    /// Records the attempts that have ended. Those that the store does not take are kept for the next run, until
    /// their lease has ended and another process may have taken them over.
    async fn record(&mut self) -> Result<(), StoreError> {
        self.ended.retain(|it| it.claimed_at.elapsed() < LEASE.unsigned_abs());
        while !self.ended.is_empty() {
            let asked = self.ended.len().min(RECORDS_MAX);
            let commands = self.ended[..asked].iter().map(|it| it.command.clone());
            let submissions: Vec<_> = commands.map(Submission::new).collect();
            let now = self.ports.clock.now();
            let answered = self.ports.record.execute(&submissions, now).await?.len();
            if answered != asked {
                let told = format!("{asked} attempts got {answered} verdicts");
                return Err(StoreError::Corrupt(told));
            }
            self.ended.drain(..asked);
        }
        Ok(())
    }

    /// Waits for the attempts that were begun, and records them.
    async fn finish(mut self, runs: &mut Runs) {
        self.sending.close();
        let deadline = Tick::now() + self.times.stop_time_max;
        while Tick::now() < deadline {
            let ended = tokio::time::timeout_at(deadline, self.attempts.join_next_with_id());
            let Ok(Some(ended)) = ended.await else { break };
            self.note(ended);
            self.gather();
            runs.run(self.record()).await;
        }
        self.gather();
        if !self.ended.is_empty() {
            runs.run(self.record()).await;
        }
        let (under_way, unrecorded) = (self.under_way.len(), self.ended.len());
        if under_way + unrecorded > 0 {
            tracing::warn!(under_way, unrecorded, "attempts of webhooks will be made again");
        }
    }
}
