//! Tickets that staff give away.

use stagedoor_domain::operations::{
    CancelByStaff, CancelRefused, CancelSchedule, GiveRefused, GiveTickets, HoldRefused,
    JoinRefused, NamedSeats, SettleCancelled,
};
use stagedoor_domain::ports::{OrderQuery, Settlement};
use stagedoor_domain::{
    Instant, OperatorDeed, PageSize, Points, Reason, Reservation, ReservationId, ReservationState,
    ReservationStatus, ReservedSeat, Role, SeatState, SeatStatus, UserId,
};
use uuid::Uuid;

use super::extend_and_cancel::cancellation;
use super::seat_blocks::block;
use super::store::{Store, ask, assert_sound, together};
use super::world::{Fan, PRICE, Show, World, at, points};

fn reason() -> Reason {
    Reason::parse("밴드의 손님 ★").expect("a reason")
}

/// The organizer gives seats to a user.
pub fn give<S: Store>(
    world: &World<S>,
    show: &Show,
    holder_id: UserId,
    numbers: &[i32],
) -> GiveTickets {
    GiveTickets {
        action_id: world.id(),
        reservation_id: world.id(),
        schedule_id: show.schedule_id,
        manager_id: show.organizer_id,
        holder_id: Some(holder_id),
        seats: NamedSeats::Numbers(numbers.to_vec()),
        tickets: world.new_tickets(),
        reason: reason(),
    }
}

/// Staff cancel a reservation.
pub fn by_staff<S: Store>(world: &World<S>, by: UserId, given: &Reservation) -> CancelByStaff {
    CancelByStaff {
        action_id: world.id(),
        entry_id: world.id(),
        reservation_id: given.id,
        manager_id: by,
        reason: reason(),
    }
}

async fn found<S: Store>(world: &World<S>, show: &Show, now: Instant) -> Vec<Reservation> {
    let query = OrderQuery { concert_id: Some(show.concert_id), ..OrderQuery::default() };
    let orders = world.store.orders(&query, None, PageSize::LARGEST, now).await;
    orders.expect("the store reads").items.into_iter().map(|order| order.reservation).collect()
}

/// The reservation alone and in lists, its seats, the counts, and the record of it.
pub async fn complimentary_tickets_read_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 5).await;
    let fan = world.user(Role::Fan).await;
    world.done(block(&world, &show, &[2, 5]), at(1)).await;
    let command = give(&world, &show, fan, &[2, 1]);

    let given = world.done(command.clone(), at(2)).await;

    let seats = world.seats(&show).await;
    let free = |index: usize| ReservedSeat { price: Points::ZERO, ..(&seats[index]).into() };
    let expected = Reservation {
        id: command.reservation_id,
        user_id: fan,
        concert_id: show.concert_id,
        schedule_id: show.schedule_id,
        queue_token_id: None,
        seats: vec![free(0), free(1)],
        total_price: Points::ZERO,
        created_at: at(2),
        expires_at: at(2),
        extendable_until: None,
        reference: None,
        tickets_issued: true,
        state: ReservationState::Confirmed { at: at(2) },
    };
    assert_eq!(given, expected);
    assert_eq!(world.reservation(given.id).await, expected);
    let confirmed = Some(ReservationStatus::Confirmed);
    let own = world.store.reservations(fan, confirmed, None, PageSize::DEFAULT, at(3)).await;
    assert_eq!(own.expect("the store reads").items, std::slice::from_ref(&expected));
    assert_eq!(found(&world, &show, at(3)).await, std::slice::from_ref(&expected));
    let sold = SeatState::Sold { reservation_id: given.id };
    assert_eq!([seats[0].state, seats[1].state], [sold, sold]);
    assert_eq!(world.account(fan).await.entries, 0);
    let sales = world.store.sales(show.concert_id, at(3)).await.expect("the store reads").remove(0);
    let counts = (sales.free, sales.sold, sales.complimentary, sales.blocked, sales.revenue);
    assert_eq!(counts, (2, 2, 2, 1, 0));
    assert_eq!(world.store.sales_by_time(show.concert_id).await, Ok(Vec::new()));
    let actions = world.store.operator_actions(None, PageSize::DEFAULT).await;
    let deeds: Vec<_> = actions.expect("it reads").items.into_iter().map(|it| it.deed).collect();
    let deed =
        OperatorDeed::TicketsGiven { reservation_id: given.id, user_id: fan, reason: reason() };
    assert!(deeds.contains(&deed));
    assert_sound(&world.store, at(4)).await;
}

/// They are neither for sale nor counted as bought; a concert of which nothing else is left is sold out.
pub async fn complimentary_tickets_take_seats_and_count_for_no_limit<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 5).await;
    let fan = world.fan(show.room_id).await;
    world.done(give(&world, &show, fan.user_id, &[1, 2]), at(1)).await;

    let refused = world.ask(world.hold(fan, &show, &[2]), at(2)).await;
    assert_eq!(refused, Err(HoldRefused::SeatTaken));
    let sold = world.sold(fan, &show, &[3, 4, 5], at(2)).await;
    let sales = world.store.sales(show.concert_id, at(3)).await.expect("the store reads").remove(0);
    assert_eq!((sales.sold, sales.complimentary, sales.revenue), (5, 2, 3 * PRICE));
    let by_time = world.store.sales_by_time(show.concert_id).await.expect("the store reads");
    assert_eq!(by_time.iter().map(|it| it.tickets).sum::<i64>(), 3);
    let newcomer = world.user(Role::Fan).await;
    let join = world.join(show.room_id, newcomer);
    assert_eq!(world.ask(join, at(3)).await, Err(JoinRefused::SoldOut));
    world.done(cancellation(&world, &sold.reservation), at(4)).await;
    assert_eq!(world.account(fan.user_id).await.balance, points(3 * PRICE));
}

/// By staff, and never by the holder; the seats are free and no point moves.
pub async fn staff_alone_cancel_complimentary_tickets<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let Fan { user_id, .. } = world.fan(show.room_id).await;
    let given = world.done(give(&world, &show, user_id, &[1]), at(1)).await;

    let refused = world.ask(cancellation(&world, &given), at(2)).await;
    assert_eq!(refused, Err(CancelRefused::Complimentary));
    let cancelled = world.done(by_staff(&world, show.organizer_id, &given), at(3)).await;

    assert_eq!(cancelled.state, ReservationState::Cancelled { at: at(3) });
    assert_eq!(world.reservation(given.id).await, cancelled);
    assert_eq!(world.seats(&show).await[0].state, SeatState::Free);
    assert_eq!(world.account(user_id).await.entries, 0);
    assert!(world.ask(by_staff(&world, show.organizer_id, &given), at(4)).await.is_err());
    world.done(give(&world, &show, user_id, &[1]), at(5)).await;
}

/// They end with the holds, and are not among the refunds.
pub async fn complimentary_tickets_of_a_cancelled_date_end_without_a_refund<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    let given = world.done(give(&world, &show, fan.user_id, &[1]), at(1)).await;
    world.sold(fan, &show, &[2], at(1)).await;
    let cancel = CancelSchedule {
        action_id: world.id(),
        schedule_id: show.schedule_id,
        manager_id: show.organizer_id,
        reason: reason(),
    };
    world.done(cancel, at(2)).await;
    let settlement = |refunded, tickets, holds| Ok(Settlement { refunded, tickets, holds });
    assert_eq!(world.store.settlement(show.schedule_id).await, settlement(0, 1, 1));
    let late = give(&world, &show, fan.user_id, &[3]);
    assert_eq!(world.ask(late, at(2)).await, Err(GiveRefused::ScheduleCancelled));

    let entry_ids = (0..10).map(|_| world.id()).collect();
    let settle = SettleCancelled { after: ReservationId(Uuid::nil()), entry_ids };
    let settled = world.done(settle, at(3)).await;

    assert_eq!((settled.refunded, settled.released), (1, 1));
    assert_eq!(world.store.settlement(show.schedule_id).await, settlement(1, 0, 0));
    assert_eq!(world.reservation(given.id).await.state, ReservationState::Cancelled { at: at(3) });
    assert_eq!(world.account(fan.user_id).await.balance, points(PRICE));
}

/// Each refusal names its reason, and nothing changes.
pub async fn only_free_and_blocked_seats_are_given<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    world.held(fan, &show, &[2, 3], at(1)).await;
    let stranger = world.user(Role::Organizer).await;
    let before = world.seats(&show).await;

    let to = |holder_id, numbers: &[i32]| GiveTickets {
        holder_id,
        ..give(&world, &show, fan.user_id, numbers)
    };
    let taken = world.ask(to(None, &[1, 2, 3]), at(2)).await;
    assert_eq!(taken, Err(GiveRefused::SeatsTaken(vec![2, 3])));
    for holder_id in [None, Some(world.id())] {
        let refused = world.ask(to(holder_id, &[1]), at(2)).await;
        assert_eq!(refused, Err(GiveRefused::UserNotFound));
    }
    let refused = world.ask(to(None, &[5]), at(2)).await;
    assert_eq!(refused, Err(GiveRefused::SeatNotFound));
    let by_stranger = GiveTickets { manager_id: stranger, ..to(None, &[1]) };
    assert_eq!(world.ask(by_stranger, at(2)).await, Err(GiveRefused::NotManager));

    assert_eq!(world.seats(&show).await, before);
}

/// Ten holds and ten gifts of one seat at once: one alone gets it.
pub async fn of_holds_and_gifts_of_one_seat_at_once_one_is_done<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 5).await;
    for number in 1..=5 {
        let fans = world.fans(show.room_id, 10).await;
        let holds = fans.iter().map(|fan| {
            let (store, hold) = (world.store.clone(), world.hold(*fan, &show, &[number]));
            tokio::spawn(async move { ask(&store, hold, at(1)).await.is_ok() })
        });
        let holds: Vec<_> = holds.collect();
        let gifts = fans.iter().map(|fan| {
            let gift = give(&world, &show, fan.user_id, &[number]);
            let store = world.store.clone();
            async move { ask(&store, gift, at(1)).await.is_ok() }
        });
        let given = together(gifts.collect::<Vec<_>>()).await.into_iter().filter(|it| *it).count();
        let mut held = 0;
        for hold in holds {
            held += usize::from(hold.await.expect("it runs to its end"));
        }

        assert_eq!(held + given, 1, "of seat {number}");
        let seat = &world.seats(&show).await[usize::try_from(number - 1).expect("a number")];
        let expected = if held == 1 { SeatStatus::Held } else { SeatStatus::Sold };
        assert_eq!(seat.status(at(1)), expected);
    }
}
