//! A date's seats as server-sent events: each date is read once for all its followers.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use stagedoor_domain::{ConcertId, Instant, ScheduleId, SeatState, SeatStatus};
use tokio::sync::watch;
use tokio::time::{self, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;
use utoipa::{IntoParams, ToSchema};

use super::event_streams::{EventStreams, KEEP_ALIVE, StreamSlot, event, respond_packed};
use crate::auth::{Access, Expiry, Viewer};
use crate::route::{Route, events, get, tagged};
use crate::services::Services;
use crate::shared::seat_maps::SeatMaps;
use crate::v1::schedule::is_set;
use crate::v1::schedule::seat_status::SeatStatusBody;
use crate::wire::{ApiError, Resource, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        get("/schedules/{scheduleId}/seats/events", follow)
            .operation(
                "followSeats",
                "Follow a date's seats: an event `seats` at once and on every change.",
            )
            .description(
                "Events come at most twice a second. The stream ends when the token that \
                 opened it expires. With `states=true` the first event has the states of all seats in two bits \
                 for each, which is shorter where many are taken. The stream is compressed if the client accepts gzip.",
            )
            .access(Access::Viewer)
            .response(200, events::<SeatEventBody>())
            .refuses(&[ApiError::RATE_LIMITED, NotFound(Resource::Schedule)]),
    ];
    tagged("booking", routes)
}

/// How often the seats of a followed date are read.
const READ_EVERY: Duration = Duration::from_millis(500);
/// How often a follower's token is checked.
const CHECK_EVERY: Duration = Duration::from_secs(5);

/// The taken seats of a date; nothing before the first read.
type Taken = Option<Arc<TakenSeats>>;

/// The numbers of a date's seats that are not free, and the blocked ones among them.
struct TakenSeats {
    numbers: RoaringBitmap,
    blocked: RoaringBitmap,
    states: SeatStatusBody,
    /// The event that lists them all, shared by followers that start with it.
    all: OnceLock<Option<Bytes>>,
    /// The event with the states of all seats, shared as well.
    all_states: OnceLock<Option<Bytes>>,
}

/// The states of all seats of a date.
#[derive(Serialize)]
struct SeatStates<'a> {
    all: bool,
    #[serde(flatten)]
    states: &'a SeatStatusBody,
}

/// The first event of a stream.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeatEventsQuery {
    /// `true`: the first event has the states of all seats instead of ranges.
    #[param(value_type = Option<bool>)]
    states: Option<String>,
}

/// The dates that are followed.
#[derive(Clone, Default)]
pub(crate) struct SeatWatches(Arc<Mutex<HashMap<ScheduleId, watch::Sender<Taken>>>>);

/// The changes of a date's seats: ranges of their numbers, each from the first to the last.
#[derive(Serialize)]
struct SeatChanges {
    /// Whether `taken` lists all seats that are not free, as in the first event.
    all: bool,
    /// Seats that are held, sold or blocked now.
    taken: Vec<(u32, u32)>,
    /// The blocked seats among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocked: Vec<(u32, u32)>,
    /// Seats that are free again.
    freed: Vec<(u32, u32)>,
}

/// An event, field by field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is documentation: events are written as text")]
pub(crate) struct SeatEventBody {
    /// Always `seats`.
    #[schema(example = "seats")]
    event: String,
    /// JSON: `taken` and `freed`, lists of ranges of seat numbers, each from the first to the last, and `blocked`, those of
    /// `taken` that are not for sale, if there are any. `all` is true in the first event, whose `taken` lists all that are
    /// not free, or, with `states=true`, which has `count` and `states` of `readSeatStatus`.
    #[schema(example = r#"{\"all\":false,\"taken\":[[1,4],[9,9]],\"freed\":[]}"#)]
    data: String,
}

async fn follow(
    services: Data<Services>,
    watches: Data<SeatWatches>,
    seat_maps: Data<SeatMaps>,
    streams: Data<EventStreams>,
    (req, stop): (HttpRequest, Data<CancellationToken>),
    (viewer, expiry): (Viewer, Expiry),
    (id, query): (Path<String>, Query<SeatEventsQuery>),
) -> Result<HttpResponse, ApiError> {
    let schedule_id: ScheduleId = ids::parse_id(&id, "scheduleId")?;
    let in_states = is_set("states", query.states.as_deref())?;
    let slot = streams.open(viewer.user_id())?;
    let concert_id = seat_maps.concert_of(&services, schedule_id).await?;
    viewer.check_date(&services, concert_id).await?;
    let follower = Follower {
        seats: watches.watch(&services, schedule_id),
        services,
        stop,
        viewer,
        expiry,
        concert_id,
        known: None,
        in_states,
        check_at: time::Instant::now() + CHECK_EVERY,
        _slot: slot,
    };
    let events = stream::unfold(follower, |mut follower| async move {
        let event = follower.next_event().await?;
        Some((event, follower))
    });
    Ok(respond_packed(&req, events))
}

impl SeatWatches {
    /// The taken seats of a date, kept current as long as it is followed.
    fn watch(&self, services: &Services, id: ScheduleId) -> watch::Receiver<Taken> {
        let mut watches = self.0.lock();
        if let Some(watched) = watches.get(&id) {
            return watched.subscribe();
        }
        let (sender, receiver) = watch::channel(None);
        watches.insert(id, sender);
        tokio::spawn(self.clone().read(services.clone(), id));
        receiver
    }

    async fn read(self, services: Services, id: ScheduleId) {
        let mut ticks = interval(READ_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // When the store cannot be reached, the last result stays until the next read.
            let taken = taken(&services, id).await;
            let mut watches = self.0.lock();
            let Some(watched) = watches.get(&id) else { return };
            if watched.receiver_count() == 0 {
                watches.remove(&id);
                return;
            }
            if let Some(taken) = taken {
                watched.send_if_modified(|known| {
                    let is_same = |known: &TakenSeats| {
                        known.numbers == taken.numbers && known.blocked == taken.blocked
                    };
                    let is_news = !known.as_deref().is_some_and(is_same);
                    if is_news {
                        *known = Some(Arc::new(taken));
                    }
                    is_news
                });
            }
        }
    }
}

async fn taken(services: &Services, id: ScheduleId) -> Option<TakenSeats> {
    let states = services.schedules.seat_states(id).await.ok()?;
    let now = services.clock.now();
    Some(TakenSeats::at(&states, now))
}

impl TakenSeats {
    fn at(states: &[SeatState], now: Instant) -> Self {
        let of = |fits: fn(SeatStatus) -> bool| {
            let numbered = (1..).zip(states).filter(|(_, state)| fits(state.status(now)));
            numbered.map(|(number, _)| number).collect()
        };
        Self {
            numbers: of(|status| status != SeatStatus::Free),
            blocked: of(|status| status == SeatStatus::Blocked),
            states: SeatStatusBody::at(states, now),
            all: OnceLock::new(),
            all_states: OnceLock::new(),
        }
    }

    fn everything(&self) -> SeatChanges {
        SeatChanges {
            all: true,
            taken: ranges(&self.numbers),
            blocked: ranges(&self.blocked),
            freed: Vec::new(),
        }
    }

    /// The changes since `before`. A seat that is not blocked any more is taken or freed.
    fn since(&self, before: &Self) -> SeatChanges {
        let given = (&before.blocked - &self.blocked) & &self.numbers;
        SeatChanges {
            all: false,
            taken: ranges(&((&self.numbers - &before.numbers) | given)),
            blocked: ranges(&(&self.blocked - &before.blocked)),
            freed: ranges(&(&before.numbers - &self.numbers)),
        }
    }
}

struct Follower {
    seats: watch::Receiver<Taken>,
    services: Data<Services>,
    stop: Data<CancellationToken>,
    viewer: Viewer,
    expiry: Expiry,
    concert_id: ConcertId,
    known: Taken,
    in_states: bool,
    check_at: time::Instant,
    _slot: StreamSlot,
}

impl Follower {
    /// Waits for the next event or keep-alive; nothing when the stream ends.
    async fn next_event(&mut self) -> Option<Bytes> {
        loop {
            let newest = self.seats.borrow_and_update().clone();
            let version = |taken: &Taken| taken.as_ref().map(Arc::as_ptr);
            if version(&newest) != version(&self.known) {
                return self.event(newest);
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                changed = self.seats.changed() => changed.ok()?,
                () = sleep_until(self.check_at) => return self.check().await,
            }
        }
    }

    /// Ends the stream of an expired token, or keeps the connection open.
    async fn check(&mut self) -> Option<Bytes> {
        self.check_at = time::Instant::now() + CHECK_EVERY;
        if self.expiry.is_past(&self.services) {
            return None;
        }
        self.viewer.check(&self.services, self.concert_id).await.ok()?;
        Some(KEEP_ALIVE)
    }

    fn event(&mut self, newest: Taken) -> Option<Bytes> {
        let now = newest.clone()?;
        match std::mem::replace(&mut self.known, newest) {
            Some(before) => event("seats", &now.since(&before)),
            None if self.in_states => {
                let all = || event("seats", &SeatStates { all: true, states: &now.states });
                now.all_states.get_or_init(all).clone()
            }
            None => now.all.get_or_init(|| event("seats", &now.everything())).clone(),
        }
    }
}

/// The runs of consecutive numbers, each by its first and last.
fn ranges(numbers: &RoaringBitmap) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use stagedoor_domain::{OperatorActionId, ReservationId};
    use uuid::Uuid;

    use super::*;
    use crate::testing::NOW;

    const SOLD: SeatState = SeatState::Sold { reservation_id: ReservationId(Uuid::nil()) };
    const BLOCKED: SeatState = SeatState::Blocked { by: OperatorActionId(Uuid::nil()) };
    const FREE: SeatState = SeatState::Free;

    #[test]
    fn an_event_tells_blocked_seats_from_others_that_are_taken() {
        let first = TakenSeats::at(&[FREE, FREE, SOLD, BLOCKED, BLOCKED], NOW);
        let second = TakenSeats::at(&[SOLD, BLOCKED, FREE, SOLD, FREE], NOW);

        let (all, changes) = (first.everything(), second.since(&first));

        assert_eq!((all.taken, all.blocked, all.freed), (vec![(3, 5)], vec![(4, 5)], vec![]));
        assert_eq!(changes.taken, [(1, 2), (4, 4)]);
        assert_eq!(changes.blocked, [(2, 2)]);
        assert_eq!(changes.freed, [(3, 3), (5, 5)]);
    }

    #[test]
    fn numbers_that_follow_one_another_are_one_range() {
        let numbers = RoaringBitmap::from_iter([1, 2, 3, 7, 9, 10]);

        assert_eq!(ranges(&numbers), [(1, 3), (7, 7), (9, 10)]);
        assert_eq!(ranges(&RoaringBitmap::new()), []);
    }
}
