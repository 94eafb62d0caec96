//! Tokens, holds, points and payments: every state reads back as it was answered.

use stagedoor_domain::operations::{ExpireHolds, ExpireTokens, PolicyEdit, SeatChoice};
use stagedoor_domain::ports::PaymentDetails;
use stagedoor_domain::{
    ExpiryReason, Instant, LineChange, PointKind, Points, QueueToken, Reservation,
    ReservationState, ReservedSeat, RoomId, Seat, SeatState, TokenState,
};
use time::Duration;

use super::snapshot::all_entries;
use super::store::Store;
use super::world::{
    CHARGE, EXTENSION_SECONDS, Fan, HOLD_SECONDS, OPENING, PRICE, Show, USE, World, at, give_back,
    leave, points, sign, waiting,
};

async fn assert_state<S: Store>(world: &World<S>, fan: Fan, state: TokenState) -> QueueToken {
    let token = world.token(fan.token_id).await;
    assert_eq!(token.state, state);
    token
}

/// Without a place, active from the first instant.
pub async fn a_token_that_is_active_at_once_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let joined = world.done(world.join(RoomId::SITE, user_id), at(3)).await;
    assert!(joined.is_new);
    let expected = QueueToken {
        id: joined.token.id,
        room_id: RoomId::SITE,
        user_id,
        place: None,
        version: 1,
        created_at: at(3),
        state: TokenState::Active { since: at(3), expires_at: at(603) },
    };
    assert_eq!(joined.token, expected);
    let read = world.store.queue_token(expected.id).await.expect("the store reads");
    assert_eq!(read, Some((expected, world.room(RoomId::SITE).await)));
    assert_eq!(world.room(RoomId::SITE).await.version, 1);
}

/// In line, seen, let in.
pub async fn a_token_reads_back_on_its_way_in<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fan = world.fan(room_id).await;
    let token = assert_state(&world, fan, waiting(OPENING)).await;
    assert_eq!((token.place, token.version, token.created_at), (Some(1), 1, OPENING));
    let seen_at = at(50) + Duration::microseconds(1);
    world.done(sign(fan, seen_at), at(60)).await;
    let seen = assert_state(&world, fan, waiting(seen_at)).await;
    assert_eq!(seen.version, 1, "a sign of life is no change of state");
    let edit = PolicyEdit { capacity: Some(1), active_seconds: Some(77), ..PolicyEdit::default() };
    world.steer(room_id, edit, at(61)).await;
    assert_eq!(world.admit(room_id, at(62)).await, 1);
    let state = TokenState::Active { since: at(62), expires_at: at(62 + 77) };
    let admitted = assert_state(&world, fan, state).await;
    assert_eq!((admitted.place, admitted.version), (Some(1), 2));
    let room = world.room(room_id).await;
    assert_eq!((room.last_place, room.version), (1, 2));
    assert_eq!((room.admissions.since, room.admissions.count), (at(62), 1));
}

/// Left, timed out, paid and abandoned, each with the instant at which it was over.
pub async fn a_token_reads_back_with_the_reason_of_its_end<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fans = world.fans(show.room_id, 3).await;
    let left = TokenState::Expired { reason: ExpiryReason::Left, at: at(5) };
    world.done(leave(fans[0]), at(5)).await;
    assert_state(&world, fans[0], left).await;
    let paid = world.sold(fans[1], &show, &[1], at(6)).await;
    let completed = TokenState::Expired { reason: ExpiryReason::Completed, at: at(6) };
    assert_eq!(assert_state(&world, fans[1], completed).await, paid.token);
    let line = world.closed_show().await.room_id;
    let waiting = world.fan(line).await;
    assert_eq!(world.done(ExpireTokens, at(700)).await, 2);
    let timed_out = TokenState::Expired { reason: ExpiryReason::TimedOut, at: at(600) };
    assert_state(&world, fans[2], timed_out).await;
    let abandoned = TokenState::Expired { reason: ExpiryReason::Abandoned, at: at(120) };
    let token = assert_state(&world, waiting, abandoned).await;
    let gone = LineChange { version: token.version, place: 1, waiting_until: None };
    let changes = world.store.line_changes(line, 0, 10).await.expect("the store reads");
    assert_eq!(changes.changes, vec![gone]);
}

async fn seats<S: Store>(world: &World<S>, show: &Show) -> Vec<Seat> {
    world.store.seats(show.schedule_id).await.expect("the store reads")
}

async fn assert_seats<S: Store>(world: &World<S>, show: &Show, states: &[SeatState]) {
    let seats = seats(world, show).await;
    assert_eq!(seats.iter().map(|seat| seat.state).collect::<Vec<_>>(), states);
}

/// Its seats come in the order of their numbers, however they were named.
pub async fn a_hold_reads_back_with_its_seats<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 3).await;
    let fan = world.fan(show.room_id).await;
    let all = seats(&world, &show).await;
    let choice = SeatChoice::Ids([5, 0, 3].map(|index: usize| all[index].id).to_vec());
    let command = world.hold_choice(fan, &show, choice);
    let held = world.done(command.clone(), at(1)).await;
    let expected = Reservation {
        id: command.reservation_id,
        user_id: fan.user_id,
        concert_id: show.concert_id,
        schedule_id: show.schedule_id,
        queue_token_id: fan.token_id,
        seats: [0, 3, 5].map(|index: usize| ReservedSeat::from(&all[index])).to_vec(),
        total_price: points(3 * PRICE),
        created_at: at(1),
        expires_at: at(1 + HOLD_SECONDS),
        extendable_until: Some(at(1 + HOLD_SECONDS + EXTENSION_SECONDS)),
        reference: None,
        state: ReservationState::Held,
    };
    assert_eq!(held, expected);
    assert_eq!(world.reservation(held.id).await, expected);
    let taken = SeatState::Held { reservation_id: held.id, until: held.expires_at };
    let free = SeatState::Free;
    assert_seats(&world, &show, &[taken, free, free, taken, free, taken]).await;
}

/// Numbers, and the best block in the middle of the front row.
pub async fn seats_are_held_by_number_and_by_best_block<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 7).await;
    let fan = world.fan(show.room_id).await;
    let by_number = world.held(fan, &show, &[4], OPENING).await;
    assert_eq!(by_number.seats.iter().map(|seat| seat.number).collect::<Vec<_>>(), [4]);
    let best = world.hold_choice(fan, &show, SeatChoice::Best(3));
    let best = world.done(best, OPENING).await;
    assert_eq!(best.seats.iter().map(|seat| seat.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(world.reservation(best.id).await, best);
}

/// Rule 8: a token's deadline moves with its hold, and is kept.
pub async fn a_hold_keeps_its_token_alive<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1], at(599)).await;
    let state = TokenState::Active { since: OPENING, expires_at: held.expires_at };
    let token = assert_state(&world, fan, state).await;
    assert_eq!(token.version, 1, "the line does not change with it");
}

/// Given back, run out, paid: the reservation, and what becomes of its seats.
pub async fn a_reservation_reads_back_in_every_state<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    let given_back = world.held(fan, &show, &[1], OPENING).await;
    world.done(give_back(&given_back), at(1)).await;
    let cancelled = ReservationState::Cancelled { at: at(1) };
    let expected = Reservation { state: cancelled, ..given_back };
    assert_eq!(world.reservation(expected.id).await, expected);
    let run_out = world.held(fan, &show, &[2], OPENING).await;
    assert_eq!(world.done(ExpireHolds, run_out.expires_at).await, 1);
    let expected = Reservation { state: ReservationState::Expired, ..run_out };
    assert_eq!(world.reservation(expected.id).await, expected);
    let paid = world.sold(fan, &show, &[3], at(301)).await.reservation;
    assert_eq!(paid.state, ReservationState::Confirmed { at: at(301) });
    assert_eq!(world.reservation(paid.id).await, paid);
    let sold = SeatState::Sold { reservation_id: paid.id };
    assert_seats(&world, &show, &[SeatState::Free, SeatState::Free, sold]).await;
}

/// Entries are numbered from 1 and carry the balance after them.
pub async fn charges_and_uses_read_back_as_a_history<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.users(1).await[0];
    let most = Points::MAX.get();
    let moves: [(_, _, i64, i64, Instant); 4] = [
        (CHARGE, PointKind::Charge, 1, 1, at(1)),
        (CHARGE, PointKind::Charge, most - 1, most, at(2) + Duration::microseconds(1)),
        (USE, PointKind::Use, most, 0, at(3)),
        (CHARGE, PointKind::Charge, 7, 7, at(2)),
    ];
    let mut entries = Vec::new();
    for (number, (change, kind, amount, balance, now)) in (1..).zip(moves) {
        let command = world.points(user_id, change, amount);
        let entry = world.done(command.clone(), now).await.entry;
        assert_eq!((entry.id, entry.number, entry.kind), (command.entry_id, number, kind));
        assert_eq!((entry.amount, entry.balance_after), (points(amount), points(balance)));
        assert_eq!((entry.payment_id, entry.created_at), (None, now));
        entries.push(entry);
    }
    assert_eq!(all_entries(&world.store, user_id).await, entries);
    let account = world.store.point_account(user_id).await.expect("it reads");
    let account = account.expect("a user has an account");
    assert_eq!((account.balance, account.entries), (points(7), 4));
}

/// The payment, its reservation, its entry, the balance right after it and the token.
pub async fn a_payment_reads_back_with_all_it_did<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, 50_000).await;
    let held = world.held(fan, &show, &[1, 2, 3, 4], at(1)).await;
    let command = world.pay(fan, held.id);
    let paid = world.done(command.clone(), at(2)).await;
    assert_eq!((paid.payment.id, paid.payment.user_id), (command.payment_id, fan.user_id));
    assert_eq!((paid.payment.amount, paid.balance), (points(4 * PRICE), points(10_000)));
    assert_eq!((paid.payment.reservation_id, paid.payment.created_at), (held.id, at(2)));
    world.charge(fan.user_id, 5).await;
    let details = PaymentDetails {
        payment: paid.payment,
        reservation: paid.reservation,
        balance: points(10_000),
    };
    assert_eq!(world.store.payment(command.payment_id).await, Ok(Some(details)));
    assert_eq!(world.token(fan.token_id).await, paid.token);
    let entries = all_entries(&world.store, fan.user_id).await;
    let entry = &entries[1];
    assert_eq!((entry.id, entry.kind), (command.entry_id, PointKind::Use));
    assert_eq!((entry.payment_id, entry.amount), (Some(command.payment_id), points(40_000)));
}

/// A token of the site-wide room pays too, also for what was held with another token.
pub async fn a_site_wide_token_books_and_pays<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1], OPENING).await;
    let site_wide = world.enter(RoomId::SITE, fan.user_id, at(1)).await;
    world.charge(fan.user_id, PRICE).await;
    let paid = world.done(world.pay(site_wide, held.id), at(2)).await;
    assert_eq!(
        (paid.token.id, paid.reservation.queue_token_id),
        (site_wide.token_id, fan.token_id)
    );
    assert_eq!(world.held(fan, &show, &[2], at(3)).await.queue_token_id, fan.token_id);
}
