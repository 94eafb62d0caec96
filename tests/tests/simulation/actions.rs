//! The actions of a simulation: what may happen next. The seeded random generator draws each action.

mod tickets;

use stagedoor_domain::operations::{HoldRefused, SeatChoice, TermsEdit};
use stagedoor_domain::{
    Concert, Instant, Reservation, Schedule, ScheduleId, Seat, SeatStatus, Submission, Title,
    UserId, WorkingSet,
};
use time::Duration;

use crate::calls::{Answered, Asked, Kind};
use crate::history::Call;
use crate::intents::{Intent, Pass};
use crate::people::{Person, Show};
use crate::process::{Chore, Outcome, Process};
use crate::set_up;
use crate::simulation::{LATE_MAX, Simulation};

/// Only this number of the latest calls are repeated.
const RECENT_CALLS: usize = 300;
/// About how many people take part at the same time.
const PRESENT: usize = 60;

/// How long people wait for an answer before they ask for something else.
const PATIENCE: Duration = Duration::seconds(10);
/// How often waiting people poll while nothing else happens.
const POLL_EVERY: Duration = Duration::seconds(10);

type Action = fn(&mut Simulation);

/// The actions, and the weight of each.
const ACTIONS: [(usize, Action); 20] = [
    (20, Simulation::users_send_requests),
    (20, Simulation::mail_arrives),
    (20, Simulation::batches_are_committed),
    (14, Simulation::a_chore_is_done),
    (8, Simulation::events_are_delivered),
    (4, Simulation::users_poll_their_positions),
    (7, Simulation::time_passes),
    (2, Simulation::a_deadline_is_raced),
    (4, Simulation::users_repeat_requests),
    (3, Simulation::holders_use_their_tickets),
    (2, Simulation::doors_scan_tickets),
    (1, Simulation::a_key_is_forged),
    (1, Simulation::a_room_is_updated),
    (1, Simulation::staff_step_in),
    (1, Simulation::a_concert_is_edited),
    (1, Simulation::a_clock_is_stepped),
    (1, Simulation::a_clock_runs_ahead_for_a_moment),
    (1, Simulation::a_process_is_frozen),
    (1, Simulation::a_process_is_killed),
    (1, Simulation::a_process_will_be_killed),
];

impl Simulation {
    pub fn take_an_action(&mut self) {
        let all: usize = ACTIONS.iter().map(|(weight, _)| weight).sum();
        let mut drawn = self.random.usize(..all);
        for (weight, make) in ACTIONS {
            if drawn < weight {
                make(self);
                break;
            }
            drawn -= weight;
        }
        self.bury_the_dead();
        self.start_the_missing();
    }

    /// A killed process starts again some actions later, with nothing in memory.
    fn start_the_missing(&mut self) {
        for number in 0..self.processes.len() {
            if self.processes[number].is_none() && self.random.usize(..10) == 0 {
                let process = Process::start(&self.shared, number, self.now, Duration::ZERO);
                self.processes[number] = Some(process);
            }
        }
    }

    /// A random user, most often one of the newest.
    fn some_person(&mut self) -> usize {
        let all = self.people.len();
        let come = self.actions * all / self.scale.actions.max(1);
        match self.random.usize(..10) {
            0 => self.random.usize(..all),
            _ => come.saturating_sub(self.random.usize(..PRESENT)).min(all - 1),
        }
    }

    fn users_send_requests(&mut self) {
        for _ in 0..1 + self.random.usize(..50) {
            let person = self.some_person();
            if self.waits_for_an_answer(person) && self.random.usize(..8) > 0 {
                continue;
            }
            let intent = self.people[person].next(person, &self.shows, &mut self.random);
            let call = self.ask(person, intent);
            self.people[person].last_call = Some(call);
            self.send(call);
        }
    }

    fn waits_for_an_answer(&self, person: usize) -> bool {
        self.people[person].last_call.is_some_and(|call| {
            let call = &self.history.calls[call];
            call.answer.is_none() && !call.was_refused && self.now < call.asked_at + PATIENCE
        })
    }

    /// Mail arrives late, in any order, and sometimes not at all.
    fn mail_arrives(&mut self) {
        for _ in 0..1 + self.random.usize(..160) {
            if self.mail.is_empty() {
                return;
            }
            let drawn = self.random.usize(..self.mail.len());
            let (sent_at, mail) = self.mail.swap_remove(drawn);
            if self.random.usize(..30) > 0 {
                self.arrive(sent_at, mail);
            }
        }
    }

    fn batches_are_committed(&mut self) {
        let Some(number) = self.some_process() else { return };
        let queued = self.processes[number].as_ref().map(Process::queued).unwrap_or_default();
        let is_whole_round = self.random.usize(..2) == 0;
        for kind in queued {
            if is_whole_round || self.random.usize(..3) == 0 {
                let most = 1 + self.random.usize(..64);
                self.commit(number, kind, most);
            }
        }
    }

    pub fn commit(&mut self, number: usize, kind: Kind, most: usize) {
        let Some(process) = &mut self.processes[number] else { return };
        let now = process.now();
        let outcomes = process.commit(kind, most);
        self.shared.model.look(|set| check_refusals(&outcomes, set, now));
        self.send_answers(outcomes);
        self.bury_the_dead();
    }

    fn a_chore_is_done(&mut self) {
        let Some(number) = self.some_process() else { return };
        let chore = self.random.choice(&Chore::ALL).cloned().expect("one of several");
        self.job(number, chore);
    }

    fn users_poll_their_positions(&mut self) {
        let Some(number) = self.some_process() else { return };
        for _ in 0..1 + self.random.usize(..60) {
            let person = self.some_person();
            let pass = self.people[person].passes.last();
            if let (Some(process), Some(pass)) = (&self.processes[number], pass) {
                self.shown.look(process, &self.shared.model, *pass);
            }
        }
    }

    fn time_passes(&mut self) {
        let milliseconds = match self.random.usize(..10) {
            0 => self.random.usize(..20_000),
            1..=3 => 0,
            _ => self.random.usize(..800),
        };
        self.pass(Duration::milliseconds(i64::try_from(milliseconds).unwrap()));
    }

    /// A call that may be known to the service is asked again, with or without an answer to it.
    fn users_repeat_requests(&mut self) {
        for _ in 0..1 + self.random.usize(..20) {
            if let Some(call) = self.a_recent_call() {
                self.send(call);
            }
        }
    }

    fn a_recent_call(&mut self) -> Option<usize> {
        let all = self.history.calls.len();
        let number = all.checked_sub(1 + self.random.usize(..RECENT_CALLS))?;
        let call = &self.history.calls[number];
        (call.is_keyed && self.now < call.asked_at + LATE_MAX).then_some(number)
    }

    /// The key of a call whose answer is kept is used for something else.
    fn a_key_is_forged(&mut self) {
        let Some(number) = self.a_recent_call() else { return };
        let call = &self.history.calls[number];
        let is_kept = call.answer.as_ref().is_some_and(Answered::is_kept);
        if !is_kept || call.forges.is_some() {
            return;
        }
        let mut forged = Call::new(call.person, call.user_id, call.intent.clone(), self.now);
        forged.forges = Some(number);
        let forged = self.history.note(forged);
        self.send(forged);
    }

    fn a_room_is_updated(&mut self) {
        let room_id = self
            .random
            .choice(&self.shows.iter().map(|show| show.room_id).collect::<Vec<_>>())
            .cloned()
            .expect("one of several");
        let intent = Intent::UpdateControls { room_id, edit: set_up::a_policy(&mut self.random) };
        let call = self.ask(0, intent);
        self.send(call);
    }

    /// An organizer changes a date or ends a reservation, removes a token, or cancels a date or a concert near the end.
    fn staff_step_in(&mut self) {
        let person = self.some_person();
        let show = self.random.usize(..self.shows.len());
        let Show { organizer_id, concert_id, schedule_id, .. } = self.shows[show];
        let is_near_the_end = self.actions * 10 > self.scale.actions * 9;
        let known = &self.people[person];
        let reservation = known.paid.last().or(known.held.last()).copied();
        let pass = known.passes.last().copied();
        let intent = match self.random.usize(..7) {
            0 if is_near_the_end => Some(Intent::CancelSchedule { schedule_id }),
            1 if is_near_the_end => Some(Intent::CancelConcert { concert_id }),
            0 | 1 => Some(Intent::EditSchedule { schedule_id, edit: self.some_terms(schedule_id) }),
            2 => pass.map(|pass| Intent::RemoveToken { pass }),
            3 | 4 => Some(self.blocking(show)),
            5 => self.people[person].user_id.map(|holder_id| self.gift(show, holder_id)),
            _ => reservation.map(|reservation_id| Intent::CancelByStaff { reservation_id }),
        };
        if let Some(intent) = intent {
            self.send_of_staff(organizer_id, intent);
        }
    }

    /// An organizer gives a concert another title, in the version that they see now.
    fn a_concert_is_edited(&mut self) {
        let show = self.random.usize(..self.shows.len());
        let Show { organizer_id, concert_id, .. } = self.shows[show];
        let concert = self.shared.model.look(|set| set.require::<Concert>(&concert_id).cloned());
        let title = Title::parse(&format!("Evening {}", self.random.usize(..1_000))).unwrap();
        let version = concert.unwrap().version;
        self.send_of_staff(organizer_id, Intent::EditConcert { concert_id, version, title });
    }

    /// A request without a key.
    fn send_of_staff(&mut self, user_id: UserId, intent: Intent) {
        let mut call = Call::new(0, Some(user_id), intent, self.now);
        call.is_keyed = false;
        let call = self.history.note(call);
        self.send(call);
    }

    /// One or two of the seats that many want are blocked, or not any more.
    fn blocking(&mut self, show: usize) -> Intent {
        let count = 1 + self.random.usize(..2);
        let first = self.random.usize(..10);
        let Show { schedule_id, seats, .. } = &self.shows[show];
        let seats = seats[first..first + count].to_vec();
        let is_blocking = self.random.bool();
        Intent::BlockSeats { schedule_id: *schedule_id, seats, is_blocking }
    }

    /// One or two of the seats that many want are given away.
    fn gift(&mut self, show: usize, holder_id: UserId) -> Intent {
        let Intent::BlockSeats { schedule_id, seats, .. } = self.blocking(show) else {
            unreachable!("it is one of blocking")
        };
        Intent::GiveTickets { schedule_id, seats, holder_id }
    }

    /// Another deadline for cancellations, or another time of the performance.
    fn some_terms(&mut self, schedule_id: ScheduleId) -> TermsEdit {
        let moved = Duration::minutes(i64::try_from(self.random.usize(..60)).unwrap());
        let schedule = self.shared.model.look(|set| set.require::<Schedule>(&schedule_id).cloned());
        let terms = schedule.unwrap().terms();
        match self.random.usize(..3) {
            0 => TermsEdit { cancellation_closes_at: Some(None), ..TermsEdit::default() },
            1 => TermsEdit {
                cancellation_closes_at: Some(Some(terms.starts_at)),
                ..TermsEdit::default()
            },
            _ => TermsEdit {
                starts_at: Some(terms.starts_at + moved),
                ends_at: Some(terms.ends_at + moved),
                ..TermsEdit::default()
            },
        }
    }

    /// One clock goes wrong by up to a minute and a half, or right again.
    fn a_clock_is_stepped(&mut self) {
        let Some(number) = self.some_process() else { return };
        let milliseconds = match self.random.usize(..3) {
            0 => 0,
            1 => i64::try_from(self.random.usize(..1_000)).unwrap() - 500,
            _ => i64::try_from(self.random.usize(..180_000)).unwrap() - 90_000,
        };
        self.set_skew(number, Duration::milliseconds(milliseconds));
    }

    /// A clock leaps forward, a chore or two are done by it, and it is set right.
    fn a_clock_runs_ahead_for_a_moment(&mut self) {
        let Some(number) = self.some_process() else { return };
        let right = self.processes[number].as_ref().map(|process| process.skew);
        let ahead = Duration::seconds(i64::try_from(self.random.usize(..90)).unwrap());
        self.set_skew(number, right.unwrap_or_default() + ahead);
        for _ in 0..1 + self.random.usize(..2) {
            let chore = self
                .random
                .choice(&[Chore::Follow, Chore::Follow, Chore::Flush, Chore::Admit])
                .cloned()
                .expect("one of several");
            self.job(number, chore);
        }
        self.set_skew(number, right.unwrap_or_default());
    }

    fn set_skew(&mut self, number: usize, skew: Duration) {
        if let Some(process) = &mut self.processes[number] {
            process.skew = skew;
            process.set_time(self.now);
            self.report.clock_steps += 1;
        }
    }

    fn a_process_is_frozen(&mut self) {
        let number = self.random.usize(..self.processes.len());
        let until = self.actions + self.random.usize(..60);
        if let Some(process) = &mut self.processes[number] {
            process.frozen_until = until;
        }
    }

    fn a_process_is_killed(&mut self) {
        let number = self.random.usize(..self.processes.len());
        self.kill(number);
    }

    /// A process is killed in the middle of what it does, before its commit or right after it.
    fn a_process_will_be_killed(&mut self) {
        let number = self.random.usize(..self.processes.len());
        let (calls, is_done) = (self.random.usize(..6), self.random.usize(..2) == 0);
        if let Some(process) = &self.processes[number] {
            process.disk.kill_after(calls, is_done);
        }
    }

    /// Time jumps to a deadline of a hold, or to the instant before or after it, and every person who
    /// wants something of it asks the same process at that instant.
    fn a_deadline_is_raced(&mut self) {
        let Some(number) = self.some_process() else { return };
        let Some(process) = &self.processes[number] else { return };
        let (earliest, skew) = (process.now(), process.skew);
        let mut holds: Vec<Reservation> = self.shared.model.look(|set| {
            let ahead = set.all::<Reservation>().filter(|held| held.check_held(earliest).is_ok());
            ahead.cloned().collect()
        });
        if holds.is_empty() {
            return;
        }
        holds.sort_by_key(|held| held.expires_at);
        let drawn = self.random.usize(..holds.len().min(4));
        let held = holds.swap_remove(drawn);
        let tick = i64::try_from(self.random.usize(..3)).unwrap() - 1;
        let at = held.expires_at + Duration::microseconds(tick) - skew;
        if at < self.now {
            return;
        }
        self.wait_until(at);
        self.report.races += 1;
        self.race(number, &held);
    }

    /// Lets a long time pass for waiting people, who go on polling.
    fn wait_until(&mut self, at: Instant) {
        while self.now + POLL_EVERY < at {
            self.pass(POLL_EVERY);
            self.users_poll_their_positions();
            if let Some(number) = self.some_process() {
                self.job(number, Chore::Flush);
            }
        }
        self.pass(at - self.now);
    }

    fn race(&mut self, number: usize, held: &Reservation) {
        let is_owner = |person: &Person| person.user_id == Some(held.user_id);
        let Some(owner) = self.people.iter().position(is_owner) else { return };
        let pass = self.people[owner].passes.last().copied();
        let reservation_id = held.id;
        let mut intents = vec![(owner, Intent::Extend { reservation_id })];
        if self.random.usize(..2) == 0 {
            intents.push((owner, Intent::ReleaseHold { reservation_id }));
        }
        intents.extend(pass.map(|pass| (owner, Intent::Pay { pass, reservation_id })));
        let seats: Vec<_> = held.seats.iter().map(|seat| seat.id).collect();
        for _ in 0..3 {
            let rival = self.some_person();
            let pass: Option<Pass> = self.people[rival].passes.last().copied();
            let choice = SeatChoice::Ids(seats.clone());
            let schedule_id = held.schedule_id;
            intents.extend(pass.map(|pass| (rival, Intent::Hold { pass, schedule_id, choice })));
        }
        // A rival may be at a process whose clock is ahead.
        for (person, intent) in intents {
            let call = self.ask(person, intent);
            let elsewhere = self.some_process().filter(|_| person != owner);
            self.deliver(elsewhere.unwrap_or(number), call);
        }
        for _ in 0..12 {
            let number = self.some_process().unwrap_or(number);
            match self.random.usize(..6) {
                0 => self.commit(number, Kind::Pay, 64),
                1 => self.commit(number, Kind::Hold, 64),
                2 => self.commit(number, Kind::ReleaseHold, 64),
                3 => self.commit(number, Kind::Extend, 64),
                4 => drop(self.job(number, Chore::ExpireHolds)),
                _ => drop(self.job(number, Chore::ExpireTokens)),
            }
        }
    }

    /// Lets all mail arrive and everything queued be done.
    pub fn settle_the_mail(&mut self) {
        let has_queued = |process: &Process| !process.queued().is_empty();
        while !self.mail.is_empty() || self.processes.iter().flatten().any(has_queued) {
            for (sent_at, mail) in std::mem::take(&mut self.mail) {
                self.arrive(sent_at, mail);
            }
            for number in 0..self.processes.len() {
                let queued = self.processes[number].as_ref().map(Process::queued);
                for kind in queued.unwrap_or_default() {
                    self.commit(number, kind, usize::MAX);
                }
            }
        }
    }
}

/// No refusal says that seats are taken while all of them are free. An answer under a key may be an
/// old one.
fn check_refusals(outcomes: &[Outcome], set: &WorkingSet, now: Instant) {
    for (letter, outcome) in outcomes {
        let Asked::Hold(Submission { command, key: None }) = &letter.asked else { continue };
        let SeatChoice::Ids(ids) = &command.choice else { continue };
        let is_free =
            |id| set.get::<Seat>(id).unwrap().is_some_and(|s| s.status(now) == SeatStatus::Free);
        let is_refused = *outcome == Ok(Answered::Hold(Err(HoldRefused::SeatTaken.into())));
        assert!(!is_refused || !ids.iter().all(is_free), "as of {now}, {command:?} was refused");
    }
}
