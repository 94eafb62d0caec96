//! Bugs of a store, planted to see that the simulation finds each of them.

use std::collections::HashMap;

use fastrand::Rng;
use stagedoor_domain::operations::{
    Admit, CancelTicket, CheckInTicket, ClaimDeliveries, EditConcert, ExpireHolds, ExpireTokens,
    FanOutEvents, HoldSeats, JoinRoom, TransferTicket,
};
use stagedoor_domain::ports::{Execute, StoreError};
use stagedoor_domain::webhook::DeliveryState;
use stagedoor_domain::working_set::IdempotencyRecord;
use stagedoor_domain::{
    Command, Concert, Delivery, Event, ExpiryReason, Instant, LinePage, NumberRange,
    OperatorAction, Payment, PointAccount, PointEntry, QueueToken, Reservation, Room, Schedule,
    Seat, SeatState, Stored, Submission, Ticket, TicketState, TokenState, User, Verdict,
    WorkingSet,
};
use stagedoor_tests::model::Model;
use time::Duration;

use crate::calls::at_once;

/// A planted bug takes one in this number of occasions.
const ONE_IN: usize = 4;

/// What a store does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// It reads rows before it locks them, so that it decides on what another has changed since.
    ReadsBeforeItLocks,
    /// It says that all is done, and writes nothing.
    LosesWrites,
    /// It writes all but the balances.
    WritesHalf,
    /// It does not keep the answer to an idempotency key.
    LosesAnswers,
    /// It says that nothing was done although all was.
    SaysNothingWasDone,
    /// It takes seats for free that are not.
    HoldsTakenSeats,
    /// It does not see that a user has a token already.
    GivesASecondToken,
    /// It does not count those who are in.
    LetsInTooMany,
    /// It lets in those behind numbers whose tokens are not written yet.
    PassesOpenRanges,
    /// It passes over the first in the queue.
    SkipsTheHead,
    /// It ends holds and tokens before their time.
    ExpiresEarly,
    /// It does not count an edit of a concert as another version.
    KeepsTheVersion,
    /// It misses a change when it is asked what changed in a line.
    MissesChanges,
    /// It makes changes without the events that tell them.
    LosesEvents,
    /// It keeps the events of changes that it did not make.
    KeepsEventsOfFailures,
    /// It says that events are fanned out, and does not write their deliveries.
    LosesDeliveries,
    /// It begins deliveries although earlier events of their subjects are not delivered yet.
    DeliversOutOfOrder,
    /// It transfers tickets and leaves the old ones valid.
    LeavesTransferredTicketsValid,
    /// It cancels seats and leaves them in their reservations.
    KeepsCancelledSeats,
    /// It cancels seats and does not refund their prices.
    LosesRefundsOfSeats,
    /// It ends tickets without the events that tell of it.
    DoesNotTellOfTickets,
    /// It lets people in with tickets that others came in with.
    LetsTwoIn,
    /// It checks tickets in without the events that tell of it.
    DoesNotTellOfCheckIns,
}

impl Plant {
    pub const ALL: [Self; 23] = [
        Self::ReadsBeforeItLocks,
        Self::LosesWrites,
        Self::WritesHalf,
        Self::LosesAnswers,
        Self::SaysNothingWasDone,
        Self::HoldsTakenSeats,
        Self::GivesASecondToken,
        Self::LetsInTooMany,
        Self::PassesOpenRanges,
        Self::SkipsTheHead,
        Self::ExpiresEarly,
        Self::KeepsTheVersion,
        Self::MissesChanges,
        Self::LosesEvents,
        Self::KeepsEventsOfFailures,
        Self::LosesDeliveries,
        Self::DeliversOutOfOrder,
        Self::LeavesTransferredTicketsValid,
        Self::KeepsCancelledSeats,
        Self::LosesRefundsOfSeats,
        Self::DoesNotTellOfTickets,
        Self::LetsTwoIn,
        Self::DoesNotTellOfCheckIns,
    ];

    /// Does `work` with what the plant does wrong of events and their deliveries.
    fn amid_events<R>(self, name: &str, model: &Model, work: impl FnOnce() -> R) -> R {
        match self {
            Self::LosesEvents => without_new::<Event, _>(model, work),
            Self::LosesDeliveries if name == FanOutEvents::NAME => {
                without_new::<Delivery, _>(model, work)
            }
            Self::DeliversOutOfOrder if name == ClaimDeliveries::NAME => {
                let first = model.look(first_deliveries);
                let hide = |it: &Delivery| {
                    let hidden = Delivery { state: DeliveryState::Delivered, ..it.clone() };
                    first.contains(it).then_some(hidden)
                };
                disguised(model, hide, work)
            }
            _ => self.amid_tickets(name, model, work),
        }
    }

    /// Does `work` with what the plant does wrong of tickets.
    fn amid_tickets<R>(self, name: &str, model: &Model, work: impl FnOnce() -> R) -> R {
        match self {
            Self::LeavesTransferredTicketsValid if name == TransferTicket::NAME => {
                without_changes::<Ticket, _>(model, work)
            }
            Self::KeepsCancelledSeats if name == CancelTicket::NAME => {
                without_changes::<Reservation, _>(model, work)
            }
            Self::LosesRefundsOfSeats if name == CancelTicket::NAME => {
                without_changes::<PointAccount, _>(model, || {
                    without_new::<PointEntry, _>(model, work)
                })
            }
            Self::DoesNotTellOfTickets
                if [TransferTicket::NAME, CancelTicket::NAME].contains(&name) =>
            {
                without_new::<Event, _>(model, work)
            }
            Self::LetsTwoIn if name == CheckInTicket::NAME => {
                let hide = |it: &Ticket| {
                    let valid = Ticket { state: TicketState::Valid, ..it.clone() };
                    it.check_in().map(|_| valid)
                };
                disguised(model, hide, work)
            }
            Self::DoesNotTellOfCheckIns if name == CheckInTicket::NAME => {
                without_new::<Event, _>(model, work)
            }
            _ => work(),
        }
    }
}

/// A store with or without a bug in it.
pub struct Planted {
    plant: Option<Plant>,
    random: Rng,
    /// The rows as they were before the last commit.
    stale: WorkingSet,
}

impl Planted {
    pub fn new(plant: Option<Plant>, seed: u64) -> Self {
        Self { plant, random: Rng::with_seed(seed.rotate_left(32)), stale: WorkingSet::new() }
    }

    /// Carries out a batch on the model, as the bug lets it.
    pub fn execute<C: Command>(
        &mut self,
        model: &Model,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        let carry_out =
            |submissions: &[Submission<C>], now| at_once(model.execute(submissions, now));
        let Some(plant) = self.plant.filter(|_| self.random.usize(..ONE_IN) == 0) else {
            self.remember(model);
            return carry_out(submissions, now);
        };
        match plant {
            Plant::ReadsBeforeItLocks => self.on_stale_rows(model, submissions, now),
            Plant::LosesWrites => {
                let before = model.look(WorkingSet::clone);
                let verdicts = carry_out(submissions, now);
                model.replace(|_| before);
                verdicts
            }
            Plant::WritesHalf => {
                without_changes::<PointAccount, _>(model, || carry_out(submissions, now))
            }
            Plant::KeepsTheVersion if C::NAME == EditConcert::NAME => {
                let version_of = |concert: &Concert| (concert.id, concert.version);
                let before: HashMap<_, _> =
                    model.look(|set| set.all::<Concert>().map(version_of).collect());
                let verdicts = carry_out(submissions, now);
                let after = model.look(|set| set.all::<Concert>().cloned().collect::<Vec<_>>());
                let as_before =
                    |concert: Concert| Concert { version: before[&concert.id], ..concert };
                model.replace(|set| with(set, after.into_iter().map(as_before)));
                verdicts
            }
            Plant::LosesAnswers => carry_out(&without_new_keys(model, submissions), now),
            Plant::HoldsTakenSeats if C::NAME == HoldSeats::NAME => disguised(
                model,
                |seat: &Seat| Some(Seat { state: SeatState::Free, ..seat.clone() }),
                || carry_out(submissions, now),
            ),
            Plant::GivesASecondToken if C::NAME == JoinRoom::NAME => {
                disguised(model, |token| Some(gone(token)), || carry_out(submissions, now))
            }
            Plant::LetsInTooMany if C::NAME == Admit::NAME => {
                let is_in = |token: &QueueToken| matches!(token.state, TokenState::Active { .. });
                let hide = |token: &QueueToken| is_in(token).then(|| gone(token));
                disguised(model, hide, || carry_out(submissions, now))
            }
            Plant::SkipsTheHead if C::NAME == Admit::NAME => {
                let heads = model.look(heads);
                let hide = |token: &QueueToken| heads.contains(token).then(|| gone(token));
                disguised(model, hide, || carry_out(submissions, now))
            }
            Plant::PassesOpenRanges if C::NAME == Admit::NAME => {
                without_ranges(model, || carry_out(submissions, now))
            }
            Plant::ExpiresEarly if [ExpireHolds::NAME, ExpireTokens::NAME].contains(&C::NAME) => {
                carry_out(submissions, now + Duration::seconds(20))
            }
            _ => plant.amid_events(C::NAME, model, || carry_out(submissions, now)),
        }
    }

    /// Refuses to carry out a batch.
    pub fn refuse<C: Command>(
        &mut self,
        model: &Model,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        if self.plant == Some(Plant::SaysNothingWasDone) {
            at_once(model.execute(submissions, now))?;
        }
        if self.plant == Some(Plant::KeepsEventsOfFailures) {
            let tried = Model::default();
            tried.replace(|_| model.look(WorkingSet::clone));
            at_once(tried.execute(submissions, now))?;
            let told: Vec<Event> = tried.look(|after| model.look(|before| added(before, after)));
            model.replace(|set| with(set, told));
        }
        Err(StoreError::Unavailable("the connection broke".to_owned()))
    }

    /// Answers what changed in a line.
    pub fn page(&mut self, mut page: LinePage) -> LinePage {
        if self.plant == Some(Plant::MissesChanges) && self.random.usize(..ONE_IN) == 0 {
            page.changes.pop();
        }
        page
    }

    fn remember(&mut self, model: &Model) {
        if self.plant == Some(Plant::ReadsBeforeItLocks) {
            self.stale = model.look(WorkingSet::clone);
        }
    }

    fn on_stale_rows<C: Command>(
        &mut self,
        model: &Model,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        let behind = Model::default();
        behind.replace(|_| self.stale.clone());
        let verdicts = at_once(behind.execute(submissions, now));
        behind.look(|after| model.replace(|set| write_over(set, &self.stale, after)));
        verdicts
    }
}

/// A token as if it were over.
fn gone(token: &QueueToken) -> QueueToken {
    let state = TokenState::Expired { reason: ExpiryReason::Left, at: token.created_at };
    QueueToken { state, ..token.clone() }
}

/// The first in each line.
fn heads(set: &WorkingSet) -> Vec<QueueToken> {
    let rooms = set.all::<Room>();
    let head = |room: &Room| {
        let waiting = set.all::<QueueToken>().filter(|token| {
            token.room_id == room.id && matches!(token.state, TokenState::Waiting { .. })
        });
        waiting.min_by_key(|token| token.sequence).cloned()
    };
    rooms.filter_map(head).collect()
}

/// The first open delivery of each subject that has more than one, to each webhook.
fn first_deliveries(set: &WorkingSet) -> Vec<Delivery> {
    let open: Vec<&Delivery> = set.all().filter(|it: &&Delivery| it.due_at().is_some()).collect();
    let of = |it: &Delivery| (it.webhook_id, it.event_id.subject_id);
    let is_first = |it: &Delivery| {
        let others = || open.iter().filter(|other| of(other) == of(it));
        others().count() > 1 && others().all(|other| it.event_id <= other.event_id)
    };
    open.iter().filter(|it| is_first(it)).map(|it| Delivery::clone(it)).collect()
}

/// Does `work`, and takes the rows of one kind away that it made.
fn without_new<T: Stored, R>(model: &Model, work: impl FnOnce() -> R) -> R {
    let before = model.look(WorkingSet::clone);
    let done = work();
    model.replace(|mut set| {
        set.retain(|row: &T| before.get::<T>(&row.id()).unwrap().is_some());
        set
    });
    done
}

/// Does `work`, and keeps the rows of one kind as they were. It may make new ones.
fn without_changes<T: Stored + Clone, R>(model: &Model, work: impl FnOnce() -> R) -> R {
    let before: Vec<T> = model.look(|set| set.all().cloned().collect());
    let done = work();
    model.replace(|set| with(set, before));
    done
}

/// The rows of one kind that are in `after` and not in `before`.
fn added<T: Stored + Clone>(before: &WorkingSet, after: &WorkingSet) -> Vec<T> {
    let is_new = |row: &&T| before.get::<T>(&row.id()).unwrap().is_none();
    after.all::<T>().filter(is_new).cloned().collect()
}

/// Does `work` while rows look different from what they are; those that it leaves alone are
/// themselves again after it.
fn disguised<T: Stored + Clone + PartialEq, R>(
    model: &Model,
    disguise: impl Fn(&T) -> Option<T>,
    work: impl FnOnce() -> R,
) -> R {
    let rows: Vec<(T, T)> = model.look(|set| {
        let pair = |row: &T| disguise(row).map(|other| (row.clone(), other));
        set.all::<T>().filter_map(pair).collect()
    });
    model.replace(|set| with(set, rows.iter().map(|(_, other)| other.clone())));
    let done = work();
    model.replace(|set| {
        let untouched =
            rows.into_iter().filter(|(_, other)| set.get(&other.id()) == Ok(Some(other)));
        let originals: Vec<_> = untouched.map(|(row, _)| row).collect();
        with(set, originals)
    });
    done
}

/// Does `work` as if all numbers had their tokens.
fn without_ranges<R>(model: &Model, work: impl FnOnce() -> R) -> R {
    let open: Vec<_> = model.look(|set| set.all::<NumberRange>().copied().collect());
    model.replace(|mut set| {
        set.retain(|_: &NumberRange| false);
        set
    });
    let done = work();
    model.replace(|set| with(set, open));
    done
}

fn with<T: Stored>(mut set: WorkingSet, rows: impl IntoIterator<Item = T>) -> WorkingSet {
    set.load(rows);
    set
}

/// The requests, without the keys that have no answer yet.
fn without_new_keys<C: Command>(
    model: &Model,
    submissions: &[Submission<C>],
) -> Vec<Submission<C>> {
    let is_known = |submission: &Submission<C>| {
        submission.idempotency().is_some_and(|idempotency| {
            let id = (idempotency.owner, idempotency.key.clone());
            model.look(|set| set.get::<IdempotencyRecord>(&id).unwrap().is_some())
        })
    };
    let strip = |submission: &Submission<C>| match is_known(submission) {
        true => submission.clone(),
        false => Submission::new(submission.command.clone()),
    };
    submissions.iter().map(strip).collect()
}

/// Writes what changed between `before` and `after` over the rows of a set.
fn write_over(mut set: WorkingSet, before: &WorkingSet, after: &WorkingSet) -> WorkingSet {
    fn changed<T: Stored + Clone + PartialEq>(before: &WorkingSet, after: &WorkingSet) -> Vec<T> {
        let is_new = |row: &&T| before.get::<T>(&row.id()).unwrap() != Some(*row);
        after.all::<T>().filter(is_new).cloned().collect()
    }
    set.load(changed::<User>(before, after));
    set.load(changed::<Concert>(before, after));
    set.load(changed::<Schedule>(before, after));
    set.load(changed::<Seat>(before, after));
    set.load(changed::<Room>(before, after));
    set.load(changed::<QueueToken>(before, after));
    set.load(changed::<Reservation>(before, after));
    set.load(changed::<PointAccount>(before, after));
    set.load(changed::<PointEntry>(before, after));
    set.load(changed::<Payment>(before, after));
    set.load(changed::<Ticket>(before, after));
    set.load(changed::<OperatorAction>(before, after));
    set.load(changed::<IdempotencyRecord>(before, after));
    set.load(changed::<Event>(before, after));
    set.load(changed::<Delivery>(before, after));
    set
}
