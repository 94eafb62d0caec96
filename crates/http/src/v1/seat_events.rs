//! A date's seats as server-sent events (WHATWG HTML, section 9.2): each date is read once for all
//! who follow it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{Bytes, Data, Path};
use futures_util::{StreamExt, stream};
use roaring::RoaringBitmap;
use serde::Serialize;
use stagedoor_domain::seat::SeatStatus;
use stagedoor_domain::{ConcertId, ScheduleId};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::event_streams::{EventStreams, StreamSlot};
use crate::auth::access::Access;
use crate::auth::authorization::Viewer;
use crate::auth::bearer::Expiry;
use crate::edge::chunked_body::pieces;
use crate::openapi::operation::events;
use crate::route::{Route, get, tagged};
use crate::services::Services;
use crate::shared::seat_maps::SeatMaps;
use crate::wire::error::{ApiError, Noun};
use crate::wire::ids;

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
                 opened it expires.",
            )
            .access(Access::Viewer)
            .response(200, events::<SeatEventBody>())
            .refuses(&[ApiError::RATE_LIMITED, NotFound(Noun::Schedule)]),
    ];
    tagged("booking", routes)
}

/// How often the seats of a date are read while anybody follows them.
const READ_EVERY: Duration = Duration::from_millis(500);
/// How often a follower's token is looked at.
const CHECK_EVERY: Duration = Duration::from_secs(5);

/// What is taken of a date; nothing before it was first read.
type Taken = Option<Arc<TakenSeats>>;

/// The numbers of a date's seats that are not free.
struct TakenSeats {
    numbers: RoaringBitmap,
    /// The event that lists them all: followers who begin with it share it.
    all: OnceLock<Option<Bytes>>,
}

/// The dates that are followed.
#[derive(Clone, Default)]
pub(crate) struct SeatWatches(Arc<Mutex<HashMap<ScheduleId, watch::Sender<Taken>>>>);

/// What became of a date's seats: ranges of their numbers, each from the first to the last.
#[derive(Serialize)]
struct SeatChanges {
    /// Whether `taken` lists all that are not free; so it is in the first event.
    all: bool,
    /// Seats that are held or sold now.
    taken: Vec<(u32, u32)>,
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
    /// JSON: `taken` and `freed`, lists of ranges of seat numbers, each from the first to the last;
    /// `all` is true in the first event, whose `taken` lists all that are not free.
    #[schema(example = r#"{\"all\":false,\"taken\":[[1,4],[9,9]],\"freed\":[]}"#)]
    data: String,
}

async fn follow(
    services: Data<Services>,
    watches: Data<SeatWatches>,
    seat_maps: Data<SeatMaps>,
    streams: Data<EventStreams>,
    stop: Data<CancellationToken>,
    (viewer, expiry): (Viewer, Expiry),
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id: ScheduleId = ids::parse_id(&id, "scheduleId")?;
    let slot = streams.open(viewer.user_id())?;
    let concert_id = seat_maps.concert_of(&services, schedule_id).await?;
    viewer.check(&services, concert_id).await?;
    let follower = Follower {
        seats: watches.watch(&services, schedule_id),
        services,
        stop,
        viewer,
        expiry,
        concert_id,
        known: None,
        check_at: Instant::now() + CHECK_EVERY,
        _slot: slot,
    };
    let events = stream::unfold(follower, |mut follower| async move {
        let event = follower.next_event().await?;
        Some((event, follower))
    });
    let events =
        events.flat_map(|event| stream::iter(pieces(event).map(Ok::<_, actix_web::Error>)));
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events))
}

impl SeatWatches {
    /// What is taken of a date, kept up to date for as long as somebody follows it.
    fn watch(&self, services: &Services, id: ScheduleId) -> watch::Receiver<Taken> {
        let mut watches = self.lock();
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
            // A store that cannot be reached is asked again; what was known stays.
            let taken = taken(&services, id).await;
            let mut watches = self.lock();
            let Some(watched) = watches.get(&id) else { return };
            if watched.receiver_count() == 0 {
                watches.remove(&id);
                return;
            }
            if let Some(taken) = taken {
                watched.send_if_modified(|known| {
                    let is_news = known.as_ref().map(|known| &known.numbers) != Some(&taken);
                    if is_news {
                        let all = OnceLock::new();
                        *known = Some(Arc::new(TakenSeats { numbers: taken, all }));
                    }
                    is_news
                });
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ScheduleId, watch::Sender<Taken>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn taken(services: &Services, id: ScheduleId) -> Option<RoaringBitmap> {
    let seats = services.schedules.seats(id).await.ok()?;
    let now = services.clock.now();
    let taken = seats.iter().filter(|seat| seat.status(now) != SeatStatus::Free);
    Some(taken.filter_map(|seat| u32::try_from(seat.number).ok()).collect())
}

struct Follower {
    seats: watch::Receiver<Taken>,
    services: Data<Services>,
    stop: Data<CancellationToken>,
    viewer: Viewer,
    expiry: Expiry,
    concert_id: ConcertId,
    known: Taken,
    check_at: Instant,
    _slot: StreamSlot,
}

impl Follower {
    /// Waits for the next thing to send; nothing when the stream is over.
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

    /// Ends the stream of a token that is over, and breaks the silence of one that is not.
    async fn check(&mut self) -> Option<Bytes> {
        self.check_at = Instant::now() + CHECK_EVERY;
        if self.expiry.is_past(&self.services) {
            return None;
        }
        self.viewer.check(&self.services, self.concert_id).await.ok()?;
        Some(Bytes::from_static(b": still here\n\n"))
    }

    fn event(&mut self, newest: Taken) -> Option<Bytes> {
        let now = newest.clone()?;
        match std::mem::replace(&mut self.known, newest) {
            Some(before) => event(&SeatChanges {
                all: false,
                taken: ranges(&(&now.numbers - &before.numbers)),
                freed: ranges(&(&before.numbers - &now.numbers)),
            }),
            None => {
                let taken = || ranges(&now.numbers);
                let all = || event(&SeatChanges { all: true, taken: taken(), freed: Vec::new() });
                now.all.get_or_init(all).clone()
            }
        }
    }
}

fn event(changes: &SeatChanges) -> Option<Bytes> {
    let data = serde_json::to_string(changes).ok()?;
    Some(Bytes::from(format!("event: seats\ndata: {data}\n\n")))
}

/// The runs of numbers that follow one another, each by its first and last.
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
    use super::*;

    #[test]
    fn numbers_that_follow_one_another_are_one_range() {
        let numbers = RoaringBitmap::from_iter([1, 2, 3, 7, 9, 10]);

        assert_eq!(ranges(&numbers), [(1, 3), (7, 7), (9, 10)]);
        assert_eq!(ranges(&RoaringBitmap::new()), []);
    }
}
