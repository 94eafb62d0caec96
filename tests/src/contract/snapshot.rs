//! All that a test can read of a store, to be compared.

use stagedoor_domain::ports::{
    ConcertListing, PaymentDetails, RoomCount, Sales, SeatBlock, StoreError, TicketDetails,
};
use stagedoor_domain::{
    Delivery, Event, EventId, Hall, HallPlan, Instant, LinePage, OperatorAction, Page, PageSize,
    PlanVersion, PointAccount, PointEntry, PosterImage, QueueToken, Reservation, Schedule, Seat,
    User, UserId, Venue, Webhook,
};
use uuid::Uuid;

use super::ids::Known;
use super::store::Store;

/// What the read ports answer for known ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    users: Vec<Option<User>>,
    accounts: Vec<Option<PointAccount>>,
    entries: Vec<Vec<PointEntry>>,
    concerts: Vec<Option<ConcertListing>>,
    posters: Vec<PosterImage>,
    venues: Vec<Option<Venue>>,
    halls: Vec<Option<(Hall, Venue)>>,
    plans: Vec<Option<HallPlan>>,
    schedules: Vec<Option<Schedule>>,
    seats: Vec<Vec<Seat>>,
    blocks: Vec<Vec<SeatBlock>>,
    rooms: Vec<Option<RoomCount>>,
    lines: Vec<LinePage>,
    tokens: Vec<Option<QueueToken>>,
    reservations: Vec<Option<Reservation>>,
    payments: Vec<Option<PaymentDetails>>,
    tickets: Vec<TicketDetails>,
    sales: Vec<Vec<Sales>>,
    actions: Vec<OperatorAction>,
    events: Vec<Event>,
    webhooks: Vec<Webhook>,
    deliveries: Vec<Delivery>,
}

impl Snapshot {
    /// Reads all that is known, as of `now`.
    pub async fn of(store: &impl Store, known: &Known, now: Instant) -> Self {
        Self::read(store, known, now).await.expect("the store reads")
    }

    async fn read(store: &impl Store, known: &Known, now: Instant) -> Result<Self, StoreError> {
        let mut read = Self::default();
        for id in &known.users {
            read.users.push(store.user(*id).await?);
            read.webhooks.extend(store.webhooks_of(*id).await?);
            read.tickets.extend(all_tickets(store, *id).await);
            read.accounts.push(store.point_account(*id).await?);
            read.entries.push(all_entries(store, *id).await);
        }
        for id in &known.concerts {
            let listing = store.concert(*id, now).await?;
            if let Some(poster) = listing.as_ref().and_then(|it| it.concert.poster.as_ref()) {
                for size in poster.sizes() {
                    let found = store.poster_image(*id, &poster.digest, size.width).await?;
                    read.posters.extend(found.map(|(_, image)| image));
                }
            }
            read.concerts.push(listing);
            read.sales.push(store.sales(*id, now).await?);
        }
        for id in &known.venues {
            read.venues.push(store.venue(*id).await?);
        }
        for hall_id in &known.halls {
            let hall = store.hall(*hall_id).await?;
            for version in 1..=hall.as_ref().map_or(0, |(hall, _)| hall.plan_version) + 1 {
                read.plans.push(store.hall_plan(PlanVersion { hall_id: *hall_id, version }).await?);
            }
            read.halls.push(hall);
        }
        for id in &known.schedules {
            read.schedules.push(store.schedule(*id).await?);
            read.seats.push(store.seats(*id).await?);
            let read_blocks = |after, size| store.seat_blocks(*id, after, size);
            read.blocks.push(all_pages(100, read_blocks).await);
        }
        for id in &known.rooms {
            read.rooms.push(store.room_count(*id, now).await?);
            read.lines.push(unstamped(store.line_part(*id, 0, 100_000).await?));
        }
        for id in &known.tokens {
            read.tokens.push(store.queue_token(*id).await?.map(|(token, _)| token));
        }
        for id in &known.reservations {
            read.reservations.push(store.reservation(*id).await?);
            read.events.extend(events_of(store, id.0).await?);
        }
        for id in &known.payments {
            read.payments.push(store.payment(*id).await?);
        }
        for id in &known.tickets {
            read.events.extend(events_of(store, id.0).await?);
        }
        for id in &known.webhooks {
            let deliveries = |after, size| store.deliveries(*id, after, size);
            read.deliveries.extend(all_pages(100, deliveries).await);
        }
        read.actions = all_pages(100, |after, size| store.operator_actions(after, size)).await;
        Ok(read)
    }

    /// Checks two snapshots part by part, so that a difference can be read.
    pub fn assert_same(&self, other: &Self) {
        assert_eq!(self.users, other.users);
        assert_eq!(self.accounts, other.accounts);
        assert_eq!(self.entries, other.entries);
        assert_eq!(self.concerts, other.concerts);
        assert_eq!(self.posters, other.posters);
        assert_eq!(self.venues, other.venues);
        assert_eq!(self.halls, other.halls);
        assert_eq!(self.plans, other.plans);
        assert_eq!(self.schedules, other.schedules);
        assert_eq!(self.seats, other.seats);
        assert_eq!(self.blocks, other.blocks);
        assert_eq!(self.rooms, other.rooms);
        assert_eq!(self.tokens, other.tokens);
        assert_eq!(self.lines, other.lines);
        assert_eq!(self.reservations, other.reservations);
        assert_eq!(self.payments, other.payments);
        assert_eq!(self.tickets, other.tickets);
        assert_eq!(self.sales, other.sales);
        assert_eq!(self.actions, other.actions);
        assert_eq!(self.events, other.events);
        assert_eq!(self.webhooks, other.webhooks);
        assert_eq!(self.deliveries, other.deliveries);
        assert_eq!(self, other);
    }
}

/// All tickets of a user, newest first.
async fn all_tickets(store: &impl Store, holder_id: UserId) -> Vec<TicketDetails> {
    all_pages(100, |after, size| store.tickets(holder_id, None, after, size)).await
}

/// The first events of a subject, in order.
async fn events_of(store: &impl Store, subject_id: Uuid) -> Result<Vec<Event>, StoreError> {
    let ids: Vec<_> = (0..9).map(|number| EventId::new(subject_id, number)).collect();
    let mut events: Vec<_> =
        store.events(&ids).await?.into_iter().map(|(event, _)| event).collect();
    events.sort_by_key(|event| event.id);
    Ok(events)
}

/// A store may read a line a moment before its stamp or after it.
fn unstamped(line: LinePage) -> LinePage {
    LinePage { version: 0, ..line }
}

/// All pages of a list, read one after the other with a small size; no item comes twice.
pub async fn all_pages<T, C, F>(size: i64, mut read: impl FnMut(Option<C>, PageSize) -> F) -> Vec<T>
where
    C: Clone,
    F: Future<Output = Result<Page<T, C>, StoreError>>,
{
    let size = PageSize::new(size).expect("a page size");
    let (mut items, mut cursor) = (Vec::new(), None);
    loop {
        let page = read(cursor, size).await.expect("the store reads");
        assert!(page.items.len() <= size.items(), "no page is longer than asked");
        let is_full = page.items.len() == size.items();
        items.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return items;
        }
        assert!(is_full, "a page that is not the last one is full");
    }
}

/// A user's whole history, oldest first.
pub async fn all_entries(store: &impl Store, user_id: UserId) -> Vec<PointEntry> {
    let read = |after, size| store.point_entries(user_id, after, size);
    let mut entries = all_pages(100, read).await;
    entries.reverse();
    entries
}
