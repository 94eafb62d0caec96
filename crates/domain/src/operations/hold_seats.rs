//! Holding seats.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::named_seats::check_named;
use crate::invalid::{Invalid, between, line_of_text};
use crate::queue_token::NotActive;
use crate::reservation::SEATS_PER_RESERVATION_MAX;
use crate::seat::SeatTaken;
use crate::seat::best_block::{Wanted, best_block};
use crate::{
    BookingPolicy, Command, ConcertId, ConcertState, Corrupt, DecideError, Decided, HallPlan,
    Idempotency, Instant, Needs, Points, QueueToken, QueueTokenId, Reference, Refusal, Reservation,
    ReservationId, ReservationState, ReservedSeat, Room, RoomId, Schedule, ScheduleId, Seat,
    SeatId, SeatPlan, SeatStatus, TicketLimit, User, UserId, WorkingSet,
};

/// Holds 1 to 4 seats of one schedule, all or none (rules 7 to 11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldSeats {
    /// The id the reservation gets.
    pub reservation_id: ReservationId,
    /// For whom.
    pub user_id: UserId,
    /// With which queue token.
    pub token_id: QueueTokenId,
    /// The token's room.
    pub room_id: RoomId,
    /// Of which schedule.
    pub schedule_id: ScheduleId,
    /// Which seats.
    pub choice: SeatChoice,
    /// For how long, and how many holds the user may have.
    pub policy: BookingPolicy,
    /// What the client calls it, if anything.
    pub reference: Option<Reference>,
}

/// How seats are named: 1 to 4 of them, none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeatChoice {
    /// By their ids.
    Ids(Vec<SeatId>),
    /// By their numbers in the schedule.
    Numbers(Vec<i32>),
    /// Side by side, wherever they are best.
    Best(BestSeats),
}

/// Seats side by side, the best of a schedule or of a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BestSeats {
    /// The number of seats.
    pub count: usize,
    /// Only in sections with this name.
    pub section: Option<String>,
    /// Only in the price zone with this code.
    pub zone: Option<String>,
    /// Places for wheelchairs, with seats of companions beside them.
    pub accessible: bool,
}

impl BestSeats {
    /// The most characters of a section's name.
    pub const SECTION_CHARACTERS_MAX: usize = 40;
    /// The most characters of a price zone's code.
    pub const ZONE_CHARACTERS_MAX: usize = 20;

    fn check(self) -> Result<Self, Invalid> {
        let most = i64::try_from(SEATS_PER_RESERVATION_MAX).unwrap_or(i64::MAX);
        between(i64::try_from(self.count).unwrap_or(i64::MAX), "bestAvailable", 1, most)?;
        let named = |name: Option<String>, field, least, most| {
            name.map(|name| line_of_text(&name, field, least, most)).transpose()
        };
        Ok(Self {
            section: named(self.section, "section", 0, Self::SECTION_CHARACTERS_MAX)?,
            zone: named(self.zone, "zone", 1, Self::ZONE_CHARACTERS_MAX)?,
            ..self
        })
    }
}

impl SeatChoice {
    /// This many side by side, wherever they are best.
    pub fn best(count: usize) -> Self {
        Self::Best(BestSeats { count, ..BestSeats::default() })
    }

    /// How many seats are asked for.
    fn count(&self) -> usize {
        match self {
            Self::Ids(ids) => ids.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::Best(best) => best.count,
        }
    }

    /// Checks the number of seats, that none is named twice (rule 10), and the form of names.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(self) -> Result<Self, Invalid> {
        match &self {
            Self::Ids(ids) => check_named(ids, "seatIds", SEATS_PER_RESERVATION_MAX)?,
            Self::Numbers(numbers) => {
                check_named(numbers, "seatNumbers", SEATS_PER_RESERVATION_MAX)?;
            }
            Self::Best(best) => return best.clone().check().map(Self::Best),
        }
        Ok(self)
    }
}

/// Why no seat was held, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum HoldRefused {
    /// The user has not confirmed the e-mail address, which booking requires (rule 23).
    #[error("the e-mail address is not confirmed")]
    EmailNotVerified,
    /// The queue token does not admit to booking.
    #[error("{0}")]
    NotActive(NotActive),
    /// There is no such schedule (rule 11).
    #[error("there is no such schedule")]
    ScheduleNotFound,
    /// The queue token is of another concert's room (rule 7), or another user's.
    #[error("the queue token is of another room")]
    OtherRoom,
    /// The queue token is of the site-wide room, and the concert's own room has a line or admits no user
    /// (rule 7).
    #[error("the concert has a queue of its own")]
    OwnQueue,
    /// The concert was cancelled.
    #[error("the concert was cancelled")]
    ConcertCancelled,
    /// The schedule was cancelled.
    #[error("the schedule was cancelled")]
    ScheduleCancelled,
    /// Booking is not open now (rule 11).
    #[error("booking is closed")]
    BookingClosed,
    /// Each of the seats that is not free is held by the user, the first by this reservation.
    #[error("the user holds the seats")]
    AlreadyHeld(ReservationId),
    /// The user has as many live holds in the schedule as one may have.
    #[error("the user has too many live holds")]
    TooManyHolds,
    /// With these seats the user would have more tickets of the schedule than one person may have.
    #[error("a person may have at most {} tickets of the schedule", .0.get())]
    TicketLimit(TicketLimit),
    /// The schedule has no section with the name.
    #[error("the schedule has no such section")]
    SectionNotFound,
    /// The schedule has no price zone with the code.
    #[error("the schedule has no such price zone")]
    ZoneNotFound,
    /// The schedule has no such seat.
    #[error("the schedule has no such seat")]
    SeatNotFound,
    /// A seat is taken by another user, or no row has that many free ones side by side (rule 9).
    #[error("a seat is taken")]
    SeatTaken,
    /// The seats cost more than [`Points::MAX`] together, so no balance pays them.
    #[error("the seats cost more than an account can hold")]
    TooExpensive,
}

impl Refusal for HoldRefused {
    fn is_final(&self) -> bool {
        match self {
            // The same request may come with another queue token.
            Self::NotActive(_) | Self::OtherRoom | Self::OwnQueue => false,
            Self::EmailNotVerified => false,
            Self::BookingClosed | Self::AlreadyHeld(_) | Self::SeatTaken => false,
            Self::TooManyHolds | Self::TicketLimit(_) => false,
            // A draft may be published.
            Self::ScheduleNotFound => false,
            Self::ConcertCancelled | Self::ScheduleCancelled => true,
            Self::SectionNotFound | Self::ZoneNotFound => true,
            Self::SeatNotFound | Self::TooExpensive => true,
        }
    }
}

/// Of which concert a hold is, when it ends, and to when it may be extended, if it may.
struct Term {
    concert_id: ConcertId,
    expires_at: Instant,
    extendable_until: Option<Instant>,
}

impl HoldSeats {
    /// No hold can be paid after the performance, and none is extended past the booking window. Neither
    /// outlasts the time that a token may be inside, however often it holds.
    fn term(&self, schedule: &Schedule, token_ends_at: Instant, now: Instant) -> Term {
        let expires_at = now + self.policy.hold_time;
        let latest = expires_at + self.policy.extension_time;
        let expires_at = expires_at.min(schedule.ends_at).min(token_ends_at);
        let latest = latest.min(schedule.booking.closes_at).min(token_ends_at);
        let extendable_until = (latest > expires_at).then_some(latest);
        Term { concert_id: schedule.concert_id, expires_at, extendable_until }
    }

    /// Whether the command is decided on every seat of its schedule: it asks for the best block,
    /// and no earlier rule refuses it. What `set` holds besides seats decides that.
    fn needs_every_seat(&self, set: &WorkingSet, now: Instant) -> Result<bool, Corrupt> {
        if !matches!(self.choice, SeatChoice::Best(_)) {
            return Ok(false);
        }
        match self.check_admission(set, now).and_then(|_| self.check_bounds(set)) {
            Ok(()) => Ok(true),
            Err(DecideError::Refused(_)) => Ok(false),
            Err(DecideError::Corrupt(bug)) => Err(bug),
        }
    }

    fn check_admission(
        &self,
        set: &WorkingSet,
        now: Instant,
    ) -> Result<Term, DecideError<HoldRefused>> {
        self.check_verified(set)?;
        let expired = HoldRefused::NotActive(NotActive::Expired);
        let token = set.token_of(self.room_id, self.token_id)?.ok_or(expired)?;
        let room = set.require::<Room>(&token.room_id)?;
        token.check_active(now).map_err(HoldRefused::NotActive)?;
        let schedule = set.get::<Schedule>(&self.schedule_id)?;
        let schedule = schedule.filter(|schedule| schedule.concert_state.is_public());
        let schedule = schedule.ok_or(HoldRefused::ScheduleNotFound)?;
        if !room.covers(schedule.concert_id) || token.user_id != self.user_id {
            return Err(HoldRefused::OtherRoom.into());
        }
        if room.concert_id.is_none() && !enters_from_the_site(set, schedule)? {
            return Err(HoldRefused::OwnQueue.into());
        }
        if schedule.concert_state == ConcertState::Cancelled {
            return Err(HoldRefused::ConcertCancelled.into());
        }
        if schedule.cancelled.is_some() {
            return Err(HoldRefused::ScheduleCancelled.into());
        }
        if !schedule.is_bookable(now) {
            return Err(HoldRefused::BookingClosed.into());
        }
        let hold_time = self.policy.hold_time + self.policy.extension_time;
        let token_ends_at = token.latest_hold_end(&room.policy, hold_time).ok_or(expired)?;
        Ok(self.term(schedule, token_ends_at, now))
    }

    /// Checks that the user has confirmed the e-mail address, if that is required. A guest of open mode has none.
    fn check_verified(&self, set: &WorkingSet) -> Result<(), DecideError<HoldRefused>> {
        if !self.policy.needs_verified_email {
            return Ok(());
        }
        let user = set.get::<User>(&self.user_id)?;
        let is_open = |user: &User| user.has_password() && user.contact.verified_at.is_none();
        if user.is_none_or(is_open) {
            return Err(HoldRefused::EmailNotVerified.into());
        }
        Ok(())
    }

    /// Checks how many live holds and tickets the user has in the schedule.
    fn check_bounds(&self, set: &WorkingSet) -> Result<(), DecideError<HoldRefused>> {
        let own = set.own_tickets(self.schedule_id, self.user_id)?;
        if own.iter().filter(|tickets| !tickets.is_paid).count() >= self.policy.holds_max {
            return Err(HoldRefused::TooManyHolds.into());
        }
        let limit = set.require::<Schedule>(&self.schedule_id)?.ticket_limit;
        if !limit.allows(own, self.choice.count()) {
            return Err(HoldRefused::TicketLimit(limit).into());
        }
        Ok(())
    }

    /// The chosen seats; `None` if a number is unknown.
    fn choose(
        &self,
        set: &WorkingSet,
        now: Instant,
    ) -> Result<Option<Vec<SeatId>>, DecideError<HoldRefused>> {
        match &self.choice {
            SeatChoice::Ids(ids) => Ok(Some(ids.clone())),
            SeatChoice::Numbers(numbers) => {
                let numbered = |number: &i32| set.seat_numbered(self.schedule_id, *number);
                let ids: Vec<_> = numbers.iter().map(numbered).collect::<Result<_, _>>()?;
                Ok(ids.into_iter().collect())
            }
            SeatChoice::Best(best) => {
                self.check_bounds(set)?;
                let wanted = self.wanted(set, best)?;
                let block = best_block(set.seats_of(self.schedule_id)?, &wanted, now);
                Ok(Some(block.ok_or(HoldRefused::SeatTaken)?))
            }
        }
    }

    /// The part of the schedule that the best seats are picked from.
    fn wanted<'b>(
        &self,
        set: &WorkingSet,
        best: &'b BestSeats,
    ) -> Result<Wanted<'b>, DecideError<HoldRefused>> {
        let section = best.section.as_deref();
        let is_in = |name: &str| {
            set.seats_of(self.schedule_id).map(|mut seats| seats.any(|seat| seat.label == name))
        };
        if !section.map(is_in).transpose()?.unwrap_or(true) {
            return Err(HoldRefused::SectionNotFound.into());
        }
        let numbers = match &best.zone {
            Some(code) => Some(self.numbers_of_zone(set, code)?.ok_or(HoldRefused::ZoneNotFound)?),
            None => None,
        };
        Ok(Wanted { size: best.count, section, numbers, accessible: best.accessible })
    }

    /// The numbers of the seats in a price zone of the schedule; `None` if the code is unknown.
    fn numbers_of_zone(
        &self,
        set: &WorkingSet,
        code: &str,
    ) -> Result<Option<HashSet<i32>>, Corrupt> {
        let Some(version) = set.require::<Schedule>(&self.schedule_id)?.plan else {
            let price = SeatPlan::price_of_zone(set.seats_of(self.schedule_id)?, code);
            let Some(price) = price else { return Ok(None) };
            let priced = set.seats_of(self.schedule_id)?.filter(|seat| seat.price == price);
            return Ok(Some(priced.map(|seat| seat.number).collect()));
        };
        let plan = &set.require::<HallPlan>(&(version.hall_id, version.version))?.plan;
        let is_known = plan.zones().iter().any(|zone| zone.code == code);
        let places = (1..).zip(plan.places()).filter(|(_, place)| place.zone == code);
        Ok(is_known.then(|| places.map(|(number, _)| number).collect()))
    }

    /// The user's own hold, if no seat but those that the user holds is taken.
    fn held_already(
        &self,
        set: &WorkingSet,
        chosen: &[SeatId],
        now: Instant,
    ) -> Result<Option<ReservationId>, Corrupt> {
        let own = set.own_tickets(self.schedule_id, self.user_id)?;
        let chosen: Vec<_> =
            chosen.iter().map(|id| set.get::<Seat>(id)).collect::<Result<_, _>>()?;
        let taken =
            chosen.into_iter().flatten().filter(|seat| seat.status(now) != SeatStatus::Free);
        let held: Option<Vec<_>> = taken
            .map(|seat| own.iter().find(|held| seat.is_held_by(held.reservation_id)))
            .collect();
        Ok(held.and_then(|held| held.first().map(|held| held.reservation_id)))
    }

    /// The seats, held until `until`, in the order of their numbers.
    fn held_seats(
        &self,
        set: &WorkingSet,
        until: Instant,
        now: Instant,
    ) -> Result<Vec<Seat>, DecideError<HoldRefused>> {
        let chosen = self.choose(set, now)?;
        if let Some(held) = self.held_already(set, chosen.as_deref().unwrap_or_default(), now)? {
            return Err(HoldRefused::AlreadyHeld(held).into());
        }
        self.check_bounds(set)?;
        let mut seats = Vec::new();
        for id in chosen.ok_or(HoldRefused::SeatNotFound)? {
            let seat = set.get::<Seat>(&id)?.filter(|seat| seat.schedule_id == self.schedule_id);
            seats.push(seat.cloned().ok_or(HoldRefused::SeatNotFound)?);
        }
        for seat in &mut seats {
            let held = seat.hold(self.reservation_id, until, now);
            held.map_err(|SeatTaken| HoldRefused::SeatTaken)?;
        }
        seats.sort_by_key(|seat| seat.number);
        Ok(seats)
    }
}

fn enters_from_the_site(set: &WorkingSet, schedule: &Schedule) -> Result<bool, Corrupt> {
    let Some(own) = set.room_of(schedule)? else { return Ok(false) };
    Ok(own.admits_from_the_site(set.occupancy(own.id)?.anyone_waits))
}

impl Command for HoldSeats {
    type Success = Reservation;
    type Refusal = HoldRefused;
    type Key = Idempotency;
    const NAME: &'static str = "hold_seats";

    fn needs(&self, needs: &mut Needs) {
        if self.room_id == RoomId::SITE {
            needs.rooms_of_schedules.insert(self.schedule_id);
        }
        if self.policy.needs_verified_email {
            needs.users_read.insert(self.user_id);
        }
        needs.tokens_and_rooms.insert(self.token_id);
        needs.schedules.insert(self.schedule_id);
        needs.own_tickets.insert((self.schedule_id, self.user_id));
        match &self.choice {
            SeatChoice::Ids(ids) => needs.seats.extend(ids),
            SeatChoice::Numbers(numbers) => needs
                .numbered_seats
                .extend(numbers.iter().map(|number| (self.schedule_id, *number))),
            SeatChoice::Best(_) => {}
        }
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        now: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        if self.needs_every_seat(set, now)? {
            needs.seats_of_schedules.insert(self.schedule_id);
        }
        if let SeatChoice::Best(BestSeats { zone: Some(_), .. }) = &self.choice
            && let Some(schedule) = set.get::<Schedule>(&self.schedule_id)?
            && needs.seats_of_schedules.contains(&self.schedule_id)
        {
            needs.plans_read.extend(schedule.plan.map(|plan| (plan.hall_id, plan.version)));
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let Term { concert_id, expires_at, extendable_until } = self.check_admission(set, now)?;
        let seats = self.held_seats(set, expires_at, now)?;
        let total_price = Points::checked_sum(seats.iter().map(|seat| seat.price))
            .ok_or(HoldRefused::TooExpensive)?;
        let reservation = Reservation {
            id: self.reservation_id,
            user_id: self.user_id,
            concert_id,
            schedule_id: self.schedule_id,
            queue_token_id: Some(self.token_id),
            seats: seats.iter().map(ReservedSeat::from).collect(),
            total_price,
            created_at: now,
            expires_at,
            extendable_until,
            reference: self.reference.clone(),
            tickets_issued: false,
            state: ReservationState::Held,
        };
        let mut token = set.require::<QueueToken>(&self.token_id)?.clone();
        token.extend_to(expires_at).map_err(HoldRefused::NotActive)?;
        set.replace_all(seats)?;
        set.replace(token)?;
        set.note_tickets(&reservation, now);
        set.insert(reservation.clone());
        Ok(reservation)
    }
}
