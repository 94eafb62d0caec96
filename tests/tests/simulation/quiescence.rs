//! Quiescence: faults cease, clocks agree, every open request is repeated, and all must be consistent.

use std::collections::BTreeMap;

use stagedoor_domain::{
    Delivery, EventId, Instant, QueueToken, QueueTokenId, Reservation, ReservationState, Room,
    Schedule, TokenState, TokenStatus, WorkingSet,
};
use time::Duration;

use crate::checks::check_deliveries;
use crate::intents::Pass;
use crate::process::{Chore, Process};
use crate::simulation::{LATE_MAX, Simulation};

/// Longer than any active time in the simulation, measured by a clock that ran ahead.
const PATIENCE: Duration = Duration::seconds(300);
/// How often waiting people poll; more often than they would be abandoned.
const POLL_EVERY: Duration = Duration::seconds(8);
/// Far more rounds than deliveries need at the end.
const DELIVERY_ROUNDS_MAX: usize = 1_000;

impl Simulation {
    pub fn reach_quiescence(&mut self) {
        self.heal();
        self.settle_the_mail();
        self.ask_all_again();
        self.check_settlement();
        self.check_history();
        self.check_lines();
        self.check_progress();
        self.check_events();
        self.check_history();
    }

    fn heal(&mut self) {
        self.shared.notes().is_faulty = false;
        for number in 0..self.processes.len() {
            // Half of them begin anew, half go on with what they know.
            let goes_on = self.processes[number].is_some() && self.random.usize(..2) == 0;
            if goes_on {
                let process = self.processes[number].as_mut().expect("it is up");
                process.disk.spare();
                process.skew = Duration::ZERO;
            } else {
                let process = Process::start(&self.shared, number, self.now, Duration::ZERO);
                self.processes[number] = Some(process);
            }
        }
        self.pass(Duration::ZERO);
    }

    /// Every request with a key and without an answer is repeated, and then has one.
    fn ask_all_again(&mut self) {
        let earliest = self.now - LATE_MAX;
        let calls = self.history.calls.iter().enumerate();
        let open = calls
            .filter(|(_, call)| call.is_keyed && call.answer.is_none())
            .filter(|(_, call)| call.asked_at > earliest);
        let open: Vec<_> = open.map(|(number, _)| number).collect();
        for call in &open {
            self.history.calls[*call].was_refused = false;
            self.send(*call);
        }
        self.settle_the_mail();
        for call in open {
            let call = &self.history.calls[call];
            let is_answered = call.answer.is_some() || call.was_refused;
            assert!(is_answered, "{:?} was asked again and not answered", call.intent);
        }
    }

    fn check_history(&self) {
        let notes = self.shared.notes();
        self.shared.model.look(|set| {
            notes.checks.check_all(set);
            self.history.check(set);
        });
    }

    /// Every ticket and hold of a cancelled schedule is settled.
    fn check_settlement(&mut self) {
        self.everywhere(Chore::Settle);
        self.shared.model.look(|set| {
            let is_cancelled = |id| set.require::<Schedule>(id).unwrap().cancelled.is_some();
            for reservation in set.all::<Reservation>() {
                let state = reservation.state;
                let is_open =
                    matches!(state, ReservationState::Held | ReservationState::Confirmed { .. });
                let is_left = is_open && is_cancelled(&reservation.schedule_id);
                assert!(!is_left, "{reservation:?} of a cancelled schedule is not settled");
            }
        });
    }

    /// All processes know the same lines once they have followed the store.
    fn check_lines(&mut self) {
        for chore in [Chore::Flush, Chore::ExpireTokens, Chore::Follow] {
            self.everywhere(chore);
        }
    }

    /// The first in each queue is admitted, or leaves, while the room admits users.
    fn check_progress(&mut self) {
        let now = self.now;
        let heads: Vec<_> = self.shared.model.look(|set| {
            let open = set.all::<Room>().filter(|room| !room.policy.paused);
            open.filter_map(|room| head(set, room, now)).collect()
        });
        let until = self.now + PATIENCE;
        while self.now < until {
            self.pass(POLL_EVERY);
            self.everyone_polls();
            for chore in [Chore::Flush, Chore::Follow, Chore::ExpireTokens, Chore::Admit] {
                let number = self.random.usize(..self.processes.len());
                assert!(self.job(number, chore), "nothing fails at the end");
            }
        }
        let waits = |id: &QueueTokenId| {
            let state =
                self.shared.model.look(|set| set.get::<QueueToken>(id).unwrap().map(|t| t.state));
            matches!(state, Some(TokenState::Waiting { .. }))
        };
        let stuck: Vec<_> = heads.iter().filter(|id| waits(id)).collect();
        assert!(stuck.is_empty(), "{stuck:?} wait for ever");
    }

    /// Every event of every history is delivered once leases and retries have had their time.
    fn check_events(&mut self) {
        self.everywhere(Chore::ExpireHolds);
        self.deliver_webhooks(0);
        for _ in 0..DELIVERY_ROUNDS_MAX {
            let Some(due_at) = self.next_delivery() else { break };
            self.pass((due_at - self.now).max(Duration::ZERO));
            let number = self.random.usize(..self.processes.len());
            self.deliver_webhooks(number);
        }
        assert_eq!(self.next_delivery(), None, "every delivery ends");
        let notes = self.shared.notes();
        self.shared.model.look(|set| {
            notes.checks.check_histories(set);
            check_deliveries(&self.receiver, set);
        });
    }

    /// When the next attempt is due, if one will be. Each subject's first open event goes first.
    fn next_delivery(&self) -> Option<Instant> {
        self.shared.model.look(|set| {
            let mut first = BTreeMap::new();
            for delivery in set.all::<Delivery>() {
                let Some(due_at) = delivery.due_at() else { continue };
                let EventId { subject_id, number } = delivery.event_id;
                let known = first.entry(subject_id).or_insert((number, due_at));
                *known = (*known).min((number, due_at));
            }
            first.into_values().map(|(_, due_at)| due_at).min()
        })
    }

    fn everywhere(&mut self, chore: Chore) {
        for number in 0..self.processes.len() {
            assert!(self.job(number, chore), "nothing fails at the end");
        }
    }

    /// Every waiting token is polled, each at the same process every time.
    fn everyone_polls(&mut self) {
        let now = self.now;
        let passes: Vec<Pass> = self.shared.model.look(|set| {
            let waits = |token: &&QueueToken| is_waiting(token, now);
            let tokens = set.all::<QueueToken>().filter(waits);
            let pass = |token: &QueueToken| Pass {
                token_id: token.id,
                room_id: token.room_id,
                sequence: token.sequence,
            };
            tokens.map(pass).collect()
        });
        for pass in passes {
            let number =
                usize::try_from(pass.sequence.unwrap_or(0)).unwrap() % self.processes.len();
            let process = self.processes[number].as_ref().expect("all are up");
            self.shown.look(process, &self.shared.model, pass);
        }
    }
}

fn is_waiting(token: &QueueToken, now: Instant) -> bool {
    matches!(token.status(now), TokenStatus::Waiting { .. })
}

fn head(set: &WorkingSet, room: &Room, now: Instant) -> Option<QueueTokenId> {
    let tokens = set.all::<QueueToken>();
    let waiting = tokens.filter(|token| token.room_id == room.id && is_waiting(token, now));
    waiting.min_by_key(|token| token.sequence).map(|token| token.id)
}
