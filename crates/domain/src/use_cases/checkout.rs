//! Finding what a user means to pay.

use std::sync::Arc;

use crate::ports::{Clock, Reservations, StoreError};
use crate::reservation::Reference;
use crate::{ConcertId, PageSize, Reservation, ReservationStatus, UserId};

/// The most pages of reservations that are looked through for one of a concert.
const PAGES_MAX: usize = 10;

/// Finds the reservation to pay for clients that do not name it by its id. Whether it can be paid,
/// paying decides.
#[derive(Clone)]
pub struct Checkout {
    /// Says when a hold has expired.
    pub clock: Arc<dyn Clock>,
    /// Reads reservations.
    pub reservations: Arc<dyn Reservations>,
}

impl Checkout {
    /// The user's own reservation with this reference, the newest if several have it; else the one
    /// with this id. One that was released or cancelled is none.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn named(
        &self,
        user_id: UserId,
        name: &str,
    ) -> Result<Option<Reservation>, StoreError> {
        let is_own = |it: &Reservation| {
            let is_cancelled = it.status(self.clock.now()) == ReservationStatus::Cancelled;
            it.user_id == user_id && !is_cancelled
        };
        if let Ok(reference) = Reference::parse(name, "reference")
            && let Some(found) =
                self.reservations.reservation_by_reference(user_id, &reference).await?
        {
            return Ok(Some(found).filter(is_own));
        }
        let Ok(id) = name.parse() else { return Ok(None) };
        Ok(self.reservations.reservation(id).await?.filter(is_own))
    }

    /// What a client means that pays without naming a reservation: the user's newest live hold in
    /// the concert (in any, without one named), or else its newest reservation there, if that is a
    /// hold that expired.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn held(
        &self,
        user_id: UserId,
        concert_id: Option<ConcertId>,
    ) -> Result<Option<Reservation>, StoreError> {
        let live = self.newest(user_id, Some(ReservationStatus::Held), concert_id).await?;
        if live.is_some() {
            return Ok(live);
        }
        let newest = self.newest(user_id, None, concert_id).await?;
        let now = self.clock.now();
        Ok(newest.filter(|newest| newest.status(now) == ReservationStatus::Expired))
    }

    async fn newest(
        &self,
        user_id: UserId,
        status: Option<ReservationStatus>,
        concert_id: Option<ConcertId>,
    ) -> Result<Option<Reservation>, StoreError> {
        let (size, now) = (PageSize::LARGEST, self.clock.now());
        let is_meant = |it: &Reservation| concert_id.is_none_or(|id| id == it.concert_id);
        let mut after = None;
        for _ in 0..PAGES_MAX {
            let page = self.reservations.reservations(user_id, status, after, size, now).await?;
            let found = page.items.into_iter().find(is_meant);
            after = page.next;
            if found.is_some() || after.is_none() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;
    use uuid::Uuid;

    use super::*;
    use crate::ports::{MockReservations, StoppedClock};
    use crate::{Instant, Page, Points, QueueTokenId, ReservationId, ReservationState, ScheduleId};

    const NOW: Instant = time::macros::datetime!(2026-11-21 10:00 UTC);

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn a_reservation(n: u128) -> Reservation {
        Reservation {
            id: ReservationId(Uuid::from_u128(n)),
            user_id: user(1),
            concert_id: ConcertId(Uuid::from_u128(2)),
            schedule_id: ScheduleId(Uuid::from_u128(3)),
            queue_token_id: Some(QueueTokenId(Uuid::from_u128(4))),
            seats: Vec::new(),
            total_price: Points::ZERO,
            created_at: NOW,
            expires_at: NOW,
            extendable_until: None,
            reference: None,
            tickets_issued: false,
            state: ReservationState::Held,
        }
    }

    fn checkout(reservations: MockReservations) -> Checkout {
        Checkout { clock: Arc::new(StoppedClock(NOW)), reservations: Arc::new(reservations) }
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
    async fn a_reservation_that_was_released_is_not_found_by_its_name() {
        for by_reference in [true, false] {
            let state = ReservationState::Cancelled { at: NOW };
            let released = Reservation { state, ..a_reservation(5) };
            let mut reservations = MockReservations::new();
            let found = by_reference.then(|| released.clone());
            reservations.expect_reservation_by_reference().returning(move |_, _| Ok(found.clone()));
            reservations.expect_reservation().returning(move |_| Ok(Some(released.clone())));

            let found =
                checkout(reservations).named(user(1), &Uuid::from_u128(5).to_string()).await;

            assert_eq!(found, Ok(None));
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

    fn of_concert(
        n: u128,
        concert: u128,
        state: ReservationState,
        expires_at: Instant,
    ) -> Reservation {
        let concert_id = ConcertId(Uuid::from_u128(concert));
        Reservation { concert_id, state, expires_at, ..a_reservation(n) }
    }

    #[tokio::test]
    async fn a_live_hold_of_the_concert_is_meant_or_else_the_newest_if_it_expired() {
        let held = |n, concert| {
            of_concert(n, concert, ReservationState::Held, NOW + time::Duration::MINUTE)
        };
        let over = |n, concert| of_concert(n, concert, ReservationState::Held, NOW);
        let paid = |n| of_concert(n, 2, ReservationState::Confirmed { at: NOW }, NOW);
        let released = |n| of_concert(n, 2, ReservationState::Cancelled { at: NOW }, NOW);
        let (concert, any) = (Some(ConcertId(Uuid::from_u128(2))), None);
        let table = [
            ("a newer one elsewhere", vec![held(9, 3), held(5, 2)], vec![], concert, Some(5)),
            ("with a site-wide token", vec![held(9, 3), held(5, 2)], vec![], any, Some(9)),
            ("only elsewhere", vec![held(9, 3)], vec![held(9, 3)], concert, None),
            ("expired", vec![], vec![over(9, 3), over(5, 2)], concert, Some(5)),
            ("paid since", vec![], vec![paid(6), over(5, 2)], concert, None),
            ("released since", vec![], vec![released(6), over(5, 2)], concert, None),
            ("nothing", vec![], vec![], concert, None),
        ];
        for (case, live, all, concert_id, expected) in table {
            let mut reservations = MockReservations::new();
            reservations.expect_reservations().returning(move |_, status, _, _, _| {
                let items = if status.is_some() { live.clone() } else { all.clone() };
                Ok(Page { items, next: None })
            });

            let found = checkout(reservations).held(user(1), concert_id).await.unwrap();

            let expected = expected.map(|n| ReservationId(Uuid::from_u128(n)));
            assert_eq!(found.map(|found| found.id), expected, "{case}");
        }
    }

    #[tokio::test]
    async fn a_hold_is_found_on_a_later_page() {
        let hold = of_concert(5, 2, ReservationState::Held, NOW + time::Duration::MINUTE);
        let elsewhere = Reservation { concert_id: ConcertId(Uuid::from_u128(3)), ..hold.clone() };
        let mut reservations = MockReservations::new();
        reservations.expect_reservations().returning(move |_, _, after, _, _| {
            let item = if after.is_some() { hold.clone() } else { elsewhere.clone() };
            Ok(Page { items: vec![item.clone()], next: Some(item.id) })
        });

        let found = checkout(reservations).held(user(1), Some(a_reservation(5).concert_id)).await;

        assert_eq!(found.unwrap().map(|found| found.concert_id), Some(a_reservation(5).concert_id));
    }
}
