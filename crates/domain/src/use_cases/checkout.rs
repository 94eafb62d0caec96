//! Finding what a user means to pay.

use std::sync::Arc;

use crate::ports::{Clock, Reservations, StoreError};
use crate::reservation::Reference;
use crate::{PageSize, Reservation, ReservationStatus, UserId};

/// Finds the reservation to pay for clients that do not name it by its id. Whether it can be paid,
/// paying decides.
#[derive(Clone)]
pub struct Checkout {
    /// Says when a hold is over.
    pub clock: Arc<dyn Clock>,
    /// Reads reservations.
    pub reservations: Arc<dyn Reservations>,
}

impl Checkout {
    /// The user's own reservation with this reference, the newest if several have it; else the one
    /// with this id.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn named(
        &self,
        user_id: UserId,
        name: &str,
    ) -> Result<Option<Reservation>, StoreError> {
        if let Ok(reference) = Reference::parse(name, "reference")
            && let Some(found) =
                self.reservations.reservation_by_reference(user_id, &reference).await?
        {
            return Ok(Some(found));
        }
        let Ok(id) = name.parse() else { return Ok(None) };
        let found = self.reservations.reservation(id).await?;
        Ok(found.filter(|reservation| reservation.user_id == user_id))
    }

    /// The user's newest live hold; without one, the newest reservation.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn newest(&self, user_id: UserId) -> Result<Option<Reservation>, StoreError> {
        for status in [Some(ReservationStatus::Held), None] {
            let now = self.clock.now();
            let page =
                self.reservations.reservations(user_id, status, None, PageSize::ONE, now).await?;
            if let Some(newest) = page.items.into_iter().next() {
                return Ok(Some(newest));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::{always, eq};
    use uuid::Uuid;

    use super::*;
    use crate::ports::MockReservations;
    use crate::{
        ConcertId, Instant, Page, Points, QueueTokenId, ReservationId, ReservationState, ScheduleId,
    };

    const NOW: Instant = time::macros::datetime!(2026-11-21 10:00 UTC);

    struct At(Instant);

    impl Clock for At {
        fn now(&self) -> Instant {
            self.0
        }
    }

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn a_reservation(n: u128) -> Reservation {
        Reservation {
            id: ReservationId(Uuid::from_u128(n)),
            user_id: user(1),
            concert_id: ConcertId(Uuid::from_u128(2)),
            schedule_id: ScheduleId(Uuid::from_u128(3)),
            queue_token_id: QueueTokenId(Uuid::from_u128(4)),
            seats: Vec::new(),
            total_price: Points::ZERO,
            created_at: NOW,
            expires_at: NOW,
            extendable_until: None,
            reference: None,
            state: ReservationState::Held,
        }
    }

    fn checkout(reservations: MockReservations) -> Checkout {
        Checkout { clock: Arc::new(At(NOW)), reservations: Arc::new(reservations) }
    }

    #[tokio::test]
    async fn a_reference_goes_before_an_id() {
        let name = Uuid::from_u128(5).to_string();
        let mut reservations = MockReservations::new();
        let reference = Reference::parse(&name, "reference").unwrap();
        reservations
            .expect_reservation_by_reference()
            .with(eq(user(1)), eq(reference))
            .returning(|_, _| Ok(Some(a_reservation(9))));

        let found = checkout(reservations).named(user(1), &name).await;

        assert_eq!(found, Ok(Some(a_reservation(9))));
    }

    #[tokio::test]
    async fn an_id_finds_ones_own_reservation_alone() {
        for (asker, expected) in [(user(1), Some(a_reservation(5))), (user(2), None)] {
            let mut reservations = MockReservations::new();
            reservations.expect_reservation_by_reference().returning(|_, _| Ok(None));
            reservations
                .expect_reservation()
                .with(eq(a_reservation(5).id))
                .returning(|_| Ok(Some(a_reservation(5))));

            let found = checkout(reservations).named(asker, &Uuid::from_u128(5).to_string()).await;

            assert_eq!(found, Ok(expected));
        }
    }

    #[tokio::test]
    async fn a_name_that_is_neither_finds_nothing() {
        let mut reservations = MockReservations::new();
        reservations.expect_reservation_by_reference().returning(|_, _| Ok(None));
        let checkout = checkout(reservations);

        for name in ["ticket 1", "", "a\nb"] {
            assert_eq!(checkout.named(user(1), name).await, Ok(None), "{name:?}");
        }
    }

    #[tokio::test]
    async fn a_live_hold_goes_before_whatever_is_newer() {
        let page = |items: &[Reservation]| Ok(Page { items: items.to_vec(), next: None });
        for (held, expected) in [(vec![a_reservation(5)], 5), (Vec::new(), 9)] {
            let mut reservations = MockReservations::new();
            reservations
                .expect_reservations()
                .with(always(), eq(Some(ReservationStatus::Held)), always(), always(), eq(NOW))
                .returning(move |_, _, _, _, _| page(&held));
            reservations
                .expect_reservations()
                .with(always(), eq(None), always(), always(), eq(NOW))
                .returning(move |_, _, _, _, _| page(&[a_reservation(9)]));

            let found = checkout(reservations).newest(user(1)).await;

            assert_eq!(found, Ok(Some(a_reservation(expected))));
        }
    }
}
