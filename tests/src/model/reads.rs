//! How the model reads: everything, and then what was asked for.

use std::collections::BTreeMap;

use async_trait::async_trait;
use stagedoor_domain::concert::Slug;
use stagedoor_domain::ports::{
    ConcertFilter, ConcertListing, Concerts, Events, Halls, OperatorActions, Order, OrderQuery,
    OrderText, Orders, PaymentDetails, Payments, PointAccounts, PosterImages, PrintedSeat,
    QuarterSales, QueueTokens, Reservations, RoomCount, Rooms, Sales, ScheduleListing, Schedules,
    SeatBlock, Settlement, StoreError, Subject, Users, VenueOfSchedule, Venues, WaitingLines,
    Webhooks,
};
use stagedoor_domain::poster::PosterDigest;
use stagedoor_domain::{
    Concert, ConcertId, Delivery, Email, Event, EventId, Hall, HallId, HallPlan, Instant,
    LineChange, LineDelta, LinePage, NumberRange, OperatorAction, OperatorActionId, OperatorDeed,
    Page, PageSize, Payment, PaymentId, PlanVersion, PointAccount, PointEntry, PointKind, Points,
    PosterImage, QueueToken, QueueTokenId, Reference, Reservation, ReservationId, ReservationState,
    ReservationStatus, ReservedSeat, Room, RoomId, Schedule, ScheduleId, Seat, SeatDetails,
    SeatState, SeatStatus, Ticket, TicketId, TokenState, User, UserId, Venue, VenueId, Webhook,
    WebhookId,
};

use super::{Model, count};

/// A page of rows that come in the order of their ids, newest first.
pub(super) fn newest_first<T, C: Ord + Copy>(
    rows: Vec<T>,
    after: Option<C>,
    size: PageSize,
    id: impl Fn(&T) -> C,
) -> Page<T, C> {
    let rows = rows.into_iter().rev().filter(|row| after.is_none_or(|after| id(row) < after));
    Page::of(rows.take(size.items() + 1).collect(), size, id)
}

#[async_trait]
impl Users for Model {
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.get(&id))
    }

    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        Ok(self.all(|user: &User| user.email == *email).pop())
    }

    async fn count_users(&self, limit: usize) -> Result<usize, StoreError> {
        Ok(self.all(|_: &User| true).len().min(limit))
    }

    async fn users(
        &self,
        after: Option<UserId>,
        size: PageSize,
    ) -> Result<Page<User, UserId>, StoreError> {
        Ok(newest_first(self.all(|_: &User| true), after, size, |user| user.id))
    }

    async fn sessions_ended(&self, since: Instant) -> Result<Vec<(UserId, i64)>, StoreError> {
        let ended = self.all(|user: &User| user.sessions.ended_at.is_some_and(|at| at >= since));
        Ok(ended.into_iter().map(|user| (user.id, user.sessions.version)).collect())
    }
}

impl Model {
    pub(super) fn venue_of(&self, schedule: &Schedule) -> Option<Venue> {
        let hall = self.get::<Hall>(&schedule.plan?.hall_id)?;
        self.get::<Venue>(&hall.venue_id)
    }

    fn schedule_listing(&self, schedule: Schedule, now: Instant) -> ScheduleListing {
        let is_free =
            |seat: &Seat| seat.schedule_id == schedule.id && seat.status(now) == SeatStatus::Free;
        let seats_available = i64::try_from(self.all(is_free).len()).expect("a count of seats");
        let venue = self.venue_of(&schedule);
        ScheduleListing { schedule, seats_available, venue: venue.map(VenueOfSchedule::from) }
    }

    fn schedule_listings(&self, concert_id: ConcertId, now: Instant) -> Vec<ScheduleListing> {
        let schedules = self.all(|schedule: &Schedule| schedule.concert_id == concert_id);
        schedules.into_iter().map(|schedule| self.schedule_listing(schedule, now)).collect()
    }

    fn concert_listing(&self, concert: Concert, now: Instant) -> ConcertListing {
        let mut dates = self.schedule_listings(concert.id, now);
        let bookable = dates.iter().any(|listing| is_available(listing, now));
        dates.retain(|listing| now < listing.schedule.ends_at);
        let dates = dates.into_iter().map(|listing| (listing.schedule, listing.venue)).collect();
        ConcertListing::new(concert, bookable, dates, now)
    }

    fn room_count(&self, room: Room, now: Instant) -> RoomCount {
        let (waiting, active) = count(&self.set(), &room, now);
        RoomCount { room, waiting, active }
    }

    fn payment_details(&self, payment: Payment) -> PaymentDetails {
        let took = |entry: &PointEntry| {
            entry.payment_id == Some(payment.id) && entry.kind == PointKind::Use
        };
        let entry = self.all(took).pop();
        let balance = entry.expect("a payment has an entry").balance_after;
        let reservation = self.get(&payment.reservation_id).expect("a payment has a reservation");
        PaymentDetails { payment, reservation, balance }
    }
}

fn is_available(listing: &ScheduleListing, now: Instant) -> bool {
    listing.seats_available > 0 && listing.schedule.is_bookable(now)
}

#[async_trait]
impl Concerts for Model {
    async fn concert(
        &self,
        id: ConcertId,
        now: Instant,
    ) -> Result<Option<ConcertListing>, StoreError> {
        Ok(self.get(&id).map(|concert| self.concert_listing(concert, now)))
    }

    async fn concert_of_slug(&self, slug: &Slug) -> Result<Option<ConcertId>, StoreError> {
        let found = self.all(|concert: &Concert| concert.slug.as_ref() == Some(slug)).pop();
        Ok(found.map(|concert| concert.id))
    }

    async fn concerts(
        &self,
        filter: &ConcertFilter,
        after: Option<ConcertId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<ConcertListing, ConcertId>, StoreError> {
        let all = self.all(|concert: &Concert| match filter.organizer_id {
            Some(organizer_id) => concert.organizer_id == organizer_id,
            None => concert.state.is_public(),
        });
        let takes = |concert: &Concert| {
            let dates = self.all(|date: &Schedule| date.concert_id == concert.id);
            let has_date = dates.iter().any(|date| {
                let is_there = self.venue_of(date).is_some_and(|at| filter.place.find_venue(&at));
                filter.takes_date(date.starts_at) && (is_there || filter.place.is_empty())
            });
            filter.takes_id(concert.id)
                && filter.words.find(&concert.details)
                && (has_date || !filter.needs_date())
        };
        let all = all.into_iter().filter(takes);
        let all = all.map(|concert| self.concert_listing(concert, now)).collect();
        Ok(newest_first(all, after, size, |listing: &ConcertListing| listing.concert.id))
    }

    async fn lowest_price(&self, id: ConcertId) -> Result<Option<Points>, StoreError> {
        let schedules = self.all(|schedule: &Schedule| schedule.concert_id == id);
        let is_of = |seat: &Seat| schedules.iter().any(|it| it.id == seat.schedule_id);
        Ok(self.all(is_of).into_iter().map(|seat| seat.price).min())
    }
}

#[async_trait]
impl PosterImages for Model {
    async fn poster_image(
        &self,
        concert_id: ConcertId,
        digest: &PosterDigest,
        width: i32,
    ) -> Result<Option<(Concert, PosterImage)>, StoreError> {
        let image = self.get::<PosterImage>(&(concert_id, digest.clone(), width));
        Ok(self.get(&concert_id).zip(image))
    }
}

#[async_trait]
impl Schedules for Model {
    async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
        Ok(self.get(&id))
    }

    async fn schedules(
        &self,
        concert_id: ConcertId,
        only_available: bool,
        after: Option<ScheduleId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<ScheduleListing, ScheduleId>, StoreError> {
        let mut listings = self.schedule_listings(concert_id, now);
        listings.retain(|listing| after.is_none_or(|after| listing.schedule.id > after));
        listings.retain(|listing| !only_available || is_available(listing, now));
        Ok(Page::of(listings, size, |listing| listing.schedule.id))
    }

    async fn schedule_listing(
        &self,
        id: ScheduleId,
        now: Instant,
    ) -> Result<Option<ScheduleListing>, StoreError> {
        let Some(schedule) = self.get::<Schedule>(&id) else { return Ok(None) };
        let mut listings = self.schedule_listings(schedule.concert_id, now);
        listings.retain(|listing| listing.schedule.id == id);
        Ok(listings.pop())
    }

    async fn sales_by_time(&self, concert_id: ConcertId) -> Result<Vec<QuarterSales>, StoreError> {
        let mut sold = BTreeMap::new();
        let is_sold = |it: &Reservation| it.concert_id == concert_id && !it.is_complimentary();
        for reservation in self.all(is_sold) {
            let ReservationState::Confirmed { at } = reservation.state else { continue };
            let seconds = at.unix_timestamp();
            let from = seconds - seconds.rem_euclid(QuarterSales::SECONDS);
            for seat in reservation.seats {
                let of = (from, reservation.schedule_id, seat.label, seat.price.get());
                let (tickets, revenue) = sold.entry(of).or_insert((0, 0));
                (*tickets, *revenue) = (*tickets + 1, *revenue + seat.price.get());
            }
        }
        let sales = |((from, schedule_id, section, price), (tickets, revenue))| QuarterSales {
            from: Instant::from_unix_timestamp(from).expect("an instant of a test"),
            schedule_id,
            section,
            price,
            tickets,
            revenue,
        };
        Ok(sold.into_iter().map(sales).collect())
    }

    async fn settlement(&self, id: ScheduleId) -> Result<Settlement, StoreError> {
        let made = self.all(|reservation: &Reservation| reservation.schedule_id == id);
        let count = |is_counted: &dyn Fn(&Reservation) -> bool| {
            made.iter().filter(|reservation| is_counted(reservation)).count() as i64
        };
        let cancelled_at = self.get::<Schedule>(&id).and_then(|it| Some(it.cancelled?.at));
        let payments = self.all(|_: &Payment| true);
        let is_confirmed =
            |it: &Reservation| matches!(it.state, ReservationState::Confirmed { .. });
        let is_refunded = |it: &Reservation| {
            let is_paid = payments.iter().any(|payment| payment.reservation_id == it.id);
            let at = match it.state {
                ReservationState::Cancelled { at } => Some(at),
                _ => None,
            };
            is_paid && at.zip(cancelled_at).is_some_and(|(at, since)| at >= since)
        };
        Ok(Settlement {
            refunded: count(&is_refunded),
            tickets: count(&|it| is_confirmed(it) && !it.is_complimentary()),
            holds: count(&|it| {
                it.state == ReservationState::Held || (is_confirmed(it) && it.is_complimentary())
            }),
        })
    }

    async fn concert_settlement(&self, id: ConcertId) -> Result<Settlement, StoreError> {
        let is_cancelled = |it: &Schedule| it.concert_id == id && it.cancelled.is_some();
        let mut sum = Settlement::default();
        for schedule in self.all(is_cancelled) {
            sum = [sum, self.settlement(schedule.id).await?].into_iter().sum();
        }
        Ok(sum)
    }

    async fn sales(&self, concert_id: ConcertId, now: Instant) -> Result<Vec<Sales>, StoreError> {
        let set = self.set();
        let of_concert = set.all::<Schedule>().filter(|own| own.concert_id == concert_id);
        let sales = of_concert.map(|schedule| {
            let seats = || set.seats_of(schedule.id).expect("the model has every row");
            let count = |status| seats().filter(|seat| seat.status(now) == status).count() as i64;
            let is_complimentary = |seat: &Seat| match seat.state {
                SeatState::Sold { reservation_id } => set
                    .require::<Reservation>(&reservation_id)
                    .is_ok_and(|it| it.is_complimentary()),
                _ => false,
            };
            let sold = seats().filter(|seat| seat.status(now) == SeatStatus::Sold);
            let paid = sold.filter(|seat| !is_complimentary(seat));
            Sales {
                schedule: schedule.clone(),
                free: count(SeatStatus::Free),
                held: count(SeatStatus::Held),
                sold: count(SeatStatus::Sold),
                blocked: count(SeatStatus::Blocked),
                complimentary: seats().filter(|seat| is_complimentary(seat)).count() as i64,
                revenue: paid.map(|seat| seat.price.get()).sum(),
            }
        });
        Ok(sales.collect())
    }

    async fn seats(&self, schedule_id: ScheduleId) -> Result<Vec<Seat>, StoreError> {
        Ok(self.set().seats_of(schedule_id).expect("the model has every row").cloned().collect())
    }

    async fn seat_states(&self, schedule_id: ScheduleId) -> Result<Vec<SeatState>, StoreError> {
        Ok(self.seats(schedule_id).await?.into_iter().map(|seat| seat.state).collect())
    }

    async fn seat_blocks(
        &self,
        schedule_id: ScheduleId,
        after: Option<OperatorActionId>,
        size: PageSize,
    ) -> Result<Page<SeatBlock, OperatorActionId>, StoreError> {
        let seats = self.seats(schedule_id).await?;
        let block = |action: OperatorAction| {
            let OperatorDeed::SeatsBlocked { reason, .. } = action.deed else { return None };
            let state = SeatState::Blocked { by: action.id };
            let blocked = seats.iter().filter(|seat| seat.state == state);
            let numbers: Vec<i32> = blocked.map(|seat| seat.number).collect();
            let (id, blocked_by, at) = (action.id, action.operator_id, action.at);
            let block = SeatBlock { id, blocked_by, at, reason, numbers };
            (!block.numbers.is_empty()).then_some(block)
        };
        let blocks = self.all(|_: &OperatorAction| true).into_iter().filter_map(block).collect();
        Ok(newest_first(blocks, after, size, |block: &SeatBlock| block.id))
    }
}

#[async_trait]
impl Venues for Model {
    async fn venue(&self, id: VenueId) -> Result<Option<Venue>, StoreError> {
        Ok(self.get(&id))
    }

    async fn venues(
        &self,
        after: Option<VenueId>,
        size: PageSize,
    ) -> Result<Page<Venue, VenueId>, StoreError> {
        Ok(newest_first(self.all(|_: &Venue| true), after, size, |venue| venue.id))
    }
}

#[async_trait]
impl Halls for Model {
    async fn hall(&self, id: HallId) -> Result<Option<(Hall, Venue)>, StoreError> {
        let hall: Option<Hall> = self.get(&id);
        Ok(hall.and_then(|hall| Some((hall.clone(), self.get(&hall.venue_id)?))))
    }

    async fn halls(
        &self,
        venue_id: VenueId,
        after: Option<HallId>,
        size: PageSize,
    ) -> Result<Page<Hall, HallId>, StoreError> {
        let halls = self.all(|hall: &Hall| hall.venue_id == venue_id);
        Ok(newest_first(halls, after, size, |hall| hall.id))
    }

    async fn hall_plan(&self, version: PlanVersion) -> Result<Option<HallPlan>, StoreError> {
        Ok(self.get(&(version.hall_id, version.version)))
    }
}

#[async_trait]
impl Rooms for Model {
    async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError> {
        Ok(self.get(&id))
    }

    async fn room_of_concert(&self, concert_id: ConcertId) -> Result<Option<Room>, StoreError> {
        Ok(self.all(|room: &Room| room.concert_id == Some(concert_id)).pop())
    }

    async fn room_count(&self, id: RoomId, now: Instant) -> Result<Option<RoomCount>, StoreError> {
        Ok(self.get(&id).map(|room| Model::room_count(self, room, now)))
    }

    async fn room_counts(
        &self,
        after: Option<RoomId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<RoomCount, RoomId>, StoreError> {
        let all = self.all(|_: &Room| true);
        let all = all.into_iter().map(|room| Model::room_count(self, room, now)).collect();
        Ok(newest_first(all, after, size, |count: &RoomCount| count.room.id))
    }
}

#[async_trait]
impl OperatorActions for Model {
    async fn operator_actions(
        &self,
        after: Option<OperatorActionId>,
        size: PageSize,
    ) -> Result<Page<OperatorAction, OperatorActionId>, StoreError> {
        let all = self.all(|_: &OperatorAction| true);
        Ok(newest_first(all, after, size, |action: &OperatorAction| action.id))
    }
}

#[async_trait]
impl QueueTokens for Model {
    async fn queue_tokens(
        &self,
        ids: &[QueueTokenId],
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        let tokens = ids.iter().filter_map(|id| self.get::<QueueToken>(id));
        let with_room = |token: QueueToken| self.get(&token.room_id).map(|room| (token, room));
        Ok(tokens.filter_map(with_room).collect())
    }

    async fn queue_tokens_of(
        &self,
        user_id: UserId,
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        let is_live = |token: &QueueToken| !matches!(token.state, TokenState::Expired { .. });
        let mut tokens = self.all(|token: &QueueToken| token.user_id == user_id && is_live(token));
        tokens.sort_by_key(|token| std::cmp::Reverse(token.id));
        let with_room = |token: QueueToken| self.get(&token.room_id).map(|room| (token, room));
        Ok(tokens.into_iter().filter_map(with_room).collect())
    }
}

fn waiting(token: &QueueToken) -> Option<LineChange> {
    match token.state {
        TokenState::Waiting { idle_at, .. } => {
            Some(LineChange { sequence: token.sequence?, waiting_until: Some(idle_at) })
        }
        TokenState::Active { .. } | TokenState::Expired { .. } => None,
    }
}

impl Model {
    fn version(&self, room_id: RoomId) -> i64 {
        self.get::<Room>(&room_id).map_or(0, |room| room.version)
    }
}

#[async_trait]
impl WaitingLines for Model {
    async fn all_rooms(&self) -> Result<Vec<Room>, StoreError> {
        Ok(self.all(|_: &Room| true))
    }

    async fn line_part(
        &self,
        room_id: RoomId,
        after: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError> {
        let tokens = self.all(|token: &QueueToken| token.room_id == room_id);
        let mut changes: Vec<_> = tokens.iter().filter_map(waiting).collect();
        changes.retain(|change| change.sequence > after);
        changes.sort_by_key(|change| change.sequence);
        let has_more = changes.len() >= limit;
        changes.truncate(limit);
        let last = changes.last().filter(|_| has_more).map_or(i64::MAX, |last| last.sequence);
        let ranges = self.all(|range: &NumberRange| range.room_id == room_id);
        let open = ranges.iter().flat_map(|range| {
            let numbers = range.numbers().filter(|number| (after + 1..=last).contains(number));
            numbers.map(|sequence| LineChange { sequence, waiting_until: Some(range.idle_at) })
        });
        changes.extend(open);
        changes.sort_by_key(|change| change.sequence);
        Ok(LinePage { changes, version: self.version(room_id), has_more, has_gap: false })
    }

    async fn line_changes(
        &self,
        room_id: RoomId,
        above: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError> {
        let version = self.version(room_id);
        let mut deltas: Vec<LineDelta> = self.deltas().iter().map(|(_, it)| it.clone()).collect();
        deltas.retain(|delta| delta.room_id == room_id && delta.version > above);
        deltas.sort_by_key(|delta| delta.version);
        deltas.truncate(limit);
        Ok(LinePage::of(&deltas, above, limit, version))
    }
}

#[async_trait]
impl Reservations for Model {
    async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, StoreError> {
        Ok(self.get(&id))
    }

    async fn reservation_by_reference(
        &self,
        user_id: UserId,
        reference: &Reference,
    ) -> Result<Option<Reservation>, StoreError> {
        let is_named = |reservation: &Reservation| {
            reservation.user_id == user_id && reservation.reference.as_ref() == Some(reference)
        };
        Ok(self.all(is_named).pop())
    }

    async fn reservations(
        &self,
        user_id: UserId,
        status: Option<ReservationStatus>,
        after: Option<ReservationId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<Reservation, ReservationId>, StoreError> {
        let is_wanted = |reservation: &Reservation| {
            let has_status = status.is_none_or(|status| reservation.status(now) == status);
            reservation.user_id == user_id && has_status
        };
        Ok(newest_first(self.all(is_wanted), after, size, |reservation| reservation.id))
    }
}

#[async_trait]
impl Orders for Model {
    async fn orders(
        &self,
        query: &OrderQuery,
        after: Option<ReservationId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<Order, ReservationId>, StoreError> {
        let order = |reservation: Reservation| Order {
            holder: self.get::<User>(&reservation.user_id).expect("its holder").profile(),
            starts_at: self.get::<Schedule>(&reservation.schedule_id).expect("its date").starts_at,
            reservation,
        };
        let is_wanted = |it: &Reservation| {
            query.concert_id.is_none_or(|id| it.concert_id == id)
                && query.schedule_id.is_none_or(|id| it.schedule_id == id)
                && query.status.is_none_or(|status| it.status(now) == status)
        };
        let mut found: Vec<Order> = self.all(is_wanted).into_iter().map(order).collect();
        let numbered = |order: &Order, text: &OrderText| {
            let number = text.ticket();
            let is_its = |it: &Ticket| it.reservation_id == order.reservation.id;
            self.all(is_its).iter().any(|ticket| Some(ticket.number) == number)
        };
        found.retain(|order| {
            query.text.as_ref().is_none_or(|text| is_found(order, text) || numbered(order, text))
        });
        Ok(newest_first(found, after, size, |order: &Order| order.reservation.id))
    }
}

fn is_found(order: &Order, text: &OrderText) -> bool {
    if let Some(id) = text.reservation() {
        return order.reservation.id == id;
    }
    let contains =
        |whole: &str| whole.to_ascii_lowercase().contains(&text.as_str().to_ascii_lowercase());
    if let Some(number) = text.seat_number() {
        let numbers = |seat: &ReservedSeat| [Some(seat.number), seat.details.seat_number];
        return order.reservation.seats.iter().any(|seat| numbers(seat).contains(&Some(number)));
    }
    let is_printed = |printed: PrintedSeat<'_>| {
        order.reservation.seats.iter().any(|seat| is_printed(seat, printed))
    };
    contains(order.holder.name.as_str())
        || contains(order.holder.email.as_str())
        || text.printed_seat().is_some_and(is_printed)
}

fn is_printed(seat: &ReservedSeat, printed: PrintedSeat<'_>) -> bool {
    let SeatDetails { row_label, seat_number, .. } = &seat.details;
    let row = row_label.clone().or_else(|| seat_number.is_none().then(|| seat.row.to_string()));
    let whole = row_label.as_ref().map(|row| format!("{} {row}", seat.label));
    let places = [Some(seat.label.clone()), row, whole];
    let is_place = |place: &String| place.eq_ignore_ascii_case(printed.place);
    seat_number.unwrap_or(seat.column) == printed.number && places.iter().flatten().any(is_place)
}

#[async_trait]
impl PointAccounts for Model {
    async fn point_account(&self, user_id: UserId) -> Result<Option<PointAccount>, StoreError> {
        Ok(self.get(&user_id))
    }

    async fn point_entries(
        &self,
        user_id: UserId,
        after: Option<i64>,
        size: PageSize,
    ) -> Result<Page<PointEntry, i64>, StoreError> {
        let mut entries = self.all(|entry: &PointEntry| entry.user_id == user_id);
        entries.sort_by_key(|entry| entry.number);
        Ok(newest_first(entries, after, size, |entry| entry.number))
    }
}

#[async_trait]
impl Payments for Model {
    async fn payment(&self, id: PaymentId) -> Result<Option<PaymentDetails>, StoreError> {
        Ok(self.get(&id).map(|payment| self.payment_details(payment)))
    }

    async fn payment_of(&self, id: ReservationId) -> Result<Option<PaymentDetails>, StoreError> {
        let mut paid = self.all(|payment: &Payment| payment.reservation_id == id);
        Ok(paid.pop().map(|payment| self.payment_details(payment)))
    }

    async fn payments(
        &self,
        user_id: UserId,
        after: Option<PaymentId>,
        size: PageSize,
    ) -> Result<Page<PaymentDetails, PaymentId>, StoreError> {
        let all = self.all(|payment: &Payment| payment.user_id == user_id);
        let all = all.into_iter().map(|payment| self.payment_details(payment)).collect();
        Ok(newest_first(all, after, size, |details: &PaymentDetails| details.payment.id))
    }
}

#[async_trait]
impl Webhooks for Model {
    async fn webhooks_of(&self, owner_id: UserId) -> Result<Vec<Webhook>, StoreError> {
        Ok(self.all(|webhook: &Webhook| webhook.owner_id == owner_id))
    }

    async fn deliveries(
        &self,
        id: WebhookId,
        after: Option<(Instant, EventId)>,
        size: PageSize,
    ) -> Result<Page<Delivery, (Instant, EventId)>, StoreError> {
        let mut found = self.all(|delivery: &Delivery| delivery.webhook_id == id);
        let cursor = |delivery: &Delivery| (delivery.created_at, delivery.event_id);
        found.sort_by_key(cursor);
        Ok(newest_first(found, after, size, cursor))
    }
}

#[async_trait]
impl Events for Model {
    async fn events(&self, ids: &[EventId]) -> Result<Vec<(Event, Subject)>, StoreError> {
        let events = self.all(|event: &Event| ids.contains(&event.id));
        let subject = |event: &Event| {
            let id = event.id.subject_id;
            let reservation = || self.get(&ReservationId(id)).map(Subject::Reservation);
            let ticket = || self.get(&TicketId(id)).map(Subject::Ticket);
            let concert = || self.get(&ConcertId(id)).map(Subject::Concert);
            let schedule = || self.get(&ScheduleId(id)).map(Subject::Schedule);
            let room = || self.get(&RoomId(id)).map(Subject::Room);
            let found =
                reservation().or_else(ticket).or_else(concert).or_else(schedule).or_else(room);
            found.unwrap_or(Subject::None)
        };
        Ok(events.into_iter().map(|event| (event, subject(&event))).collect())
    }
}
