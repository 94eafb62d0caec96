//! One ticket for each paid seat (rule 22).

use stagedoor_domain::operations::{
    CancelRefused, CancelTicket, RepairTickets, TransferRefused, TransferTicket,
};
use stagedoor_domain::ports::TicketDetails;
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{
    EventId, EventKind, Page, PageSize, PointKind, Reservation, ReservationState, Role, SeatState,
    Ticket, TicketId, TicketState, UserId,
};

use super::complimentary_tickets::{by_staff, give};
use super::extend_and_cancel::cancellation as of_all;
use super::store::{Store, ask, ask_keyed, keyed, together};
use super::world::{OPENING, PRICE, World, at, points};

/// The valid tickets of a reservation that its payer holds, in the order of their seats.
pub async fn of<S: Store>(world: &World<S>, reservation: &Reservation) -> Vec<Ticket> {
    let all = held_by(world, reservation.user_id).await;
    let of = all.into_iter().map(|details| details.ticket).filter(Ticket::is_valid);
    let mut found: Vec<_> = of.filter(|ticket| ticket.reservation_id == reservation.id).collect();
    found.sort_by_key(|ticket| ticket.id);
    found
}

/// All tickets of a user, newest first.
async fn held_by<S: Store>(world: &World<S>, user_id: UserId) -> Vec<TicketDetails> {
    let page = world.store.tickets(user_id, None, None, PageSize::LARGEST).await;
    page.expect("the store reads").items
}

async fn ticket<S: Store>(world: &World<S>, id: TicketId) -> Ticket {
    let found = world.store.ticket(id).await.expect("the store reads");
    found.expect("the ticket is there").ticket
}

/// A request to transfer a ticket.
pub fn transfer<S: Store>(world: &World<S>, ticket: &Ticket, to: UserId) -> TransferTicket {
    TransferTicket {
        ticket_id: ticket.id,
        holder_id: ticket.holder_id,
        recipient_id: Some(to),
        new: world.new_ticket(),
    }
}

/// A request to cancel the seat of a ticket.
pub fn cancellation<S: Store>(world: &World<S>, ticket: &Ticket) -> CancelTicket {
    CancelTicket { entry_id: world.id(), ticket_id: ticket.id, user_id: ticket.holder_id }
}

/// With its seat, its date and the name of its holder.
pub async fn a_payment_issues_tickets_that_read_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 3).await;
    let fan = world.fan(show.room_id).await;
    let pay = {
        let held = world.held(fan, &show, &[2, 5], OPENING).await;
        world.charge(fan.user_id, 2 * PRICE).await;
        world.pay(fan, held.id)
    };

    let paid = world.done(pay.clone(), at(1)).await.reservation;

    assert!(paid.tickets_issued);
    assert_eq!(world.reservation(paid.id).await, paid);
    let seats = world.seats(&show).await;
    let user = world.stored_user(fan.user_id).await;
    let mut found = held_by(&world, fan.user_id).await;
    found.reverse();
    for ((details, new), index) in found.iter().zip(&pay.tickets).zip([1_usize, 4]) {
        let expected = Ticket {
            id: new.id,
            number: new.number,
            reservation_id: paid.id,
            concert_id: show.concert_id,
            schedule_id: show.schedule_id,
            seat_id: seats[index].id,
            holder_id: fan.user_id,
            issued_at: at(1),
            state: TicketState::Valid,
            version: 0,
        };
        assert_eq!(details.ticket, expected);
        assert_eq!(details.seat, seats[index]);
        assert_eq!((&details.holder_name, &details.reservation), (&user.name, &paid));
        assert_eq!(details.schedule.id, show.schedule_id);
        assert_eq!(details.venue, None);
        let alone = world.store.ticket(new.id).await.expect("the store reads");
        assert_eq!(alone.as_ref(), Some(details));
    }
    assert_eq!(found.len(), 2);
    assert_eq!(world.store.ticket(world.id()).await, Ok(None));
}

/// The number of the old one is not that of the new one.
pub async fn a_transferred_ticket_reads_back_for_both_users<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    let friend = world.user(Role::Fan).await;
    let sold = world.sold(fan, &show, &[1, 2], OPENING).await.reservation;
    let old = of(&world, &sold).await.remove(0);
    let command = transfer(&world, &old, friend);
    let submission = keyed(fan.user_id, "key", "print", command.clone());

    let answered = ask_keyed(&world.store, submission.clone(), at(1)).await;
    let again = ask_keyed(&world.store, submission, at(2)).await;

    let state = TicketState::Void { at: at(1), reason: VoidReason::Transferred };
    let void = Ticket { state, version: 1, ..old.clone() };
    assert_eq!((&answered, &again), (&Ok(void.clone()), &Ok(void.clone())));
    assert_eq!(ticket(&world, old.id).await, void);
    let (id, number) = (command.new.id, command.new.number);
    let state = TicketState::Valid;
    let new = Ticket { id, number, holder_id: friend, issued_at: at(1), state, ..old.clone() };
    let of_friend: Vec<_> = held_by(&world, friend).await.into_iter().map(|it| it.ticket).collect();
    assert_eq!(of_friend, [new]);
    assert_eq!(of(&world, &sold).await.len(), 1);
    let told = world.store.events(&[EventId::new(old.id.0, 1)]).await.expect("the store reads");
    assert_eq!(told[0].0.kind, EventKind::TicketTransferred);
    let refused = ask(&world.store, of_all(&world, &sold), at(3)).await;
    assert_eq!(refused, Err(CancelRefused::TicketTransferred));
    let refused = ask(&world.store, transfer(&world, &old, friend), at(3)).await;
    assert_eq!(refused, Err(TransferRefused::TicketVoid));
}

/// Its price comes back, and it is free for others; the last one cancels the reservation.
pub async fn one_seat_of_a_reservation_is_cancelled<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let [fan, other] = [world.fan(show.room_id).await, world.fan(show.room_id).await];
    let sold = world.sold(fan, &show, &[1, 2], OPENING).await.reservation;
    let tickets = of(&world, &sold).await;

    let refunded = world.done(cancellation(&world, &tickets[0]), at(1)).await;

    let left = world.reservation(sold.id).await;
    assert_eq!(refunded.reservation, left);
    assert_eq!(left.seats, sold.seats[1..]);
    assert_eq!((left.total_price, left.state), (points(PRICE), sold.state));
    assert_eq!((refunded.entry.kind, refunded.entry.amount), (PointKind::Refund, points(PRICE)));
    assert_eq!(world.account(fan.user_id).await.balance, points(PRICE));
    assert_eq!(world.seats(&show).await[0].state, SeatState::Free);
    let reason = VoidReason::SeatCancelled;
    assert_eq!(ticket(&world, tickets[0].id).await.state, TicketState::Void { at: at(1), reason });
    world.sold(other, &show, &[1], at(2)).await;
    let refunded = world.done(cancellation(&world, &tickets[1]), at(3)).await;
    assert_eq!(refunded.reservation.state, ReservationState::Cancelled { at: at(3) });
    assert_eq!(world.account(fan.user_id).await.balance, points(2 * PRICE));
    let reason = VoidReason::ReservationCancelled;
    assert_eq!(ticket(&world, tickets[1].id).await.state, TicketState::Void { at: at(3), reason });
}

/// Also those that were transferred, and those of complimentary seats.
pub async fn tickets_end_with_their_reservation<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    let friend = world.user(Role::Fan).await;
    let sold = world.sold(fan, &show, &[1, 2], OPENING).await.reservation;
    let given = world.done(give(&world, &show, friend, &[3]), OPENING).await;
    let moved = of(&world, &sold).await.remove(0);
    world.done(transfer(&world, &moved, friend), at(1)).await;

    world.done(by_staff(&world, show.organizer_id, &sold), at(2)).await;
    world.done(by_staff(&world, show.organizer_id, &given), at(3)).await;

    let all = [held_by(&world, fan.user_id).await, held_by(&world, friend).await].concat();
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|details| !details.ticket.is_valid()), "{all:?}");
    assert_eq!(world.account(fan.user_id).await.balance, points(2 * PRICE));
}

/// They have theirs from the payment on.
pub async fn reservations_with_tickets_get_no_others<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    let sold = world.sold(fan, &show, &[1, 2], OPENING).await.reservation;

    let issued = world.done(RepairTickets { tickets: vec![world.new_tickets()] }, at(1)).await;

    assert_eq!(issued, 0);
    assert_eq!(of(&world, &sold).await.len(), 2);
}

/// Whichever comes first.
pub async fn of_transfers_and_cancellations_of_one_ticket_at_once_one_is_done<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    let friends = world.users(5).await;
    let sold = world.sold(fan, &show, &[1, 2], OPENING).await.reservation;
    let wanted = of(&world, &sold).await.remove(0);
    let transfers = friends.iter().map(|friend| {
        let (store, command) = (world.store.clone(), transfer(&world, &wanted, *friend));
        async move { ask(&store, command, at(1)).await.is_ok() }
    });
    let cancellations = friends.iter().map(|_| {
        let (store, command) = (world.store.clone(), cancellation(&world, &wanted));
        async move { ask(&store, command, at(1)).await.is_ok() }
    });

    let (transferred, cancelled) = tokio::join!(together(transfers), together(cancellations));

    let done = transferred.into_iter().chain(cancelled).filter(|is_done| *is_done).count();
    assert_eq!(done, 1);
    assert!(!ticket(&world, wanted.id).await.is_valid());
}

/// All of a user, or those of one reservation.
pub async fn tickets_are_paged_newest_first<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    let first = world.done(give(&world, &show, fan.user_id, &[1, 2]), OPENING).await;
    world.done(give(&world, &show, fan.user_id, &[3, 4]), at(1)).await;
    let ids = |page: &Page<TicketDetails, TicketId>| -> Vec<TicketId> {
        page.items.iter().map(|details| details.ticket.id).collect()
    };
    let read = async |reservation_id, after, most| {
        let size = PageSize::new(most).expect("a sound size");
        let page = world.store.tickets(fan.user_id, reservation_id, after, size).await;
        page.expect("the store reads")
    };

    let all = read(None, None, 100).await;
    let begin = read(None, None, 3).await;
    let rest = read(None, begin.next, 3).await;
    let of_first = read(Some(first.id), None, 100).await;

    let mut sorted = ids(&all);
    sorted.sort_by(|a, b| b.cmp(a));
    assert_eq!((ids(&all), all.items.len()), (sorted, 4));
    assert_eq!([ids(&begin), ids(&rest)].concat(), ids(&all));
    assert_eq!(ids(&of_first), ids(&all)[2..]);
    assert_eq!((rest.next, of_first.next), (None, None));
}
