//! Schedules that are limited, edited, moved and cancelled, and what becomes of their tickets.

use stagedoor_domain::operations::{
    CancelByStaff, CancelByStaffRefused, CancelSchedule, ChangeRole, CreateSchedule, EditSchedule,
    EditScheduleRefused, HoldRefused, JoinRefused, PayRefused, RemoveToken, SchedulePlan,
    SettleCancelled, TermsEdit,
};
use stagedoor_domain::ports::Settlement;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{
    ExpectedVersion, ExpiryReason, Instant, Moved, OperatorDeed, PageSize, PointKind, Reason,
    Reservation, ReservationId, ReservationState, Role, ScheduleCancelled, ScheduleTerms,
    TicketLimit, TokenState, UserId,
};
use time::Duration;
use uuid::Uuid;

use super::extend_and_cancel::cancellation;
use super::store::{Store, ask, together};
use super::world::{Fan, PRICE, Show, World, at, points};

fn reason() -> Reason {
    Reason::parse("가수가 아파요. ★").expect("a reason")
}

pub fn an_edit<S: Store>(world: &World<S>, show: &Show, edit: TermsEdit) -> EditSchedule {
    EditSchedule {
        action_id: world.id(),
        schedule_id: show.schedule_id,
        editor_id: show.organizer_id,
        expected: ExpectedVersion::OneOf(vec![0]),
        edit,
    }
}

fn cancel_show<S: Store>(world: &World<S>, show: &Show) -> CancelSchedule {
    CancelSchedule {
        action_id: world.id(),
        schedule_id: show.schedule_id,
        manager_id: show.organizer_id,
        reason: reason(),
    }
}

fn by_staff<S: Store>(world: &World<S>, by: UserId, reservation: &Reservation) -> CancelByStaff {
    CancelByStaff {
        action_id: world.id(),
        entry_id: world.id(),
        reservation_id: reservation.id,
        manager_id: by,
        reason: reason(),
    }
}

/// Refunds as many tickets of cancelled dates.
pub fn settle<S: Store>(
    world: &World<S>,
    after: Option<ReservationId>,
    most: usize,
) -> SettleCancelled {
    let entry_ids = (0..most).map(|_| world.id()).collect();
    SettleCancelled { after: after.unwrap_or(ReservationId(Uuid::nil())), entry_ids }
}

async fn limited_show<S: Store>(world: &World<S>, tickets: i64) -> Show {
    let show = world.open_show(1, 1).await;
    let plan = world.plan(2, 10);
    let ticket_limit = TicketLimit::parse(tickets).expect("a limit");
    let plan = SchedulePlan { terms: ScheduleTerms { ticket_limit, ..plan.terms }, ..plan };
    let schedule_id = plan.id;
    let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
    world.done(CreateSchedule { concert_id, organizer_id, plan }, at(0)).await;
    Show { schedule_id, ..show }
}

/// Holds and paid tickets, over batches; others are not counted, nor are those that were refunded.
pub async fn a_person_has_a_limited_number_of_tickets_of_a_schedule<S: Store>(store: S) {
    let world = World::new(store);
    let show = limited_show(&world, 3).await;
    let limit = HoldRefused::TicketLimit(TicketLimit::parse(3).expect("a limit"));
    let [fan, other] = [world.fan(show.room_id).await, world.fan(show.room_id).await];
    let paid = world.sold(fan, &show, &[1, 2], at(1)).await.reservation;
    let again = world.enter(show.room_id, fan.user_id, at(2)).await;

    let refused = world.ask(world.hold(again, &show, &[3, 4]), at(2)).await;
    assert_eq!(refused, Err(limit));
    world.held(again, &show, &[3], at(2)).await;
    assert_eq!(world.ask(world.hold(again, &show, &[4]), at(3)).await, Err(limit));
    world.held(other, &show, &[5, 6, 7], at(3)).await;

    world.done(cancellation(&world, &paid), at(4)).await;
    world.held(again, &show, &[1, 2], at(4)).await;
}

/// Twenty tasks of one person, each for another seat.
pub async fn holding_at_once_never_passes_the_limit_of_tickets<S: Store>(store: S) {
    let world = World::new(store);
    let show = limited_show(&world, 3).await;
    let fan = world.fan(show.room_id).await;
    let tasks = (1..=20).map(|number| {
        let hold = world.hold(fan, &show, &[number]);
        let store = world.store.clone();
        async move { ask(&store, hold, at(1)).await.is_ok() }
    });

    let held = together(tasks.collect::<Vec<_>>()).await;

    assert_eq!(held.into_iter().filter(|held| *held).count(), 3);
}

/// All terms, to the microsecond, with the record of it.
pub async fn an_edited_schedule_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    world.sold(fan, &show, &[1], at(1)).await;
    let before_it = world.store.schedule(show.schedule_id).await.expect("the store reads");
    let before_it = before_it.expect("there is such a schedule");
    let tick = Duration::microseconds(1);
    let edit = TermsEdit {
        starts_at: Some(at(900_000) + tick),
        ends_at: Some(at(910_000) + tick),
        booking_opens_at: Some(at(-7) + tick),
        booking_closes_at: Some(at(800_000) + tick),
        cancellation_closes_at: Some(None),
        ticket_limit: Some(TicketLimit::parse(7).expect("a limit")),
        refundable_until: Some(at(700_000) + tick),
    };

    let edited = world.done(an_edit(&world, &show, edit), at(2)).await;

    let moved = Moved {
        at: at(2),
        from: before_it.starts_at,
        refundable_until: at(700_000) + tick,
        told_to: Some(ReservationId::FIRST),
    };
    assert_eq!((edited.moved, edited.version), (Some(moved), 1));
    assert_eq!(edited.terms(), edit.applied_to(before_it.terms()));
    let listing = world.store.schedule_listing(show.schedule_id, at(2)).await;
    let listing = listing.expect("the store reads").expect("there is such a schedule");
    assert_eq!((&listing.schedule, listing.seats_available), (&edited, 3));
    let actions = world.store.operator_actions(None, PageSize::LARGEST).await;
    let deed = OperatorDeed::ScheduleEdited {
        schedule_id: show.schedule_id,
        before: before_it.terms(),
        after: edited.terms(),
    };
    assert!(actions.expect("the store reads").items.iter().any(|it| it.deed == deed));
}

/// Ten tasks that have seen one version: one alone is done.
pub async fn of_edits_made_from_one_version_one_is_done<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let tasks = (1..=10).map(|tickets| {
        let ticket_limit = Some(TicketLimit::parse(tickets).expect("a limit"));
        let edit = an_edit(&world, &show, TermsEdit { ticket_limit, ..TermsEdit::default() });
        let store = world.store.clone();
        async move { ask(&store, edit, at(1)).await }
    });

    let edits = together(tasks.collect::<Vec<_>>()).await;

    let (done, refused): (Vec<_>, Vec<_>) = edits.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    assert!(refused.iter().all(|it| *it == Err(EditScheduleRefused::OtherVersion)));
    let stored = world.store.schedule(show.schedule_id).await.expect("the store reads");
    assert_eq!(stored.as_ref(), done[0].as_ref().ok());
}

/// From that instant no user holds, pays or joins, and no list offers it.
pub async fn a_cancelled_schedule_sells_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, PRICE).await;
    let held = world.held(fan, &show, &[1], at(1)).await;

    let cancelled = world.done(cancel_show(&world, &show), at(2)).await;

    assert_eq!(cancelled.cancelled, Some(ScheduleCancelled { at: at(2), reason: reason() }));
    let stored = world.store.schedule(show.schedule_id).await;
    assert_eq!(stored, Ok(Some(cancelled)));
    let hold = world.hold(fan, &show, &[2]);
    assert_eq!(world.ask(hold, at(2)).await, Err(HoldRefused::ScheduleCancelled));
    let pay = world.pay(fan, held.id);
    assert_eq!(world.ask(pay, at(2)).await, Err(PayRefused::ScheduleCancelled));
    let join = world.join(show.room_id, world.user(Role::Fan).await);
    assert_eq!(world.ask(join, at(2)).await, Err(JoinRefused::BookingClosed));
    let listing = world.store.concert(show.concert_id, at(2)).await.expect("the store reads");
    let listing = listing.expect("there is such a concert");
    assert!(!listing.bookable && listing.next_dates.is_empty());
    let available = world.store.schedules(show.concert_id, true, None, PageSize::LARGEST, at(2));
    assert_eq!(available.await.expect("the store reads").items, []);
}

/// Several processes at once, whose batches overlap: each payment is refunded once.
pub async fn each_ticket_of_a_cancelled_schedule_is_refunded_once<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(3, 10).await, world.open_show(1, 2).await);
    let fans = world.fans(show.room_id, 12).await;
    for (number, fan) in (1..).step_by(2).zip(&fans[..10]) {
        world.sold(*fan, &show, &[number, number + 1], at(1)).await;
    }
    world.held(fans[10], &show, &[25], at(1)).await;
    world.held(fans[11], &show, &[26], at(1)).await;
    let spared = world.sold(world.fan(other.room_id).await, &other, &[1], at(1)).await;
    world.done(cancel_show(&world, &show), at(2)).await;
    let settlement = |refunded, tickets, holds| Ok(Settlement { refunded, tickets, holds });
    assert_eq!(world.store.settlement(show.schedule_id).await, settlement(0, 10, 2));
    world.done(settle(&world, None, 3), at(3)).await;

    let tasks = (0..4).map(|_| {
        let world = world.clone();
        async move {
            let mut after = None;
            while let Some(last) = world.done(settle(&world, after, 4), at(4)).await.last {
                after = Some(last);
            }
        }
    });
    together(tasks.collect::<Vec<_>>()).await;

    assert_eq!(world.store.settlement(show.schedule_id).await, settlement(10, 0, 0));
    for fan in &fans[..10] {
        let account = world.account(fan.user_id).await;
        assert_eq!((account.balance, account.entries), (points(2 * PRICE), 3));
    }
    let spared = world.reservation(spared.reservation.id).await;
    assert!(matches!(spared.state, ReservationState::Confirmed { .. }));
}

/// A payment and the cancellation of the date at once: refused, or paid and refunded.
pub async fn a_payment_that_meets_a_cancellation_is_refused_or_refunded<S: Store>(store: S) {
    let world = World::new(store);
    for _ in 0..10 {
        let show = world.open_show(1, 2).await;
        let fan = world.fan(show.room_id).await;
        world.charge(fan.user_id, PRICE).await;
        let held = world.held(fan, &show, &[1], at(1)).await;
        let (pay, cancel) = (world.pay(fan, held.id), cancel_show(&world, &show));
        let (one, two) = (world.store.clone(), world.store.clone());
        let paying = tokio::spawn(async move { ask(&one, pay, at(2)).await });
        let cancelling = tokio::spawn(async move { ask(&two, cancel, at(2)).await });
        let paid = paying.await.expect("it runs to its end");
        cancelling.await.expect("it runs to its end").expect("no rule refuses it");

        world.done(settle(&world, None, 10), at(3)).await;

        assert!(paid.is_ok() || paid.err() == Some(PayRefused::ScheduleCancelled));
        assert_eq!(world.account(fan.user_id).await.balance, points(PRICE));
        let state = world.reservation(held.id).await.state;
        assert_eq!(state, ReservationState::Cancelled { at: at(3) });
    }
}

/// The holder, the organizer and an operator cancel one ticket at once: one of them refunds it.
pub async fn staff_and_holder_refund_a_ticket_once<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let operator = world.user(Role::Operator).await;
    let fan = world.fan(show.room_id).await;
    let paid = world.sold(fan, &show, &[1], at(1)).await.reservation;
    let own = cancellation(&world, &paid);
    let staff = [operator, show.organizer_id, operator].map(|by| by_staff(&world, by, &paid));
    let store = world.store.clone();
    let holder = tokio::spawn(async move { ask(&store, own, at(2)).await.is_ok() });
    let tasks = staff.map(|command| {
        let store = world.store.clone();
        async move { ask(&store, command, at(2)).await.is_ok() }
    });

    let by_staff_done = together(tasks).await.into_iter().filter(|done| *done).count();
    let by_holder = holder.await.expect("it runs to its end");

    assert_eq!(by_staff_done + usize::from(by_holder), 1);
    let entries = world.store.point_entries(fan.user_id, None, PageSize::LARGEST).await;
    let entries = entries.expect("the store reads").items;
    let refunds = entries.iter().filter(|entry| entry.kind == PointKind::Refund);
    assert_eq!(refunds.count(), 1);
}

/// After the deadline for cancellation, and a hold; not by an organizer of another concert.
pub async fn staff_end_reservations_whatever_their_deadline<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let stranger = world.user(Role::Organizer).await;
    let fans = world.fans(show.room_id, 2).await;
    let paid = world.sold(fans[0], &show, &[1], at(1)).await.reservation;
    let late = at(50_000);
    let later = world.enter(show.room_id, fans[1].user_id, late).await;
    let held = world.held(later, &show, &[2], late).await;

    let refused = world.ask(by_staff(&world, stranger, &paid), late).await;
    assert_eq!(refused, Err(CancelByStaffRefused::NotManager));
    let refunded = world.done(by_staff(&world, show.organizer_id, &paid), late).await;
    let released = world.done(by_staff(&world, show.organizer_id, &held), late).await;

    for ended in [refunded, released] {
        assert_eq!(ended.state, ReservationState::Cancelled { at: late });
        assert_eq!(world.reservation(ended.id).await, ended);
    }
    assert_eq!(world.account(fans[0].user_id).await.balance, points(PRICE));
    let again = world.ask(by_staff(&world, show.organizer_id, &held), late).await;
    assert_eq!(again, Err(CancelByStaffRefused::NotHeld(NotHeld::Cancelled)));
}

/// Every kind of record, with its reason.
pub async fn what_staff_did_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let operator = world.user(Role::Operator).await;
    let Fan { user_id, token_id, room_id } = world.fan(show.room_id).await;
    let held = world.held(Fan { user_id, token_id, room_id }, &show, &[1], at(1)).await;
    world.done(by_staff(&world, operator, &held), at(2)).await;
    let action_id = world.id();
    let remove =
        RemoveToken { action_id, operator_id: operator, token_id, room_id, reason: reason() };
    world.done(remove, at(3)).await;
    let action_id = world.id();
    let role = Role::Organizer;
    world.done(ChangeRole { action_id, operator_id: operator, user_id, role }, at(4)).await;
    world.done(cancel_show(&world, &show), at(5)).await;

    let actions = world.store.operator_actions(None, PageSize::LARGEST).await;
    let mut actions = actions.expect("the store reads").items;
    actions.retain(|action| !matches!(action.deed, OperatorDeed::RoomChanged { .. }));
    let told: Vec<(Instant, OperatorDeed)> =
        actions.into_iter().rev().map(|action| (action.at, action.deed)).collect();
    let schedule_id = show.schedule_id;
    let expected = [
        (
            at(2),
            OperatorDeed::ReservationCancelled {
                reservation_id: held.id,
                user_id,
                reason: reason(),
            },
        ),
        (at(3), OperatorDeed::TokenRemoved { token_id, user_id, reason: reason() }),
        (at(4), OperatorDeed::RoleChanged { user_id, before: Role::Fan, after: role }),
        (at(5), OperatorDeed::ScheduleCancelled { schedule_id, reason: reason() }),
    ];
    assert_eq!(told, expected);
    let left = TokenState::Expired { reason: ExpiryReason::Left, at: at(3) };
    assert_eq!(world.token(token_id).await.state, left);
    let user = world.stored_user(user_id).await;
    assert_eq!((user.role, user.sessions.version, user.sessions.ended_at), (role, 1, Some(at(4))));
}
