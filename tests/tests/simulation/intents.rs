//! What a person means by a request. A repetition of it means the same, but reaches the service as
//! a new request does: with new ids, at another instant.

use stagedoor_domain::concert::DetailsEdit;
use stagedoor_domain::operations::{
    BlockSeats, CancelByStaff, CancelConcert, CancelReservation, CancelSchedule, CancelTicket,
    ChangeName, ChangePassword, ChangePoints, ChangePolicy, CheckInTicket, CreateUser, EditConcert,
    EditSchedule, ExtendHold, GiveTickets, HoldSeats, JoinRoom, LeaveRoom, NamedSeats, Pay,
    PointChange, PolicyEdit, ReleaseHold, RemoveToken, SeatBlocking, SeatChoice, TermsEdit,
    TransferTicket, UndoCheckIn,
};
use stagedoor_domain::reservation::SEATS_PER_RESERVATION_MAX;
use stagedoor_domain::{
    BookingPolicy, ConcertId, DoorName, Email, ExpectedVersion, Idempotency, Instant, NewTicket,
    NewTickets, OperatorActionId, PaymentId, PersonName, PointEntryId, Points, QueueTokenId,
    Reason, ReservationId, Role, RoomId, ScheduleId, SeatId, Submission, TicketId, TicketNumber,
    Title, UserId,
};
use time::Duration;
use uuid::Uuid;

use crate::calls::{Answered, Asked};

/// How long seats are held.
pub const HOLD_TIME: Duration = Duration::seconds(120);
/// How long after its deadline a hold can be paid.
pub const GRACE: Duration = Duration::seconds(10);
const POLICY: BookingPolicy = BookingPolicy {
    hold_time: HOLD_TIME,
    extension_time: Duration::seconds(60),
    late_payment_time: GRACE,
    holds_max: 2,
    needs_verified_email: false,
};

/// The hash of the password that every person signs up with.
pub const PASSWORD: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA";

/// The check digit of a multiple of it is 0.
const CHECK_MODULUS: u64 = 37;

/// Ids that no other run of the simulation shares, in the order in which they are asked for.
pub struct Ids(pub u128);

impl Ids {
    pub fn fresh(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_0000 + self.0)
    }

    /// What a ticket gets. The check digit of its number is always 0.
    fn fresh_ticket(&mut self) -> NewTicket {
        let id = TicketId(self.fresh());
        let serial = u64::try_from(self.0).unwrap();
        let number = TicketNumber::of_bits(CHECK_MODULUS * serial).expect("a sound number");
        NewTicket { id, number }
    }

    fn fresh_tickets(&mut self) -> NewTickets {
        [(); SEATS_PER_RESERVATION_MAX].map(|()| self.fresh_ticket())
    }
}

/// A queue token as its holder knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    pub token_id: QueueTokenId,
    pub room_id: RoomId,
    pub sequence: Option<i64>,
}

#[derive(Clone, Debug)]
pub enum Intent {
    SignUp { number: usize },
    Rename { name: PersonName },
    ChangePassword { checked_hash: String, new_hash: String },
    Join { room_id: RoomId },
    Leave { pass: Pass },
    Hold { pass: Pass, schedule_id: ScheduleId, choice: SeatChoice },
    ReleaseHold { reservation_id: ReservationId },
    Extend { reservation_id: ReservationId },
    Cancel { reservation_id: ReservationId },
    TransferTicket { ticket_id: TicketId, recipient_id: Option<UserId> },
    CancelTicket { ticket_id: TicketId },
    CheckIn { schedule_id: ScheduleId, ticket_id: TicketId, door: DoorName, scanned_at: Instant },
    UndoCheckIn { ticket_id: TicketId },
    Pay { pass: Pass, reservation_id: ReservationId },
    Points { change: PointChange, amount: Points },
    UpdateControls { room_id: RoomId, edit: PolicyEdit },
    EditSchedule { schedule_id: ScheduleId, edit: TermsEdit },
    CancelSchedule { schedule_id: ScheduleId },
    EditConcert { concert_id: ConcertId, version: i64, title: Title },
    CancelConcert { concert_id: ConcertId },
    CancelByStaff { reservation_id: ReservationId },
    RemoveToken { pass: Pass },
    BlockSeats { schedule_id: ScheduleId, seats: Vec<SeatId>, is_blocking: bool },
    GiveTickets { schedule_id: ScheduleId, seats: Vec<SeatId>, holder_id: UserId },
}

/// A request as it reaches a process, and the id of the row that it makes if it is done.
#[derive(Clone, Debug)]
pub struct Letter {
    pub call: usize,
    pub asked: Asked,
    pub makes: Option<Uuid>,
}

impl Intent {
    /// Whether its command takes an idempotency key.
    pub fn takes_a_key(&self) -> bool {
        match self {
            Self::Rename { .. }
            | Self::ChangePassword { .. }
            | Self::Leave { .. }
            | Self::ReleaseHold { .. }
            | Self::UpdateControls { .. }
            | Self::EditSchedule { .. }
            | Self::CancelSchedule { .. }
            | Self::EditConcert { .. }
            | Self::CancelConcert { .. }
            | Self::CancelByStaff { .. }
            | Self::BlockSeats { .. }
            | Self::GiveTickets { .. }
            | Self::UndoCheckIn { .. }
            | Self::RemoveToken { .. } => false,
            Self::SignUp { .. }
            | Self::Join { .. }
            | Self::Hold { .. }
            | Self::Extend { .. }
            | Self::Cancel { .. }
            | Self::TransferTicket { .. }
            | Self::CancelTicket { .. }
            | Self::CheckIn { .. }
            | Self::Pay { .. }
            | Self::Points { .. } => true,
        }
    }

    /// The request that the edge of the service makes of it.
    pub fn request(
        &self,
        user_id: UserId,
        key: Option<Idempotency>,
        ids: &mut Ids,
    ) -> (Asked, Option<Uuid>) {
        let id = ids.fresh();
        macro_rules! asked {
            ($kind:ident, $command:expr) => {
                Asked::$kind(Submission { command: $command, key })
            };
        }
        match self.clone() {
            Self::SignUp { number } => (asked!(SignUp, sign_up(UserId(id), number)), Some(id)),
            Self::Rename { name } => {
                (Asked::Rename(Submission::new(ChangeName { user_id, name })), None)
            }
            Self::ChangePassword { checked_hash, new_hash } => {
                let command = ChangePassword { user_id, checked_hash, new_hash };
                (Asked::ChangePassword(Submission::new(command)), None)
            }
            Self::Join { room_id } => {
                let token_id = QueueTokenId(id);
                (asked!(Join, JoinRoom { token_id, room_id, user_id }), Some(id))
            }
            Self::Leave { pass: Pass { token_id, room_id, .. } } => {
                (Asked::Leave(Submission::new(LeaveRoom { token_id, room_id })), None)
            }
            Self::Hold { pass, schedule_id, choice } => {
                let command = hold(ReservationId(id), user_id, pass, schedule_id, choice);
                (asked!(Hold, command), Some(id))
            }
            Self::ReleaseHold { reservation_id } => {
                (Asked::ReleaseHold(Submission::new(ReleaseHold { reservation_id, user_id })), None)
            }
            Self::Pay { pass, reservation_id } => {
                let entry_id = PointEntryId(ids.fresh());
                let made = (PaymentId(id), entry_id, ids.fresh_tickets());
                (asked!(Pay, pay(made, user_id, pass, reservation_id)), Some(id))
            }
            Self::Extend { reservation_id } => {
                (asked!(Extend, ExtendHold { reservation_id, user_id }), None)
            }
            Self::Cancel { reservation_id } => {
                let entry_id = PointEntryId(id);
                let command = CancelReservation { entry_id, reservation_id, user_id };
                (asked!(Cancel, command), Some(id))
            }
            Self::TransferTicket { .. }
            | Self::CancelTicket { .. }
            | Self::CheckIn { .. }
            | Self::UndoCheckIn { .. } => self.request_about_ticket(id, user_id, key, ids),
            Self::Points { change, amount } => {
                let entry_id = PointEntryId(id);
                (asked!(Points, ChangePoints { entry_id, user_id, change, amount }), Some(id))
            }
            Self::UpdateControls { .. }
            | Self::EditSchedule { .. }
            | Self::CancelSchedule { .. }
            | Self::EditConcert { .. }
            | Self::CancelConcert { .. }
            | Self::CancelByStaff { .. }
            | Self::BlockSeats { .. }
            | Self::GiveTickets { .. }
            | Self::RemoveToken { .. } => (self.request_of_staff(id, user_id, ids), None),
        }
    }

    /// The request of a ticket's holder, or of the door.
    fn request_about_ticket(
        &self,
        id: Uuid,
        user_id: UserId,
        key: Option<Idempotency>,
        ids: &mut Ids,
    ) -> (Asked, Option<Uuid>) {
        match self.clone() {
            Self::TransferTicket { ticket_id, recipient_id } => {
                let (holder_id, new) = (user_id, ids.fresh_ticket());
                let command = TransferTicket { ticket_id, holder_id, recipient_id, new };
                (Asked::TransferTicket(Submission { command, key }), Some(new.id.0))
            }
            Self::CancelTicket { ticket_id } => {
                let entry_id = PointEntryId(id);
                let command = CancelTicket { entry_id, ticket_id, user_id };
                (Asked::CancelTicket(Submission { command, key }), Some(id))
            }
            Self::CheckIn { schedule_id, ticket_id, door, scanned_at } => {
                let ticket_id = Some(ticket_id);
                let command = CheckInTicket { user_id, schedule_id, ticket_id, door, scanned_at };
                (Asked::CheckIn(Submission { command, key }), None)
            }
            Self::UndoCheckIn { ticket_id } => {
                let (action_id, reason) = (OperatorActionId(id), reason());
                let command = UndoCheckIn { action_id, user_id, ticket_id, reason };
                (Asked::UndoCheckIn(Submission::new(command)), None)
            }
            _ => unreachable!("no other intent is about a ticket"),
        }
    }

    /// The request of an organizer or an operator.
    fn request_of_staff(&self, id: Uuid, user_id: UserId, ids: &mut Ids) -> Asked {
        match self.clone() {
            Self::UpdateControls { room_id, edit } => {
                let command = change_policy(OperatorActionId(id), user_id, room_id, edit);
                Asked::UpdateControls(Submission::new(command))
            }
            Self::EditSchedule { schedule_id, edit } => {
                let (action_id, editor_id) = (OperatorActionId(id), user_id);
                let expected = ExpectedVersion::Any;
                let command = EditSchedule { action_id, schedule_id, editor_id, expected, edit };
                Asked::EditSchedule(Submission::new(command))
            }
            Self::CancelSchedule { schedule_id } => {
                let (action_id, manager_id, reason) = (OperatorActionId(id), user_id, reason());
                let command = CancelSchedule { action_id, schedule_id, manager_id, reason };
                Asked::CancelSchedule(Submission::new(command))
            }
            Self::EditConcert { concert_id, version, title } => {
                let edit = DetailsEdit { title: Some(title), ..DetailsEdit::default() };
                let (organizer_id, expected) = (user_id, ExpectedVersion::OneOf(vec![version]));
                let command = EditConcert { concert_id, organizer_id, edit, expected };
                Asked::EditConcert(Submission::new(command))
            }
            Self::CancelConcert { concert_id } => Asked::CancelConcert(Submission::new(
                cancel_concert(OperatorActionId(id), user_id, concert_id),
            )),
            Self::CancelByStaff { reservation_id } => {
                let command = CancelByStaff {
                    action_id: OperatorActionId(id),
                    entry_id: PointEntryId(ids.fresh()),
                    reservation_id,
                    manager_id: user_id,
                    reason: reason(),
                };
                Asked::CancelByStaff(Submission::new(command))
            }
            Self::RemoveToken { pass: Pass { token_id, room_id, .. } } => {
                let (action_id, operator_id, reason) = (OperatorActionId(id), user_id, reason());
                let command = RemoveToken { action_id, operator_id, token_id, room_id, reason };
                Asked::RemoveToken(Submission::new(command))
            }
            Self::BlockSeats { schedule_id, seats, is_blocking } => {
                let change = match is_blocking {
                    true => SeatBlocking::Block { reason: reason() },
                    false => SeatBlocking::Unblock,
                };
                let (action_id, manager_id) = (OperatorActionId(id), user_id);
                let seats = NamedSeats::Ids(seats);
                let command = BlockSeats { action_id, schedule_id, manager_id, seats, change };
                Asked::BlockSeats(Submission::new(command))
            }
            Self::GiveTickets { schedule_id, seats, holder_id } => {
                let command = gift((id, user_id), schedule_id, seats, holder_id, ids);
                Asked::GiveTickets(Submission::new(command))
            }
            _ => unreachable!("no other intent is one of staff"),
        }
    }
}

fn gift(
    (id, manager_id): (Uuid, UserId),
    schedule_id: ScheduleId,
    seats: Vec<SeatId>,
    holder_id: UserId,
    ids: &mut Ids,
) -> GiveTickets {
    GiveTickets {
        action_id: OperatorActionId(id),
        reservation_id: ReservationId(ids.fresh()),
        schedule_id,
        manager_id,
        holder_id: Some(holder_id),
        seats: NamedSeats::Ids(seats),
        tickets: ids.fresh_tickets(),
        reason: reason(),
    }
}

fn change_policy(
    action_id: OperatorActionId,
    operator_id: UserId,
    room_id: RoomId,
    edit: PolicyEdit,
) -> ChangePolicy {
    let expected = ExpectedVersion::Any;
    ChangePolicy { action_id, operator_id, room_id, edit, message: None, expected }
}

fn reason() -> Reason {
    Reason::parse("Snow.").unwrap()
}

fn cancel_concert(
    action_id: OperatorActionId,
    organizer_id: UserId,
    concert_id: ConcertId,
) -> CancelConcert {
    let action_ids = vec![action_id];
    CancelConcert { concert_id, organizer_id, reason: Some(reason()), action_ids }
}

fn pay(
    (payment_id, entry_id, tickets): (PaymentId, PointEntryId, NewTickets),
    user_id: UserId,
    pass: Pass,
    reservation_id: ReservationId,
) -> Pay {
    Pay {
        payment_id,
        entry_id,
        user_id,
        token_id: pass.token_id,
        room_id: pass.room_id,
        reservation_id,
        tickets,
        grace: GRACE,
        expected: None,
    }
}

fn hold(
    reservation_id: ReservationId,
    user_id: UserId,
    pass: Pass,
    schedule_id: ScheduleId,
    choice: SeatChoice,
) -> HoldSeats {
    HoldSeats {
        reservation_id,
        user_id,
        token_id: pass.token_id,
        room_id: pass.room_id,
        schedule_id,
        choice,
        policy: POLICY,
        reference: None,
    }
}

/// The sign-up of the person of this number, whose address is unique.
pub fn sign_up(id: UserId, number: usize) -> CreateUser {
    CreateUser {
        id,
        name: PersonName::parse("Kim Minji").unwrap(),
        email: Email::parse(&format!("fan{number}@example.com")).unwrap(),
        password_hash: PASSWORD.to_owned(),
        role: Role::Fan,
        verification: None,
    }
}

impl Answered {
    /// The id of the row that the request made; nothing if it was refused or makes none.
    pub fn made(&self) -> Option<Uuid> {
        match self {
            Self::SignUp(Ok(user)) => Some(user.id.0),
            Self::Join(Ok(joined)) => joined.is_new.then_some(joined.token.id.0),
            Self::Hold(Ok(reservation)) => Some(reservation.id.0),
            Self::Pay(Ok(paid)) => Some(paid.payment.id.0),
            Self::Points(Ok(changed)) => Some(changed.entry.id.0),
            Self::Cancel(Ok(refunded)) | Self::CancelTicket(Ok(refunded)) => {
                Some(refunded.entry.id.0)
            }
            _ => None,
        }
    }
}
