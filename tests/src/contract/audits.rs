//! The audit: nothing in a sound store, and every break that is planted.

use stagedoor_domain::operations::{CreateSchedule, ExpireHolds, ExpireTokens};
use stagedoor_domain::ports::Audit;
use stagedoor_domain::{Reservation, RoomId};

use super::check_ins::{EVENING, check_in};
use super::complimentary_tickets::give;
use super::extend_and_cancel::cancellation;
use super::fixture::Plant;
use super::posters::a_poster;
use super::seat_blocks::block;
use super::store::{Store, assert_sound};
use super::tickets;
use super::venues::{a_hall, a_plan, schedule_in};
use super::world::{Fan, OPENING, Show, USE, World, at, leave, release};

/// Something of everything.
struct Scene {
    show: Show,
    buyer: Fan,
    sold: Reservation,
    given: Reservation,
    holder: Fan,
    held: Reservation,
    line: Show,
}

async fn scene<S: Store>(world: &World<S>) -> Scene {
    let show = world.open_show(2, 5).await;
    world.done(show.show_poster(Some(a_poster(1, 640))), at(1)).await;
    let (_, hall) = a_hall(world, a_plan(2)).await;
    let plan = schedule_in(world, &hall).await;
    let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
    world.done(CreateSchedule { concert_id, organizer_id, plan }, at(1)).await;
    let fans = world.fans(show.room_id, 4).await;
    let sold = world.sold(fans[0], &show, &[1, 2], at(1)).await.reservation;
    world.charge(fans[0].user_id, 500).await;
    let refunded = world.sold(fans[2], &show, &[6], at(1)).await.reservation;
    world.done(cancellation(world, &refunded), at(1)).await;
    world.done(world.points(fans[0].user_id, USE, 20), at(1)).await;
    let held = world.held(fans[1], &show, &[3, 4], at(1)).await;
    let released = world.held(fans[1], &show, &[5], at(1)).await;
    world.done(release(&released), at(2)).await;
    world.done(block(world, &show, &[9, 10]), at(2)).await;
    let given = world.done(give(world, &show, fans[0].user_id, &[7, 10]), at(2)).await;
    let used = tickets::of(world, &sold).await.remove(0);
    world.done(check_in(&used, show.organizer_id, "North"), at(EVENING)).await;
    world.done(leave(fans[2]), at(2)).await;
    let line = world.closed_show().await;
    world.fans(line.room_id, 3).await;
    world.set_capacity(line.room_id, 2, at(2)).await;
    assert_eq!(world.admit(line.room_id, at(3)).await, 2);
    Scene { show, buyer: fans[0], sold, given, holder: fans[1], held, line }
}

/// A range of sequence numbers of a room, reserved behind its back.
fn a_range(room_id: RoomId, first: i64, last: i64) -> String {
    format!(
        "INSERT INTO number_ranges (room_id, first_place, last_place, reserved_at, idle_at)
         SELECT room_id, {first}, {last}, created_at, created_at FROM queue_tokens
         WHERE room_id = '{room_id}' AND place = 1"
    )
}

/// At any instant, before and after the deadlines, whether or not that was written.
pub async fn sound_data_have_no_breaks<S: Store>(store: S) {
    assert_sound(&store, OPENING).await;
    let world = World::new(store);
    scene(&world).await;
    for seconds in [4, 121, 301, 604, 90_000] {
        assert_sound(&world.store, at(seconds)).await;
    }
    world.done(ExpireHolds, at(90_000)).await;
    world.done(ExpireTokens, at(90_000)).await;
    assert_sound(&world.store, at(90_000)).await;
}

/// Active users stay active.
pub async fn lowering_a_capacity_is_no_break<S: Store>(store: S) {
    let world = World::new(store);
    let scene = scene(&world).await;
    world.set_capacity(scene.line.room_id, 0, at(4)).await;
    world.set_capacity(scene.show.room_id, 0, at(4)).await;
    assert_sound(&world.store, at(5)).await;
}

/// What was held anew before it was expired belongs to two reservations, and to the later rightly.
pub async fn a_seat_held_anew_before_expiring_is_no_break<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fans = world.fans(show.room_id, 2).await;
    world.held(fans[0], &show, &[1], OPENING).await;
    world.sold(fans[1], &show, &[1], at(300)).await;
    assert_sound(&world.store, at(301)).await;
}

async fn assert_found<F: Plant>(fixture: &F, sql: fn(&Scene) -> String) {
    let world = World::new(fixture.store());
    let scene = scene(&world).await;
    assert_sound(&world.store, at(4)).await;
    let sql = sql(&scene);
    fixture.plant(&sql);
    let violations = world.store.audit(at(4)).await.expect("the store reads");
    assert!(!violations.is_empty(), "the audit overlooks: {sql}");
    for found in violations {
        assert!(!found.invariant.is_empty() && !found.detail.is_empty(), "{found:?}");
    }
}

macro_rules! planted {
    ($($(#[$doc:meta])* $name:ident: $sql:expr;)*) => {$(
        $(#[$doc])*
        pub async fn $name<F: Plant>(fixture: &F) {
            assert_found(fixture, $sql).await;
        }
    )*};
}

planted! {
    /// A poster that cannot be shown as its concert says.
    a_poster_without_its_widest_image_is_found: |scene| format!(
        "DELETE FROM poster_images WHERE width = 640 AND concert_id = '{}'",
        scene.show.concert_id
    );
    /// An image that no concert shows.
    an_image_of_another_poster_is_found: |scene| format!(
        "UPDATE poster_images SET digest = '0' WHERE width = 320 AND concert_id = '{}'",
        scene.show.concert_id
    );
    /// An account that does not equal the sum of its history (rule 14).
    a_balance_off_by_one_is_found: |scene| format!(
        "UPDATE point_accounts SET balance = balance + 1 WHERE user_id = '{}'",
        scene.buyer.user_id
    );
    /// Entries whose sum passes 64 bits.
    entries_that_come_to_more_than_64_bits_are_found: |_| {
        "UPDATE point_entries SET amount = 9000000000000000000 WHERE kind <> 'USE'".to_owned()
    };
    /// A line of the history that was changed.
    an_altered_entry_is_found: |scene| format!(
        "UPDATE point_entries SET amount = amount + 1 WHERE user_id = '{}' AND number = 1",
        scene.buyer.user_id
    );
    /// A line of the history that tells another balance.
    an_entry_with_another_balance_is_found: |scene| format!(
        "UPDATE point_entries SET balance_after = balance_after + 1
         WHERE user_id = '{}' AND number = 1",
        scene.buyer.user_id
    );
    /// A line of the history that is gone.
    a_missing_entry_is_found: |scene| format!(
        "DELETE FROM point_entries WHERE user_id = '{}' AND number = 1",
        scene.buyer.user_id
    );
    /// An account that counts more entries than it has.
    a_wrong_count_of_entries_is_found: |scene| format!(
        "UPDATE point_accounts SET entries = entries + 1 WHERE user_id = '{}'",
        scene.holder.user_id
    );
    /// A user who cannot have points.
    a_user_without_an_account_is_found: |scene| format!(
        "DELETE FROM point_accounts WHERE user_id = '{}'",
        scene.holder.user_id
    );
    /// A seat sold to an unpaid reservation.
    a_seat_sold_without_payment_is_found: |scene| format!(
        "UPDATE seats SET status = 'SOLD', held_until = NULL WHERE reservation_id = '{}'",
        scene.held.id
    );
    /// A reservation that says it is paid.
    a_confirmed_reservation_without_payment_is_found: |scene| format!(
        "UPDATE reservations SET status = 'CONFIRMED', ended_at = created_at WHERE id = '{}'",
        scene.held.id
    );
    /// A paid reservation whose seats could be sold again.
    a_paid_seat_that_is_free_is_found: |scene| format!(
        "UPDATE seats SET status = 'FREE', reservation_id = NULL WHERE reservation_id = '{}'",
        scene.sold.id
    );
    /// A hold whose seats could be held by another.
    a_held_seat_that_is_free_is_found: |scene| format!(
        "UPDATE seats SET status = 'FREE', reservation_id = NULL, held_until = NULL
         WHERE reservation_id = '{}'",
        scene.held.id
    );
    /// Seats that stay taken for a released reservation (rule 12).
    a_seat_held_for_a_cancelled_reservation_is_found: |scene| format!(
        "UPDATE reservations SET status = 'CANCELLED', ended_at = created_at WHERE id = '{}'",
        scene.held.id
    );
    /// Seats that are held longer than their reservation.
    a_seat_held_past_its_reservation_is_found: |scene| format!(
        "UPDATE reservations SET expires_at = created_at WHERE id = '{}'",
        scene.held.id
    );
    /// A reservation of nothing (rule 10).
    a_reservation_without_seats_is_found: |scene| format!(
        "DELETE FROM reservation_seats WHERE reservation_id = '{}'",
        scene.held.id
    );
    /// A price that its seats do not add up to.
    a_wrong_total_price_is_found: |scene| format!(
        "UPDATE reservations SET total_price = total_price + 1 WHERE id = '{}'",
        scene.held.id
    );
    /// A payment of another amount than the price.
    a_payment_of_another_amount_is_found: |scene| format!(
        "UPDATE payments SET amount = amount + 1 WHERE user_id = '{}'",
        scene.buyer.user_id
    );
    /// A payment by another than the reservation's holder (rule 18).
    a_payment_by_another_is_found: |scene| format!(
        "UPDATE payments SET user_id = '{}' WHERE reservation_id = '{}'",
        scene.holder.user_id, scene.sold.id
    );
    /// A payment that took no points off.
    a_payment_without_an_entry_is_found: |scene| format!(
        "UPDATE point_entries SET payment_id = NULL WHERE user_id = '{}'",
        scene.buyer.user_id
    );
    /// Points of a payment that still stands (rule 14).
    a_refund_of_a_payment_that_stands_is_found: |scene| format!(
        "UPDATE point_entries SET payment_id = (SELECT id FROM payments WHERE reservation_id = '{}')
         WHERE kind = 'REFUND'",
        scene.sold.id
    );
    /// A paid reservation that was cancelled without its points coming back.
    a_cancelled_payment_without_a_refund_is_found: |_| {
        "UPDATE point_entries SET payment_id = NULL WHERE kind = 'REFUND'".to_owned()
    };
    /// A refund of more than was paid.
    a_refund_of_another_amount_is_found: |_| {
        "UPDATE point_entries SET amount = amount + 1 WHERE kind = 'REFUND'".to_owned()
    };
    /// A sequence number that its room has not given out yet.
    a_place_above_the_last_is_found: |scene| format!(
        "UPDATE rooms SET last_place = last_place - 1 WHERE id = '{}'",
        scene.line.room_id
    );
    /// Numbers that are reserved and were never given out.
    a_reserved_place_above_the_last_is_found: |scene| a_range(scene.line.room_id, 1_000, 1_001);
    /// Numbers that are reserved, of which one has its token.
    a_reserved_place_with_a_token_is_found: |scene| a_range(scene.line.room_id, 1, 1);
    /// Numbers that two batches reserved.
    a_place_that_is_reserved_twice_is_found: |scene| format!(
        "UPDATE rooms SET last_place = 1002 WHERE id = '{}'; {}; {}",
        scene.line.room_id,
        a_range(scene.line.room_id, 1_000, 1_001),
        a_range(scene.line.room_id, 1_001, 1_002)
    );
    /// A change that readers who follow the room's stamp would miss.
    a_stamp_above_the_rooms_is_found: |scene| format!(
        "UPDATE rooms SET version = version - 1 WHERE id = '{}'",
        scene.line.room_id
    );
    /// More let in than the room has had room for since its policy was made (rule 4).
    more_active_than_the_capacity_is_found: |scene| format!(
        "UPDATE rooms SET capacity = 1 WHERE id = '{}'",
        scene.line.room_id
    );
    /// A token that ends before a hold made with it (rule 8).
    a_token_that_ends_before_its_hold_is_found: |scene| format!(
        "UPDATE queue_tokens SET expires_at = created_at WHERE id = '{}'",
        scene.holder.token_id
    );
    /// A schedule that promises more seats than it has.
    a_wrong_count_of_seats_is_found: |scene| format!(
        "UPDATE schedules SET seat_count = seat_count + 1 WHERE id = '{}'",
        scene.show.schedule_id
    );
    /// A schedule that counts more seats as paid than are.
    a_wrong_count_of_sold_seats_is_found: |scene| format!(
        "UPDATE schedules SET sold_count = sold_count + 1 WHERE id = '{}'",
        scene.show.schedule_id
    );
    /// A seat of a complimentary ticket that could be sold again.
    a_complimentary_ticket_whose_seat_is_free_is_found: |scene| format!(
        "UPDATE seats SET status = 'FREE', reservation_id = NULL WHERE reservation_id = '{}'",
        scene.given.id
    );
    /// A complimentary ticket that was paid.
    a_paid_complimentary_ticket_is_found: |scene| format!(
        "UPDATE payments SET reservation_id = '{}' WHERE reservation_id = '{}'",
        scene.given.id, scene.sold.id
    );
    /// A ticket that was checked in, and is not any more (rule 24).
    a_check_in_that_was_lost_is_found: |_| {
        "UPDATE tickets SET checked_in_at = NULL, checked_in_by = NULL, door = NULL".to_owned()
    };
    /// A schedule that counts fewer blocked seats than it has.
    a_wrong_count_of_blocked_seats_is_found: |scene| format!(
        "UPDATE schedules SET blocked_count = blocked_count - 1 WHERE id = '{}'",
        scene.show.schedule_id
    );
    /// A blocked seat of which no record says why.
    a_blocked_seat_without_its_record_is_found: |_| {
        "DELETE FROM operator_actions WHERE kind = 'SEATS_BLOCKED'".to_owned()
    };
    /// A hall whose newest plan is missing (rule 20).
    a_hall_without_its_newest_plan_is_found: |_| {
        "UPDATE halls SET plan_version = plan_version + 1".to_owned()
    };
    /// A schedule with other seats than its plan has places (rule 20).
    a_schedule_of_another_plan_is_found: |_| {
        "UPDATE schedules SET plan_version = plan_version + 1 WHERE hall_id IS NOT NULL".to_owned()
    };
    /// A date that would still be sold.
    a_date_that_does_not_know_its_concert_was_cancelled_is_found: |scene| format!(
        "UPDATE schedules SET concert_state = 'CANCELLED' WHERE id = '{}'",
        scene.show.schedule_id
    );
    /// A room that would let everyone in.
    a_room_that_does_not_know_its_concert_is_a_draft_is_found: |scene| format!(
        "UPDATE rooms SET concert_state = 'DRAFT' WHERE id = '{}'",
        scene.show.room_id
    );
}
