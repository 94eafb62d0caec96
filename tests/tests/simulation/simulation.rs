//! A simulated sale: everything that happens in it follows from its seed.

use std::sync::Arc;

use fastrand::Rng;
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{Event, EventKind, Instant, Payment, Ticket, TicketState, WorkingSet};
use stagedoor_tests::model::Model;
use time::Duration;

use crate::deliveries::Receiver;
use crate::disk::Shared;
use crate::history::{Call, History};
use crate::intents::{Ids, Intent};
use crate::line_checks;
use crate::people::{Person, Show};
use crate::plants::Plant;
use crate::polls::Shown;
use crate::process::{Chore, Outcome, Process};
use crate::set_up;

/// How many processes share the store.
const PROCESSES: usize = 3;
/// What is on its way for longer has been given up.
pub const LATE_MAX: Duration = Duration::minutes(30);

/// How large a simulation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    pub people: usize,
    pub actions: usize,
}

/// Something on its way between the people and the processes.
pub enum Mail {
    ToProcess { process: usize, call: usize },
    ToPerson(Box<Outcome>),
}

pub struct Simulation {
    pub scale: Scale,
    pub random: Rng,
    pub ids: Ids,
    /// The true time. No process knows it.
    pub now: Instant,
    pub actions: usize,
    pub shared: Arc<Shared>,
    pub shows: Vec<Show>,
    pub people: Vec<Person>,
    pub history: History,
    pub mail: Vec<(Instant, Mail)>,
    /// Nothing in the place of those that were killed.
    pub processes: Vec<Option<Process>>,
    /// What positions the people were told.
    pub shown: Shown,
    pub receiver: Receiver,
    pub report: Report,
}

/// What happened in a simulation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub actions: usize,
    pub commits: usize,
    pub commands: usize,
    pub failures: usize,
    pub answers: usize,
    pub refusals: usize,
    pub unknown: usize,
    pub repeats: usize,
    pub kills: usize,
    pub clock_steps: usize,
    pub races: usize,
    pub sold: usize,
    /// Tickets that were transferred, those whose seats were cancelled alone, and how often both was asked again.
    pub transferred: usize,
    pub seats_cancelled: usize,
    pub ticket_repeats: usize,
    /// Check-ins, and those that were taken back.
    pub checked_in: usize,
    pub undone: usize,
    /// Events that the receiver of webhooks got, and those that it had before.
    pub received: usize,
    pub received_again: usize,
    /// Deliveries that were claimed, and not recorded when their process was killed.
    pub lost_attempts: usize,
    pub digest: u64,
}

impl Simulation {
    pub fn new(seed: u64, scale: Scale, plant: Option<Plant>) -> Self {
        let (mut random, mut ids, model) = (Rng::with_seed(seed), Ids(0), Model::default());
        let shows = set_up::open_shows(&model, &mut ids, &mut random);
        let people = set_up::people(&model, scale.people, &mut ids);
        let shared = Arc::new(Shared::new(model, seed, plant));
        let start = |number| Some(Process::start(&shared, number, set_up::START, Duration::ZERO));
        Self {
            scale,
            processes: (0..PROCESSES).map(start).collect(),
            random,
            ids,
            now: set_up::START,
            actions: 0,
            shared,
            shows,
            people,
            history: History::default(),
            mail: Vec::new(),
            shown: Shown::default(),
            receiver: Receiver::default(),
            report: Report::default(),
        }
    }

    /// Runs a simulation from its seed to its end.
    pub fn run(seed: u64, scale: Scale, plant: Option<Plant>) -> Report {
        let mut simulation = Self::new(seed, scale, plant);
        while simulation.actions < scale.actions {
            simulation.actions += 1;
            simulation.take_an_action();
        }
        simulation.reach_quiescence();
        simulation.report()
    }

    fn report(self) -> Report {
        let notes = self.shared.notes();
        let look = |count: fn(&WorkingSet) -> usize| self.shared.model.look(count);
        Report {
            actions: self.actions,
            commits: notes.commits,
            commands: notes.commands,
            failures: notes.failures,
            answers: self.history.answers,
            refusals: self.history.refusals,
            unknown: self.history.unknown,
            repeats: self.history.repeats,
            sold: look(|set| set.all::<Payment>().count()),
            transferred: look(|set| ended(set, VoidReason::Transferred)),
            seats_cancelled: look(|set| ended(set, VoidReason::SeatCancelled)),
            ticket_repeats: self.history.ticket_repeats,
            checked_in: look(|set| told(set, EventKind::TicketCheckedIn)),
            undone: look(|set| told(set, EventKind::CheckInUndone)),
            received: self.receiver.receipts,
            received_again: self.receiver.repeats,
            digest: notes.trace.digest(),
            ..self.report
        }
    }

    /// Lets time pass for all.
    pub fn pass(&mut self, time: Duration) {
        self.now += time;
        for process in self.processes.iter().flatten() {
            process.set_time(self.now);
        }
    }

    /// A process that is up and not frozen, if there is one.
    pub fn some_process(&mut self) -> Option<usize> {
        let number = self.random.usize(..self.processes.len());
        let runs = |process: &Process| process.frozen_until <= self.actions;
        self.processes[number].as_ref().is_some_and(runs).then_some(number)
    }

    /// Has a person send a new request.
    pub fn ask(&mut self, person: usize, intent: Intent) -> usize {
        let user_id = self.people[person].user_id;
        let mut call = Call::new(person, user_id, intent, self.now);
        // A request without a key is never repeated.
        // A join under a key is made in one step, any other in two.
        let unkeyed = if matches!(call.intent, Intent::Join { .. }) { 4 } else { 1 };
        call.is_keyed = self.random.usize(..8) >= unkeyed && call.intent.takes_a_key();
        self.history.note(call)
    }

    /// Sends a call to any process.
    pub fn send(&mut self, call: usize) {
        let process = self.random.usize(..self.processes.len());
        self.mail.push((self.now, Mail::ToProcess { process, call }));
    }

    /// Lets a call reach a process, whose edge makes a request of it.
    pub fn deliver(&mut self, process: usize, call: usize) {
        let Some(process) = &mut self.processes[process] else { return };
        let letter = self.history.letter(call, &mut self.ids);
        process.queue(letter);
    }

    pub fn send_answers(&mut self, outcomes: Vec<Outcome>) {
        let now = self.now;
        let answers = outcomes.into_iter().map(|outcome| Mail::ToPerson(Box::new(outcome)));
        self.mail.extend(answers.map(|answer| (now, answer)));
    }

    /// Lets a piece of mail arrive.
    pub fn arrive(&mut self, sent_at: Instant, mail: Mail) {
        if self.now > sent_at + LATE_MAX {
            return;
        }
        match mail {
            Mail::ToProcess { process, call } => self.deliver(process, call),
            Mail::ToPerson(outcome) => {
                let (letter, outcome) = *outcome;
                let shared = Arc::clone(&self.shared);
                let answered = outcome.as_ref().ok().cloned();
                shared.model.look(|set| self.history.take_in(&letter, outcome, set));
                let call = &self.history.calls[letter.call];
                if let (Some(answered), None) = (answered, call.forges) {
                    self.people[call.person].hear(&call.intent, &answered);
                }
            }
        }
    }

    /// Has a process do a chore; answers whether it could.
    pub fn job(&mut self, number: usize, chore: Chore) -> bool {
        let Some(process) = &self.processes[number] else { return false };
        let is_done = process.job(chore).is_ok() && !process.disk.is_dead();
        if is_done && chore == Chore::Follow {
            let shared = Arc::clone(&self.shared);
            shared.model.look(|set| line_checks::check(process, set));
        }
        self.bury_the_dead();
        is_done
    }

    /// Takes those away that died over a call to the store.
    pub fn bury_the_dead(&mut self) {
        for number in 0..self.processes.len() {
            if self.processes[number].as_ref().is_some_and(|process| process.disk.is_dead()) {
                self.kill(number);
            }
        }
    }

    /// Kills a process, with all that was in its memory.
    pub fn kill(&mut self, number: usize) {
        if let Some(killed) = self.processes[number].take() {
            self.report.kills += 1;
            self.report.lost_attempts += killed.attempts.count();
        }
    }
}

/// How often this was told.
fn told(set: &WorkingSet, kind: EventKind) -> usize {
    set.all::<Event>().filter(|event| event.kind == kind).count()
}

/// How many tickets ended for a reason.
fn ended(set: &WorkingSet, why: VoidReason) -> usize {
    let is_ended =
        |it: &&Ticket| matches!(it.state, TicketState::Void { reason, .. } if reason == why);
    set.all::<Ticket>().filter(is_ended).count()
}
