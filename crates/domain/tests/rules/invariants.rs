//! What holds at every instant, whatever was asked before.

use std::collections::{BTreeMap, BTreeSet};

use stagedoor_domain::{
    ExpiryReason, Instant, Payment, PointAccount, PointEntry, PointKind, Points, QueueToken,
    Reservation, ReservationState, ReservationStatus, Room, Schedule, Seat, SeatState, Ticket,
    TokenState,
};

use crate::world::World;

pub fn check_all(world: &World, now: Instant) {
    seats_belong_to_at_most_one_reservation(world, now);
    schedules_count_their_sold_seats(world);
    payments_match_paid_reservations(world);
    each_paid_seat_has_one_valid_ticket(world);
    balances_equal_their_histories(world);
    places_and_stamps_are_unique(world);
    users_have_one_live_token_per_room(world, now);
    tokens_outlive_their_holds(world, now);
    no_user_has_more_tickets_than_the_limit(world, now);
}

fn seats_belong_to_at_most_one_reservation(world: &World, now: Instant) {
    let mut owned = BTreeSet::new();
    for reservation in world.all::<Reservation>() {
        let expected = match reservation.status(now) {
            ReservationStatus::Held => {
                let until = reservation.expires_at;
                SeatState::Held { reservation_id: reservation.id, until }
            }
            ReservationStatus::Confirmed => SeatState::Sold { reservation_id: reservation.id },
            ReservationStatus::Expired | ReservationStatus::Cancelled => continue,
        };
        assert!((1..=4).contains(&reservation.seats.len()));
        for seat in &reservation.seats {
            assert!(owned.insert(seat.id), "{seat:?} is owned twice");
            assert_eq!(world.get::<Seat>(seat.id).state, expected);
        }
    }
    let is_sold = |seat: &&Seat| matches!(seat.state, SeatState::Sold { .. });
    assert!(world.all::<Seat>().filter(is_sold).all(|seat| owned.contains(&seat.id)));
}

fn schedules_count_their_sold_seats(world: &World) {
    for schedule in world.all::<Schedule>() {
        let is_sold = |seat: &&Seat| {
            seat.schedule_id == schedule.id && matches!(seat.state, SeatState::Sold { .. })
        };
        let sold = world.all::<Seat>().filter(is_sold).count();
        assert_eq!(usize::try_from(schedule.sold_count), Ok(sold), "{schedule:?}");
        let is_blocked = |seat: &&Seat| {
            seat.schedule_id == schedule.id && matches!(seat.state, SeatState::Blocked { .. })
        };
        let blocked = world.all::<Seat>().filter(is_blocked).count();
        assert_eq!(usize::try_from(schedule.blocked_count), Ok(blocked), "{schedule:?}");
    }
}

fn payments_match_paid_reservations(world: &World) {
    let paid: BTreeSet<_> =
        world.all::<Payment>().map(|payment| (payment.reservation_id, payment.amount)).collect();
    assert_eq!(paid.len(), world.all::<Payment>().count(), "paid once each");
    let confirmed: BTreeSet<_> = world
        .all::<Reservation>()
        .filter(|reservation| matches!(reservation.state, ReservationState::Confirmed { .. }))
        .filter(|reservation| !reservation.is_complimentary())
        .map(|reservation| reservation.id)
        .collect();
    let ids: BTreeSet<_> = paid.iter().map(|(id, _)| *id).collect();
    assert!(ids.is_superset(&confirmed));
    for given in world.all::<Reservation>().filter(|reservation| reservation.is_complimentary()) {
        assert_eq!(given.total_price, Points::ZERO, "{given:?}");
        assert!(!paid.iter().any(|(id, _)| *id == given.id), "{given:?} is paid");
    }
    world.all::<Payment>().for_each(|payment| a_payment_is_used_once_and_refunded(world, payment));
}

/// What was paid is the price of the seats that are still paid and what came back.
fn a_payment_is_used_once_and_refunded(world: &World, payment: &Payment) {
    let its_own = |entry: &&PointEntry| entry.payment_id == Some(payment.id);
    let mut entries: Vec<_> = world.all::<PointEntry>().filter(its_own).collect();
    entries.sort_by_key(|entry| entry.number);
    let (used, refunds) = entries.split_first().expect("a payment has an entry");
    assert_eq!((used.kind, used.amount), (PointKind::Use, payment.amount));
    assert!(entries.iter().all(|entry| entry.user_id == payment.user_id));
    assert!(refunds.iter().all(|entry| entry.kind == PointKind::Refund));
    let refunded: i64 = refunds.iter().map(|entry| entry.amount.get()).sum();
    let reservation = world.get::<Reservation>(payment.reservation_id);
    let left = match reservation.state {
        ReservationState::Confirmed { .. } => reservation.total_price.get(),
        ReservationState::Cancelled { .. } => 0,
        state => panic!("{payment:?} is of a reservation that is {state:?}"),
    };
    assert_eq!(refunded + left, payment.amount.get(), "{payment:?}");
}

/// Each seat of a confirmed reservation has one valid ticket, and no other valid ticket exists.
fn each_paid_seat_has_one_valid_ticket(world: &World) {
    let is_confirmed = |it: &&Reservation| matches!(it.state, ReservationState::Confirmed { .. });
    let confirmed = world.all::<Reservation>().filter(is_confirmed);
    let mut paid: Vec<_> =
        confirmed.flat_map(|it| it.seats.iter().map(|seat| (it.id, seat.id))).collect();
    let valid = world.all::<Ticket>().filter(|ticket| !ticket.is_void());
    let mut admitted: Vec<_> = valid.map(|it| (it.reservation_id, it.seat_id)).collect();
    paid.sort_unstable();
    admitted.sort_unstable();
    assert_eq!(paid, admitted);
    let numbers: BTreeSet<_> = world.all::<Ticket>().map(|ticket| ticket.number).collect();
    assert_eq!(numbers.len(), world.all::<Ticket>().count(), "each has a number of its own");
}

fn balances_equal_their_histories(world: &World) {
    for account in world.all::<PointAccount>() {
        let of_account = |entry: &&PointEntry| entry.user_id == account.user_id;
        let mut history: Vec<_> = world.all::<PointEntry>().filter(of_account).collect();
        history.sort_by_key(|entry| entry.number);
        let mut balance = 0;
        for (number, entry) in (1..).zip(&history) {
            assert_eq!(entry.number, number, "no gap");
            assert!(entry.amount.get() > 0);
            balance += match entry.kind {
                PointKind::Charge | PointKind::Refund => entry.amount.get(),
                PointKind::Use => -entry.amount.get(),
            };
            assert_eq!(entry.balance_after.get(), balance);
            assert!(balance >= 0);
        }
        assert_eq!(account.balance.get(), balance);
        assert_eq!(account.entries, i64::try_from(history.len()).unwrap());
    }
}

fn places_and_stamps_are_unique(world: &World) {
    let mut sequences = BTreeSet::new();
    let mut stamps = BTreeSet::new();
    for token in world.all::<QueueToken>() {
        let room = world.get::<Room>(token.room_id);
        assert!(token.sequence.is_none_or(|sequence| (1..=room.last_sequence).contains(&sequence)));
        assert!(token.sequence.is_none_or(|sequence| sequences.insert((room.id, sequence))));
        assert!((1..=room.version).contains(&token.version));
        assert!(stamps.insert((room.id, token.version)));
    }
}

fn users_have_one_live_token_per_room(world: &World, now: Instant) {
    let mut owners = BTreeSet::new();
    for token in world.all::<QueueToken>() {
        if token.is_live(now) {
            assert!(owners.insert((token.room_id, token.user_id)), "{token:?} is a second one");
        }
    }
}

fn no_user_has_more_tickets_than_the_limit(world: &World, now: Instant) {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for reservation in world.all::<Reservation>() {
        let of = (reservation.schedule_id, reservation.user_id);
        let tickets = reservation.own_tickets(now).map_or(0, |tickets| tickets.count);
        *counts.entry(of).or_default() += tickets;
    }
    for ((schedule_id, user_id), count) in counts {
        let limit = world.get::<Schedule>(schedule_id).ticket_limit.get();
        assert!(count <= limit.unsigned_abs() as usize, "{user_id:?} has {count} tickets");
    }
}

fn tokens_outlive_their_holds(world: &World, now: Instant) {
    let held = |reservation: &&Reservation| reservation.check_held(now).is_ok();
    for reservation in world.all::<Reservation>().filter(held) {
        let token_id = reservation.queue_token_id.expect("a hold has a token");
        let sound = match world.get::<QueueToken>(token_id).state {
            TokenState::Active { expires_at, .. } => reservation.expires_at <= expires_at,
            TokenState::Expired { reason, .. } => reason == ExpiryReason::Completed,
            TokenState::Waiting { .. } => false,
        };
        assert!(sound, "{reservation:?} outlives its token");
    }
}
