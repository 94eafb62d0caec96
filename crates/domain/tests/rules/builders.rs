//! Data to start from. Tests name only what they are about: `Room { last_sequence: 7, ..a_room() }`.

use std::sync::Arc;

use serde_json::{Value, json};
use stagedoor_domain::operations::{
    CancelReservation, CancelTicket, ChangeName, ChangePassword, ChangePoints, ChangePolicy,
    CheckInTicket, CreateConcert, CreateUser, EndSessions, ExtendHold, HoldSeats, JoinRoom,
    LeaveRoom, Pay, PointChange, PolicyEdit, ReleaseHold, SchedulePlan, SeatChoice, TransferTicket,
    UndoCheckIn,
};
use stagedoor_domain::queue_token::Heartbeats;
use stagedoor_domain::user::Sessions;
use stagedoor_domain::venue::{Address, PlaceName, TimeZoneName};
use stagedoor_domain::{
    BookingPolicy, BookingWindow, Concert, ConcertDetails, ConcertId, ConcertState, DoorName,
    DoorStaff, Email, ExpectedVersion, Hall, HallId, HallPlan, Instant, KeptDeadline, NewTicket,
    NewTickets, OperatorActionId, PaymentId, PersonName, PointAccount, PointEntryId, Points,
    QueueToken, QueueTokenId, Reason, Reservation, ReservationId, ReservationState, ReservedSeat,
    Role, Room, RoomId, RoomPolicy, Schedule, ScheduleId, Seat, SeatId, SeatMap, SeatPlan,
    SeatState, Section, TicketId, TicketLimit, TicketNumber, Title, TokenState, User, UserId,
    Venue, VenueId,
};
use time::Duration;
use time::macros::datetime;
use uuid::Uuid;

pub const NOW: Instant = datetime!(2026-11-21 10:00 UTC);
pub const HOLD_TIME: Duration = Duration::minutes(5);
pub const EXTENSION_TIME: Duration = Duration::minutes(2);
pub const CANCELLATION_TIME: Duration = Duration::hours(12);
/// How long after its deadline a hold may be paid.
pub const GRACE: Duration = Duration::seconds(10);
pub const POLICY: BookingPolicy = BookingPolicy {
    hold_time: HOLD_TIME,
    extension_time: EXTENSION_TIME,
    late_payment_time: GRACE,
    holds_max: 4,
    needs_verified_email: false,
};
/// The smallest step between two instants that stores keep.
pub const TICK: Duration = Duration::MICROSECOND;
pub const SEAT_PRICE: i64 = 10_000;

macro_rules! ids {
    ($($name:ident: $id:ident;)*) => {$(
        pub fn $name(n: u128) -> $id {
            $id(Uuid::from_u128(n))
        }
    )*};
}

ids! {
    user: UserId;
    concert: ConcertId;
    schedule: ScheduleId;
    seat: SeatId;
    room: RoomId;
    token: QueueTokenId;
    reservation: ReservationId;
    entry: PointEntryId;
    payment: PaymentId;
    action: OperatorActionId;
    venue: VenueId;
    hall: HallId;
    ticket: TicketId;
}

pub fn points(value: i64) -> Points {
    Points::new(value).expect("a test asks for sound points")
}

pub fn seconds(n: i64) -> Duration {
    Duration::seconds(n)
}

/// Room 1, before concert 1.
pub fn a_room() -> Room {
    Room::open(room(1), Some(concert(1)), NOW)
}

/// The room before the whole site.
pub fn the_site_room() -> Room {
    Room::open(RoomId::SITE, None, NOW)
}

/// Waiting since a heartbeat that set the default idle deadline.
pub fn waiting(seen_at: Instant) -> TokenState {
    TokenState::Waiting { seen_at, idle_at: seen_at + RoomPolicy::default().idle_time() }
}

/// One heartbeat under the default policy, whose client is told the deadline.
pub fn heartbeat(at: Instant) -> Heartbeats {
    Heartbeats::one(&RoomPolicy::default(), at, true)
}

pub fn active_until(expires_at: Instant) -> TokenState {
    TokenState::Active { since: NOW - Duration::MINUTE, expires_at }
}

/// User `n`'s token in room 1, waiting at sequence number `n` and seen just now.
pub fn a_token(n: u8) -> QueueToken {
    QueueToken {
        id: token(n.into()),
        room_id: room(1),
        user_id: user(n.into()),
        sequence: Some(n.into()),
        version: n.into(),
        created_at: NOW - Duration::MINUTE,
        state: waiting(NOW),
    }
}

/// User `n`'s token in room 1, active for nine more minutes.
pub fn an_active_token(n: u8) -> QueueToken {
    QueueToken { sequence: None, state: active_until(NOW + seconds(540)), ..a_token(n) }
}

pub fn a_user(n: u8, role: Role) -> User {
    User {
        id: user(n.into()),
        name: PersonName::parse("Kim Minji").expect("a sound name"),
        email: Email::parse(&format!("fan{n}@example.com")).expect("a sound address"),
        password_hash: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".to_owned(),
        role,
        created_at: NOW,
        sessions: Sessions::default(),
        contact: Default::default(),
    }
}

/// A title and nothing else.
pub fn autumn_night() -> ConcertDetails {
    ConcertDetails::titled(Title::parse("Autumn night").expect("a sound title"))
}

/// Concert 1, organized by user 9.
pub fn a_concert() -> Concert {
    Concert::new(concert(1), user(9), autumn_night(), NOW)
}

/// Schedule 1 of concert 1, open for booking an hour ago and for an hour more.
pub fn a_schedule() -> Schedule {
    Schedule {
        id: schedule(1),
        concert_id: concert(1),
        concert_state: ConcertState::Published,
        starts_at: NOW + Duration::DAY,
        ends_at: NOW + Duration::DAY + Duration::HOUR,
        booking: BookingWindow { opens_at: NOW - Duration::HOUR, closes_at: NOW + Duration::HOUR },
        cancellation_closes_at: Some(NOW + CANCELLATION_TIME),
        seat_count: 10,
        sold_count: 0,
        blocked_count: 0,
        ticket_limit: TicketLimit::default(),
        version: 0,
        moved: None,
        cancelled: None,
        created_at: NOW - Duration::DAY,
        plan: None,
    }
}

pub fn a_section(rows: i32, columns: i32) -> Section {
    Section { rows, columns, price: points(SEAT_PRICE), label: String::new() }
}

/// The free seats of schedule 1; the seat numbered `n` has the id `seat(n)`.
pub fn a_chart(rows: i32, columns: i32) -> Vec<Seat> {
    let map = SeatMap::new(vec![a_section(rows, columns)]).expect("a sound seat map");
    let ids: Vec<_> = (1..=map.seat_count().unsigned_abs().into()).map(seat).collect();
    map.seats(schedule(1), &ids)
}

/// Seat 1 of schedule 1.
pub fn a_seat() -> Seat {
    a_chart(1, 1).remove(0)
}

pub fn held_by(n: u128, until: Instant) -> SeatState {
    SeatState::Held { reservation_id: reservation(n), until }
}

/// User `n`'s reservation of these seats, made with token `n` just now and held for five minutes.
pub fn a_reservation(n: u8, seats: &[Seat]) -> Reservation {
    Reservation {
        id: reservation(n.into()),
        user_id: user(n.into()),
        concert_id: concert(1),
        schedule_id: schedule(1),
        queue_token_id: Some(token(n.into())),
        seats: seats.iter().map(ReservedSeat::from).collect(),
        total_price: Points::checked_sum(seats.iter().map(|seat| seat.price)).expect("a sum"),
        created_at: NOW,
        expires_at: NOW + HOLD_TIME,
        extendable_until: Some(NOW + HOLD_TIME + EXTENSION_TIME),
        reference: None,
        tickets_issued: false,
        state: ReservationState::Held,
    }
}

/// User `n`'s account, charged once.
pub fn an_account(n: u8, balance: i64) -> PointAccount {
    PointAccount { user_id: user(n.into()), balance: points(balance), entries: 1 }
}

/// User `n` asks for token `t` in room 1.
pub fn join(n: u8, t: u8) -> JoinRoom {
    JoinRoom { token_id: token(t.into()), room_id: room(1), user_id: user(n.into()) }
}

/// User `n` gives up token `n` in room 1.
pub fn leave(n: u8) -> LeaveRoom {
    LeaveRoom { token_id: token(n.into()), room_id: room(1) }
}

/// User `n` holds seats of schedule 1 for reservation `n` with token `n` for five minutes.
pub fn hold(n: u8, choice: SeatChoice) -> HoldSeats {
    HoldSeats {
        reservation_id: reservation(n.into()),
        user_id: user(n.into()),
        token_id: token(n.into()),
        room_id: room(1),
        schedule_id: schedule(1),
        choice,
        policy: POLICY,
        reference: None,
    }
}

/// Seats by the ids they have in [`a_chart`].
pub fn seats(ids: &[u128]) -> SeatChoice {
    SeatChoice::Ids(ids.iter().copied().map(seat).collect())
}

/// User `n` pays reservation `n` with token `n`.
pub fn pay(n: u8) -> Pay {
    Pay {
        payment_id: payment(n.into()),
        entry_id: entry(n.into()),
        user_id: user(n.into()),
        token_id: token(n.into()),
        room_id: room(1),
        reservation_id: reservation(n.into()),
        tickets: new_tickets(n),
        grace: Duration::ZERO,
        expected: None,
    }
}

/// What the tickets of reservation `n` get: the ids `10 * n` to `10 * n + 3`.
pub fn new_tickets(n: u8) -> NewTickets {
    [0, 1, 2, 3].map(|index| new_ticket(10 * u64::from(n) + index))
}

/// A new ticket's id and number.
pub fn new_ticket(n: u64) -> NewTicket {
    // Multiples of 37 have the check digit 0.
    let number = TicketNumber::of_bits(37 * n).expect("a number that is read aloud");
    NewTicket { id: ticket(n.into()), number }
}

/// User `n` transfers ticket `t` to user `to`; the new ticket gets the id `1_000 + t`.
pub fn transfer(t: u64, n: u8, to: u8) -> TransferTicket {
    TransferTicket {
        ticket_id: ticket(t.into()),
        holder_id: user(n.into()),
        recipient_id: Some(user(to.into())),
        new: new_ticket(1_000 + t),
    }
}

/// User `n` cancels the seat of ticket `t`; the entry gets the id `1_000 + t`.
pub fn cancel_ticket(t: u128, n: u8) -> CancelTicket {
    CancelTicket { entry_id: entry(1_000 + t), ticket_id: ticket(t), user_id: user(n.into()) }
}

/// Ticket `t` is scanned by user `n` at the door of schedule 1 at `scanned_at`.
pub fn check_in(t: u128, n: u8, scanned_at: Instant) -> CheckInTicket {
    CheckInTicket {
        user_id: user(n.into()),
        schedule_id: schedule(1),
        ticket_id: Some(ticket(t)),
        door: a_door("North gate"),
        scanned_at,
    }
}

/// User `n` takes back that ticket `t` was checked in; the record gets the id `t`.
pub fn undo_check_in(t: u128, n: u8) -> UndoCheckIn {
    let reason = Reason::parse("Scanned twice by mistake.").expect("a sound reason");
    UndoCheckIn { action_id: action(t), user_id: user(n.into()), ticket_id: ticket(t), reason }
}

pub fn a_door(name: &str) -> DoorName {
    DoorName::parse(name).expect("a sound name")
}

/// User `n` works at the doors of concert 1.
pub fn door_staff(n: u8) -> DoorStaff {
    DoorStaff { concert_id: concert(1), user_id: user(n.into()), assigned_at: NOW }
}

/// User `n` extends the hold of reservation `n`.
pub fn extend(n: u8) -> ExtendHold {
    ExtendHold { reservation_id: reservation(n.into()), user_id: user(n.into()) }
}

/// User `n` cancels reservation `n`; the entry gets the id `100 + n`.
pub fn cancel(n: u8) -> CancelReservation {
    CancelReservation {
        entry_id: entry(100 + u128::from(n)),
        reservation_id: reservation(n.into()),
        user_id: user(n.into()),
    }
}

/// User `n` gives reservation `n` back.
pub fn release(n: u8) -> ReleaseHold {
    ReleaseHold { reservation_id: reservation(n.into()), user_id: user(n.into()) }
}

/// User 1 changes the account; the entry gets the id `e`.
pub fn change_points(e: u128, change: PointChange, amount: i64) -> ChangePoints {
    ChangePoints { entry_id: entry(e), user_id: user(1), change, amount: points(amount) }
}

/// User `n` signs up with the address of user `email_of`.
pub fn sign_up(n: u8, email_of: u8) -> CreateUser {
    let User { id, name, password_hash, role, .. } = a_user(n, Role::Fan);
    let email = a_user(email_of, Role::Fan).email;
    CreateUser { id, name, password_hash, role, email, verification: None }
}

/// User `n` gets this name.
pub fn change_name(n: u8, name: &str) -> ChangeName {
    let name = PersonName::parse(name).expect("sound input");
    ChangeName { user_id: user(n.into()), name }
}

/// User `n` changes the password from that with one hash to that with another.
pub fn change_password(n: u8, checked_hash: &str, new_hash: &str) -> ChangePassword {
    let (checked_hash, new_hash) = (checked_hash.to_owned(), new_hash.to_owned());
    ChangePassword { user_id: user(n.into()), checked_hash, new_hash }
}

/// Ends the sessions of user `n` and changes nothing else.
pub fn end_sessions(n: u8) -> EndSessions {
    EndSessions { user_id: user(n.into()), role: None, password_hash: None }
}

/// Schedule `n` with four seats.
pub fn a_plan(n: u128) -> SchedulePlan {
    SchedulePlan {
        id: schedule(n),
        terms: a_schedule().terms(),
        seat_map: SeatMap::new(vec![a_section(2, 2)]).expect("sound input"),
        seat_ids: (10 * n..10 * n + 4).map(seat).collect(),
    }
}

/// A user announces concert 1.
pub fn announce(organizer: u128, schedules: Vec<SchedulePlan>) -> CreateConcert {
    CreateConcert {
        id: concert(1),
        room_id: room(1),
        organizer_id: user(organizer),
        details: autumn_night(),
        schedules,
        is_draft: false,
        open_to_all: false,
    }
}

/// User 9's edit of a room's policy.
pub fn change_policy(room_id: RoomId, edit: PolicyEdit) -> ChangePolicy {
    ChangePolicy {
        action_id: action(1),
        operator_id: user(9),
        room_id,
        edit,
        message: None,
        expected: ExpectedVersion::Any,
    }
}

/// Venue 1, made by user 9.
pub fn a_venue() -> Venue {
    Venue {
        id: venue(1),
        organizer_id: user(9),
        name: PlaceName::parse("Concert house").expect("sound input"),
        address: Address::default(),
        time_zone: TimeZoneName::parse("Asia/Seoul").expect("sound input"),
        version: 0,
        created_at: NOW,
    }
}

/// Hall 1 of venue 1 with the first version of [`a_seat_plan`].
pub fn a_hall() -> Hall {
    Hall {
        id: hall(1),
        venue_id: venue(1),
        name: PlaceName::parse("Great hall").expect("sound input"),
        plan_version: 1,
        place_count: a_seat_plan().place_count(),
        created_at: NOW,
    }
}

/// The first version of the plan of [`a_hall`].
pub fn a_hall_plan() -> HallPlan {
    HallPlan {
        hall_id: hall(1),
        version: 1,
        plan: Arc::new(a_seat_plan()),
        created_by: user(9),
        created_at: NOW,
    }
}

/// Two rows of four and three seats, and a standing area for two people:
///
/// ```text
/// A   1 2 | w c     an aisle after the second seat, a place for a wheelchair and one for its companion
/// B   3 _ 1 v       numbers from the right, an absent seat, a restricted view in the cheaper zone
/// ```
pub fn a_plan_document() -> Value {
    json!({
        "stage": {"x": -4, "y": -5, "width": 8, "height": 3, "label": "STAGE"},
        "zones": [
            {"code": "R", "name": "R", "colour": "#7b3fa0"},
            {"code": "S", "name": "S", "colour": "#0f766e"},
        ],
        "sections": [
            {
                "name": "Stalls", "zone": "R", "x": -2, "y": 0, "angle": 12.5,
                "rows": [
                    {
                        "label": "A", "seats": 4, "curve": 0.25, "aisles": [2],
                        "exceptions": [
                            {"seat": 3, "kind": "ACCESSIBLE"}, {"seat": 4, "kind": "COMPANION"},
                        ],
                    },
                    {
                        "label": "B", "seats": 4, "direction": "rtl", "offset": 0.5,
                        "exceptions": [
                            {"seat": 2, "kind": "ABSENT"},
                            {"seat": 4, "kind": "RESTRICTED_VIEW", "zone": "S"},
                        ],
                    },
                ],
            },
            {
                "name": "Arena", "zone": "S", "x": -3, "y": 4,
                "standing": {"capacity": 2, "width": 6, "height": 2},
            },
        ],
    })
}

pub fn a_seat_plan() -> SeatPlan {
    SeatPlan::parse(&a_plan_document(), "").expect("a sound plan")
}

/// A kept deadline of the first room's token with a sequence number.
pub fn kept(sequence: i64, stored: Instant, idle_at: Instant) -> KeptDeadline {
    KeptDeadline { room_id: room(1), sequence, stored, idle_at }
}
