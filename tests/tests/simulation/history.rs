//! Everything that was asked, and what was answered to it.

use std::collections::BTreeSet;

use stagedoor_domain::ports::StoreError;
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{
    Event, EventId, EventKind, Idempotency, Instant, OperatorAction, OperatorDeed, Payment,
    PaymentId, PointEntry, PointEntryId, PointKind, QueueToken, QueueTokenId, Reservation,
    ReservationId, Schedule, Ticket, TicketId, TicketState, User, UserId, WorkingSet,
};
use uuid::Uuid;

use crate::calls::Answered;
use crate::intents::{Ids, Intent, Letter};

/// Something asked once or more, always with the same key if it has one.
pub struct Call {
    pub person: usize,
    pub user_id: Option<UserId>,
    pub intent: Intent,
    pub is_keyed: bool,
    /// The call whose key this one uses for something else.
    pub forges: Option<usize>,
    pub asked_at: Instant,
    /// The answer, if it is the one that every repetition gets.
    pub answer: Option<Answered>,
    /// Whether it was refused for a cause that can pass, so that it may be done later.
    pub was_refused: bool,
    /// Whether an answer was lost, so that only asking again tells it.
    pub is_unknown: bool,
    /// The ids that its requests carried, each of a row that it would make.
    ids: BTreeSet<Uuid>,
}

#[derive(Default)]
pub struct History {
    pub calls: Vec<Call>,
    pub answers: usize,
    pub refusals: usize,
    pub repeats: usize,
    /// Of those, the ones about a ticket that was transferred or checked in, or whose seat was cancelled.
    pub ticket_repeats: usize,
    pub unknown: usize,
}

impl Call {
    pub fn new(person: usize, user_id: Option<UserId>, intent: Intent, asked_at: Instant) -> Self {
        Self {
            person,
            user_id,
            intent,
            is_keyed: true,
            forges: None,
            asked_at,
            answer: None,
            was_refused: false,
            is_unknown: false,
            ids: BTreeSet::new(),
        }
    }

    fn idempotency(&self, number: usize) -> Option<Idempotency> {
        let fingerprint = if self.forges.is_some() { "forged" } else { "sound" };
        self.is_keyed.then(|| Idempotency {
            owner: self.user_id.unwrap_or(UserId::NONE),
            key: format!("key-{}", self.forges.unwrap_or(number)),
            fingerprint: fingerprint.to_owned(),
        })
    }
}

impl History {
    /// Notes a call and answers its number.
    pub fn note(&mut self, call: Call) -> usize {
        self.calls.push(call);
        self.calls.len() - 1
    }

    /// The request of a call as it reaches a process at an instant.
    pub fn letter(&mut self, number: usize, ids: &mut Ids) -> Letter {
        let call = &mut self.calls[number];
        let user_id = call.user_id.unwrap_or(UserId::NONE);
        let idempotency = call.idempotency(number);
        let (asked, makes) = call.intent.request(user_id, idempotency, ids);
        call.ids.extend(makes);
        Letter { call: number, asked, makes }
    }

    /// Takes in what a request came to, and checks that it is true.
    pub fn take_in(
        &mut self,
        letter: &Letter,
        outcome: Result<Answered, StoreError>,
        set: &WorkingSet,
    ) {
        let call = &mut self.calls[letter.call];
        match outcome {
            Ok(answered) => {
                self.answers += 1;
                self.refusals += usize::from(answered.is_refusal());
                if call.is_keyed && !answered.is_kept() {
                    // Another request of the call may have been done by now, or may be later.
                    let made = letter.makes.filter(|id| exists(*id, &call.intent, set));
                    assert_eq!(made, None, "what was refused made nothing");
                    call.was_refused = true;
                    return;
                }
                if let Some(first) = &call.answer {
                    self.repeats += 1;
                    self.ticket_repeats += usize::from(is_done_to_ticket(first));
                    assert_eq!(*first, answered, "a repetition gets the answer that is kept");
                }
                let is_refused_key = answered.is_key_reused();
                assert_eq!(is_refused_key, call.forges.is_some(), "{answered:?}");
                check_made(call, &answered, set);
                check_told(&answered, set);
                call.answer = Some(answered);
            }
            Err(StoreError::Unavailable(_) | StoreError::Overtaken(_)) => {
                let made = letter.makes.filter(|id| exists(*id, &call.intent, set));
                assert_eq!(made, None, "what failed cleanly left nothing");
            }
            Err(StoreError::OutcomeUnknown(_)) => {
                self.unknown += 1;
                call.is_unknown = true;
            }
            Err(StoreError::Corrupt(cause)) => panic!("{cause}"),
        }
    }

    /// Checks every call against the rows: each was done at most once, as it was answered, and
    /// nothing was done without a request.
    pub fn check(&self, set: &WorkingSet) {
        let mut made = BTreeSet::new();
        for call in &self.calls {
            match &call.answer {
                Some(answered) => check_made(call, answered, set),
                None => assert!(rows_of(call, set).len() <= 1, "{:?} twice", call.intent),
            }
            made.extend(rows_of(call, set));
        }
        let of_payment =
            |entry: &&PointEntry| entry.kind == PointKind::Use && entry.payment_id.is_some();
        let by_staff =
            |entry: &&PointEntry| !made.contains(&entry.id.0) && is_refunded_by_staff(entry, set);
        let rows = set.all::<QueueToken>().count()
            + set.all::<Reservation>().filter(|it| !it.is_complimentary()).count()
            + set.all::<PointEntry>().filter(|it| !of_payment(it) && !by_staff(it)).count()
            + set.all::<Payment>().count()
            + set.all::<Ticket>().filter(is_transferred).count();
        let asked =
            made.iter().filter(|id| set.get::<User>(&UserId(**id)).unwrap().is_none()).count();
        assert_eq!(rows, asked, "each row was requested");
        self.check_passwords();
    }

    /// Each password was replaced at most once.
    fn check_passwords(&self) {
        let mut replaced = BTreeSet::new();
        for call in &self.calls {
            if let Intent::ChangePassword { checked_hash, .. } = &call.intent
                && let Some(Answered::ChangePassword(Ok(_))) = &call.answer
            {
                assert!(replaced.insert((call.user_id, checked_hash)), "{checked_hash} twice");
            }
        }
    }
}

/// Whether an entry refunds a reservation that staff cancelled, by itself or with its date.
fn is_refunded_by_staff(entry: &PointEntry, set: &WorkingSet) -> bool {
    let Some(payment_id) = entry.payment_id.filter(|_| entry.kind == PointKind::Refund) else {
        return false;
    };
    let id = set.require::<Payment>(&payment_id).unwrap().reservation_id;
    let schedule_id = set.require::<Reservation>(&id).unwrap().schedule_id;
    let is_cancelled = set.require::<Schedule>(&schedule_id).unwrap().cancelled.is_some();
    let ends_it = |action: &OperatorAction| match action.deed {
        OperatorDeed::ReservationCancelled { reservation_id, .. } => reservation_id == id,
        _ => false,
    };
    is_cancelled || set.all::<OperatorAction>().any(ends_it)
}

fn check_made(call: &Call, answered: &Answered, set: &WorkingSet) {
    let rows = rows_of(call, set);
    if let Answered::TransferTicket(Ok(old)) = answered {
        // The answer is the old ticket. It does not name the new one, which is one of those asked for.
        let [new] = rows[..] else { panic!("{:?} made {rows:?}", call.intent) };
        let new = set.require::<Ticket>(&TicketId(new)).unwrap();
        let seat = |ticket: &Ticket| (ticket.reservation_id, ticket.seat_id);
        assert_eq!((seat(new), new.issued_at), (seat(old), ended_at(old)), "{new:?} for {old:?}");
        return;
    }
    let expected: Vec<_> = answered.made().into_iter().collect();
    assert_eq!(rows, expected, "what {:?} made", call.intent);
}

/// A check-in that is answered, and one that is taken back, was told.
fn check_told(answered: &Answered, set: &WorkingSet) {
    let (ticket, kind) = match answered {
        Answered::CheckIn(Ok(ticket)) => (ticket, EventKind::TicketCheckedIn),
        Answered::UndoCheckIn(Ok(ticket)) => (ticket, EventKind::CheckInUndone),
        _ => return,
    };
    let event = set.require::<Event>(&EventId::new(ticket.id.0, ticket.version));
    assert_eq!(event.map(|event| event.kind), Ok(kind), "{ticket:?}");
}

/// When a ticket was transferred, whose answer says so.
fn ended_at(ticket: &Ticket) -> Instant {
    match ticket.state {
        TicketState::Void { at, reason: VoidReason::Transferred } => at,
        _ => panic!("{ticket:?} was answered to its transfer"),
    }
}

/// Whether another ticket was issued in the place of this one.
fn is_transferred(ticket: &&Ticket) -> bool {
    matches!(ticket.state, TicketState::Void { reason: VoidReason::Transferred, .. })
}

fn is_done_to_ticket(answered: &Answered) -> bool {
    matches!(
        answered,
        Answered::TransferTicket(Ok(_)) | Answered::CancelTicket(Ok(_)) | Answered::CheckIn(Ok(_))
    )
}

/// The rows there are of those that a call would make.
fn rows_of(call: &Call, set: &WorkingSet) -> Vec<Uuid> {
    call.ids.iter().copied().filter(|id| exists(*id, &call.intent, set)).collect()
}

fn exists(id: Uuid, intent: &Intent, set: &WorkingSet) -> bool {
    match intent {
        Intent::SignUp { .. } => set.get::<User>(&UserId(id)).unwrap().is_some(),
        Intent::Join { .. } => set.get::<QueueToken>(&QueueTokenId(id)).unwrap().is_some(),
        Intent::Hold { .. } => set.get::<Reservation>(&ReservationId(id)).unwrap().is_some(),
        Intent::Pay { .. } => set.get::<Payment>(&PaymentId(id)).unwrap().is_some(),
        Intent::TransferTicket { .. } => set.get::<Ticket>(&TicketId(id)).unwrap().is_some(),
        Intent::Points { .. } | Intent::Cancel { .. } | Intent::CancelTicket { .. } => {
            set.get::<PointEntry>(&PointEntryId(id)).unwrap().is_some()
        }
        Intent::Rename { .. }
        | Intent::ChangePassword { .. }
        | Intent::Leave { .. }
        | Intent::ReleaseHold { .. }
        | Intent::Extend { .. }
        | Intent::UpdateControls { .. }
        | Intent::EditSchedule { .. }
        | Intent::CancelSchedule { .. }
        | Intent::EditConcert { .. }
        | Intent::CancelConcert { .. }
        | Intent::CancelByStaff { .. }
        | Intent::BlockSeats { .. }
        | Intent::GiveTickets { .. }
        | Intent::CheckIn { .. }
        | Intent::UndoCheckIn { .. }
        | Intent::RemoveToken { .. } => false,
    }
}
