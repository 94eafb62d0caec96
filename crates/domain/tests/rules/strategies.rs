//! Random rows and commands. Few ids are in play, so that commands meet often.

use proptest::prelude::*;
use stagedoor_domain::operations::{
    Admit, CancelReservation, ChangePoints, ChangePolicy, CreateConcert, CreateSchedule,
    CreateUser, ExpireHolds, ExpireTokens, ExtendHold, HoldSeats, JoinRoom, LeaveRoom, Pay,
    PointChange, PolicyEdit, RecordHeartbeats, ReleaseHold, SeatChoice,
};
use stagedoor_domain::room::{Admissions, RoomMessage};
use stagedoor_domain::{
    Command, ExpiryReason, Idempotency, Payment, QueueToken, Reservation, ReservationState, Room,
    RoomId, RoomPolicy, Seat, SeatState, Submission, TokenState,
};

use time::Duration;

use crate::builders::*;
use crate::world::World;

/// A number of cases, and no files beside the tests.
pub fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Users 1 to this have a token, an account and a reservation.
pub const USERS: u8 = 5;
/// What is added to a user's number for a reservation of theirs that is paid.
const PAID: u128 = 50;

/// A batch of commands, of which some have keys and so repeat or collide. `command` makes one from
/// its number in the batch, which serves for fresh ids.
pub fn a_batch<C: Command<Key = Idempotency>>(
    command: impl Fn(u8) -> BoxedStrategy<C> + Clone + 'static,
) -> impl Strategy<Value = Vec<Submission<C>>> {
    let key = prop::option::weighted(0.3, (1_u128..3, 0_u8..4, 0_u8..8));
    let key = key.prop_map(|key| {
        key.map(|(owner, key, fingerprint)| Idempotency {
            owner: user(owner),
            key: key.to_string(),
            fingerprint: (fingerprint / 6).to_string(),
        })
    });
    submissions(move |n| {
        (command(n), key.clone()).prop_map(|(command, key)| Submission { command, key }).boxed()
    })
}

/// A batch of commands without keys.
pub fn a_plain_batch<C: Command>(
    command: impl Fn(u8) -> BoxedStrategy<C> + Clone + 'static,
) -> impl Strategy<Value = Vec<Submission<C>>> {
    submissions(move |n| command(n).prop_map(Submission::new).boxed())
}

fn submissions<C: Command>(
    one: impl Fn(u8) -> BoxedStrategy<Submission<C>> + Clone + 'static,
) -> impl Strategy<Value = Vec<Submission<C>>> {
    (1_u8..12).prop_flat_map(move |size| (0..size).map(|n| one(100 + n)).collect::<Vec<_>>())
}

pub fn joins(n: u8) -> BoxedStrategy<JoinRoom> {
    let rooms = prop_oneof![6 => Just(room(1)), 2 => Just(RoomId::SITE), 1 => Just(room(9))];
    let of = move |(person, room_id)| JoinRoom { room_id, ..join(person, n) };
    (1..=USERS + 3, rooms).prop_map(of).boxed()
}

pub fn leaves(_: u8) -> BoxedStrategy<LeaveRoom> {
    (1..=USERS + 1).prop_map(leave).boxed()
}

pub fn admits(_: u8) -> BoxedStrategy<Admit> {
    let rooms = prop::sample::select(vec![room(1), RoomId::SITE, room(9)]);
    rooms.prop_map(|room_id| Admit { room_id }).boxed()
}

pub fn choices() -> impl Strategy<Value = SeatChoice> {
    let named = || prop::sample::subsequence((1_u128..=10).collect::<Vec<_>>(), 1..=3);
    let numbers = |ids: Vec<u128>| ids.into_iter().map(|id| i32::try_from(id).unwrap()).collect();
    prop_oneof![
        4 => named().prop_map(|ids| seats(&ids)),
        2 => named().prop_map(move |ids| SeatChoice::Numbers(numbers(ids))),
        2 => (1_usize..=4).prop_map(SeatChoice::best),
        1 => Just(seats(&[1, 77])),
    ]
}

pub fn holds(n: u8) -> BoxedStrategy<HoldSeats> {
    let schedules = prop_oneof![9 => Just(schedule(1)), 1 => Just(schedule(9))];
    let of = move |(person, choice, schedule_id)| HoldSeats {
        reservation_id: reservation(n.into()),
        schedule_id,
        ..hold(person, choice)
    };
    (1..=USERS + 1, choices(), schedules).prop_map(of).boxed()
}

pub fn releases(_: u8) -> BoxedStrategy<ReleaseHold> {
    let of = |(n, person): (u8, Option<u8>)| ReleaseHold {
        user_id: user(person.unwrap_or(n).into()),
        ..release(n)
    };
    (1..=USERS + 1, prop::option::weighted(0.2, 1..=USERS)).prop_map(of).boxed()
}

pub fn extends(_: u8) -> BoxedStrategy<ExtendHold> {
    let of = |(n, person): (u8, Option<u8>)| ExtendHold {
        user_id: user(person.unwrap_or(n).into()),
        ..extend(n)
    };
    (1..=USERS + 1, prop::option::weighted(0.2, 1..=USERS)).prop_map(of).boxed()
}

/// Reservations that [`a_busy_world`] has paid are those after its users'.
pub fn cancels(n: u8) -> BoxedStrategy<CancelReservation> {
    let of = move |(person, paid): (u8, bool)| CancelReservation {
        entry_id: entry(n.into()),
        reservation_id: reservation(if paid { PAID + u128::from(person) } else { person.into() }),
        user_id: user(person.into()),
    };
    (1..=USERS + 1, prop::bool::weighted(0.8)).prop_map(of).boxed()
}

pub fn pays(n: u8) -> BoxedStrategy<Pay> {
    let of = move |(person, what, late): (u8, Option<u8>, bool)| Pay {
        payment_id: payment(n.into()),
        entry_id: entry(n.into()),
        reservation_id: reservation(what.unwrap_or(person).into()),
        grace: if late { Duration::HOUR } else { Duration::ZERO },
        ..pay(person)
    };
    (1..=USERS + 1, prop::option::weighted(0.2, 1..=USERS), prop::bool::ANY).prop_map(of).boxed()
}

pub fn point_changes(n: u8) -> BoxedStrategy<ChangePoints> {
    let change = prop::sample::select(vec![PointChange::Charge, PointChange::Use]);
    let amount = prop_oneof![1_i64..60_000, Just(9_007_199_254_740_991)];
    let of = move |(person, change, amount): (u8, _, _)| ChangePoints {
        user_id: user(person.into()),
        ..change_points(n.into(), change, amount)
    };
    (1..=USERS + 1, change, amount).prop_map(of).boxed()
}

pub fn policies() -> impl Strategy<Value = RoomPolicy> {
    (0..6, 1..4, prop::bool::weighted(0.1)).prop_map(|(capacity, admit_batch, paused)| RoomPolicy {
        capacity,
        admit_batch,
        paused,
        ..RoomPolicy::default()
    })
}

fn token_states() -> impl Strategy<Value = TokenState> {
    let over = TokenState::Expired { reason: ExpiryReason::Left, at: NOW };
    prop_oneof![
        4 => (-130_i64..=0).prop_map(|second| waiting(NOW + seconds(second))),
        4 => (-9_i64..600).prop_map(|second| active_until(NOW + seconds(second))),
        1 => Just(over),
    ]
}

/// A box office in the middle of a sale: room 1 with tokens 1 to [`USERS`] in any state, seats held
/// by reservations 1 to [`USERS`] within their time or not, and accounts with something in them.
pub fn a_busy_world() -> impl Strategy<Value = World> {
    let count = usize::from(USERS);
    (
        policies(),
        (0_i32..4, -12_i64..=0),
        prop::collection::vec(token_states(), count),
        prop::collection::vec((-60_i64..300, prop::bool::weighted(0.8)), count),
        prop::collection::vec(0_i64..60_000, count),
    )
        .prop_map(|(policy, (admitted, since), states, holds, balances)| {
            let admissions = Admissions { since: NOW + seconds(since), count: admitted };
            let stamp = USERS.into();
            let room =
                Room { policy, admissions, last_sequence: stamp, version: stamp, ..a_room() };
            let tokens =
                (1..=USERS).zip(states).map(|(n, state)| QueueToken { state, ..a_token(n) });
            let (mut chart, reservations) = held_seats(&holds);
            let (paid, payments) = sold_seats(&mut chart);
            World::default()
                .with([room, the_site_room()])
                .with([a_schedule()])
                .with(tokens)
                .with(chart)
                .with(reservations)
                .with(paid)
                .with(payments)
                .with((1..=USERS).zip(balances).map(|(n, balance)| an_account(n, balance)))
        })
}

/// Reservation `n` has seat `n`: until some second from now, unless the seat is free again.
fn held_seats(holds: &[(i64, bool)]) -> (Vec<Seat>, Vec<Reservation>) {
    let mut chart = a_chart(2, 5);
    let mut reservations = Vec::new();
    for ((n, seat), (second, still_holds)) in (1..).zip(&mut chart).zip(holds) {
        let expires_at = NOW + seconds(*second);
        let overdue = *second <= 0;
        reservations
            .push(Reservation { expires_at, ..a_reservation(n, std::slice::from_ref(seat)) });
        if !overdue || *still_holds {
            seat.state = held_by(n.into(), expires_at);
        } else {
            seat.state = SeatState::Free;
        }
    }
    (chart, reservations)
}

/// Users 1 and 2 have paid for the last two seats.
fn sold_seats(chart: &mut [Seat]) -> (Vec<Reservation>, Vec<Payment>) {
    let sell = |(n, seat): (u8, &mut Seat)| {
        let id = reservation(PAID + u128::from(n));
        let state = ReservationState::Confirmed { at: NOW };
        let paid = Reservation { id, state, ..a_reservation(n, std::slice::from_ref(seat)) };
        seat.state = SeatState::Sold { reservation_id: id };
        let payment = Payment {
            id: payment(PAID + u128::from(n)),
            user_id: user(n.into()),
            reservation_id: id,
            amount: seat.price,
            created_at: NOW,
        };
        (paid, payment)
    };
    (1..=2).zip(chart.iter_mut().rev()).map(sell).unzip()
}

pub fn sees(_: u8) -> BoxedStrategy<RecordHeartbeats> {
    let of = |(n, second)| {
        let at = NOW + seconds(second);
        RecordHeartbeats { token_id: token(n), heartbeats: heartbeat(at) }
    };
    (1..=u128::from(USERS) + 1, -130_i64..=0).prop_map(of).boxed()
}

pub fn edits() -> impl Strategy<Value = PolicyEdit> {
    let some = |bounds: std::ops::Range<i32>| prop::option::weighted(0.4, bounds);
    let fields = (
        some(0..6),
        some(1..4),
        some(1..20),
        some(1..900),
        some(1..200),
        prop::option::weighted(0.2, prop::bool::ANY),
    );
    fields.prop_map(|(capacity, admit_batch, interval, active_seconds, idle_seconds, paused)| {
        let admit_interval_seconds = interval;
        PolicyEdit {
            capacity,
            admit_batch,
            admit_interval_seconds,
            active_seconds,
            idle_seconds,
            paused,
        }
    })
}

pub fn control_updates(n: u8) -> BoxedStrategy<ChangePolicy> {
    let rooms = prop_oneof![4 => Just(room(1)), 2 => Just(RoomId::SITE), 1 => Just(room(9))];
    let message = prop::option::weighted(0.3, prop::sample::select(vec!["", "Soon", "Now"]));
    let of = move |(room_id, edit, message): (_, _, Option<&str>)| ChangePolicy {
        action_id: action(n.into()),
        message: message.map(|text| RoomMessage::parse(text).unwrap()),
        ..change_policy(room_id, edit)
    };
    (rooms, edits(), message).prop_map(of).boxed()
}

pub fn token_expiries(_: u8) -> BoxedStrategy<ExpireTokens> {
    Just(ExpireTokens).boxed()
}

pub fn hold_expiries(_: u8) -> BoxedStrategy<ExpireHolds> {
    Just(ExpireHolds).boxed()
}

/// Sign-ups with few addresses, of which some are taken.
pub fn sign_ups(n: u8) -> BoxedStrategy<CreateUser> {
    (7_u8..12).prop_map(move |email_of| sign_up(n, email_of)).boxed()
}

/// Announcements by an organizer, by a fan, and where anyone may announce.
pub fn announcements(n: u8) -> BoxedStrategy<CreateConcert> {
    let of = move |(organizer, with_schedule, open_to_all): (u128, bool, bool)| {
        let plans = with_schedule.then(|| a_plan(n.into())).into_iter().collect();
        let (id, room_id) = (concert(n.into()), room(n.into()));
        CreateConcert { id, room_id, open_to_all, ..announce(organizer, plans) }
    };
    (8_u128..10, prop::bool::ANY, prop::bool::weighted(0.2)).prop_map(of).boxed()
}

/// Dates for a concert that there is or is not, by its organizer or another.
pub fn additions(n: u8) -> BoxedStrategy<CreateSchedule> {
    let of = move |(concert_of, organizer)| CreateSchedule {
        concert_id: concert(concert_of),
        organizer_id: user(organizer),
        plan: a_plan(n.into()),
    };
    (1_u128..3, 8_u128..10).prop_map(of).boxed()
}
