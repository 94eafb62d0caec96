//! Webhooks: what a process does to deliver events, in the steps of the dispatcher, and the receiver at the other end.

use std::collections::BTreeMap;

use fastrand::Rng;
use stagedoor_domain::operations::{ClaimDeliveries, RecordAttempt};
use stagedoor_domain::ports::{Events, Execute, StoreError};
use stagedoor_domain::webhook::{JITTER_MAX, LEASE, NoAnswer};
use stagedoor_domain::{Delivery, Event, EventId, EventKind, Instant, Submission, WebhookId};
use time::Duration;
use uuid::Uuid;

use crate::calls::at_once;
use crate::disk::Disk;
use crate::process::Chore;
use crate::simulation::Simulation;

/// The most attempts of one webhook that a process has under way.
const ATTEMPTS_MAX: usize = 16;
/// An attempt that had no turn until so long before the end of its lease is not sent.
const SEND_TIME: Duration = Duration::seconds(20);

/// What became of an attempt at the receiver.
type Answer = (Result<u16, NoAnswer>, Option<Duration>);

/// An attempt that the store has begun.
struct Attempt {
    delivery: Delivery,
    event: Event,
    claimed_at: Instant,
}

/// What a process knows of its attempts. It is lost when the process is killed: then their leases end.
#[derive(Default)]
pub struct Attempts {
    under_way: Vec<Attempt>,
    /// Those that have ended and are not recorded yet, with when they were claimed.
    ended: Vec<(Instant, RecordAttempt)>,
}

impl Attempts {
    /// Begins attempts that are due by the clock of the process. A failure after the claim leaves the leases to end.
    pub fn claim(&mut self, disk: &Disk, clock: Instant, now: Instant) -> Result<(), StoreError> {
        let command = ClaimDeliveries { under_way: self.of_webhooks(), most: ATTEMPTS_MAX };
        let Ok(claimed) = at_once(disk.execute_one(command, clock))?;
        let ids: Vec<EventId> = claimed.iter().map(|(_, delivery)| delivery.event_id).collect();
        let events = at_once(disk.events(&ids))?.into_iter().map(|(event, _)| (event.id, event));
        let events: BTreeMap<EventId, Event> = events.collect();
        for (_, delivery) in claimed {
            let event = events.get(&delivery.event_id).copied();
            let event = event.unwrap_or_else(|| panic!("{delivery:?} is of no event"));
            self.under_way.push(Attempt { delivery, event, claimed_at: now });
        }
        Ok(())
    }

    /// How many are begun and not recorded.
    pub fn count(&self) -> usize {
        self.under_way.len() + self.ended.len()
    }

    fn of_webhooks(&self) -> BTreeMap<WebhookId, usize> {
        let under_way = self.under_way.iter().map(|attempt| attempt.delivery.webhook_id);
        let ended = self.ended.iter().map(|(_, command)| command.webhook_id);
        let mut attempts = BTreeMap::new();
        for webhook_id in under_way.chain(ended) {
            *attempts.entry(webhook_id).or_default() += 1;
        }
        attempts
    }

    /// Records what has ended, and keeps it for the next time if the store does not take it, unless its lease has ended.
    pub fn record(&mut self, disk: &Disk, clock: Instant, now: Instant) -> Result<(), StoreError> {
        self.ended.retain(|(claimed_at, _)| now < *claimed_at + LEASE);
        if self.ended.is_empty() {
            return Ok(());
        }
        let commands = self.ended.iter().map(|(_, command)| command.clone());
        let submissions: Vec<_> = commands.map(Submission::new).collect();
        at_once(disk.execute(&submissions, clock))?;
        self.ended.clear();
        Ok(())
    }
}

/// The system that gets the events, and what it was sent.
#[derive(Default)]
pub struct Receiver {
    /// What it received of each subject, in the order in which it first did.
    pub received: BTreeMap<Uuid, Vec<(i64, EventKind)>>,
    pub receipts: usize,
    /// Receipts of what it had before.
    pub repeats: usize,
}

impl Receiver {
    /// Takes an event in. What is new of a subject is later than all that it has of it.
    fn receive(&mut self, event: &Event) {
        self.receipts += 1;
        let Event { id, kind, .. } = *event;
        let known = self.received.entry(id.subject_id).or_default();
        if known.contains(&(id.number, kind)) {
            self.repeats += 1;
            return;
        }
        let is_later = known.iter().all(|(number, _)| *number < id.number);
        assert!(is_later, "{event:?} was first received after {known:?}");
        known.push((id.number, kind));
    }

    pub fn has(&self, event: &Event) -> bool {
        let known = self.received.get(&event.id.subject_id);
        known.is_some_and(|known| known.contains(&(event.id.number, event.kind)))
    }
}

impl Simulation {
    /// A process does a few of the steps of the dispatcher. What it claims is sent in a later action, if it lives.
    pub fn events_are_delivered(&mut self) {
        let Some(number) = self.some_process() else { return };
        let most = 1 + self.random.usize(..ATTEMPTS_MAX);
        self.send_webhooks(number, most, some_answer);
        if self.random.usize(..3) > 0 {
            self.record_attempts(number);
        }
        if self.random.usize(..3) > 0 {
            self.job(number, Chore::FanOut);
        }
        if self.random.usize(..3) > 0 {
            self.claim_deliveries(number);
        }
    }

    /// Sends attempts of a process that are under way.
    fn send_webhooks(
        &mut self,
        number: usize,
        most: usize,
        answer: fn(&mut Rng) -> (bool, Answer),
    ) {
        let Some(process) = &mut self.processes[number] else { return };
        let Attempts { under_way, ended } = &mut process.attempts;
        for attempt in under_way.drain(..most.min(under_way.len())) {
            let Attempt { delivery, event, claimed_at } = attempt;
            if self.now > claimed_at + LEASE - SEND_TIME {
                continue;
            }
            let (is_received, (answer, retry_after)) = answer(&mut self.random);
            if is_received {
                let mut notes = self.shared.notes();
                notes.checks.check_event(&event);
                notes.trace.note(&("received", event.id, event.kind));
                self.receiver.receive(&event);
            }
            let command = RecordAttempt {
                webhook_id: delivery.webhook_id,
                event_id: delivery.event_id,
                attempt: delivery.attempts,
                answer,
                retry_after,
                jitter: self.random.u16(0..=JITTER_MAX),
            };
            ended.push((claimed_at, command));
        }
    }

    fn record_attempts(&mut self, number: usize) -> bool {
        let Some(process) = &mut self.processes[number] else { return false };
        let clock = process.now();
        let is_done = process.attempts.record(&process.disk, clock, self.now).is_ok();
        self.bury_the_dead();
        is_done
    }

    fn claim_deliveries(&mut self, number: usize) -> bool {
        let Some(process) = &mut self.processes[number] else { return false };
        let clock = process.now();
        let is_done = process.attempts.claim(&process.disk, clock, self.now).is_ok();
        self.bury_the_dead();
        is_done
    }

    /// Has one process do all steps, with a receiver that takes everything.
    pub fn deliver_webhooks(&mut self, number: usize) {
        assert!(self.job(number, Chore::FanOut), "nothing fails at the end");
        assert!(self.claim_deliveries(number), "nothing fails at the end");
        self.send_webhooks(number, usize::MAX, |_| (true, (Ok(200), None)));
        assert!(self.record_attempts(number), "nothing fails at the end");
    }
}

/// Whether the receiver gets an event, and what the process learns of that.
fn some_answer(random: &mut Rng) -> (bool, Answer) {
    match random.usize(..8) {
        0 => (false, (Ok(500), None)),
        1 => (false, (Ok(503), Some(Duration::seconds(30)))),
        2 => (false, (Err(NoAnswer::Connection), None)),
        3 => (true, (Err(NoAnswer::Timeout), None)),
        _ => (true, (Ok(200), None)),
    }
}
