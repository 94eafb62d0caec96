//! A queue token's position as server-sent events.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use futures_util::stream;
use stagedoor_domain::use_cases::QueuePass;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::event_streams::{EventStreams, KEEP_ALIVE, StreamSlot, event, respond};
use super::queue_token::PlaceBody;
use crate::auth::{Access, Expiry, Pass};
use crate::route::{Route, events, get, tagged};
use crate::services::Services;
use crate::wire::{ApiError, Resource};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        get("/queue-tokens/me/events", follow)
            .operation(
                "followQueueToken",
                "Follow a queue token: an event `place` at once and on every change.",
            )
            .description(
                "Each event's data is the object that `GET /queue-tokens/me` answers. An open \
                 stream counts as a heartbeat. The stream ends after an event with status \
                 `EXPIRED`, and when the JWT expires.",
            )
            .access(Access::QueueToken)
            .response(200, events::<EventBody>())
            .refuses(&[ApiError::RATE_LIMITED, NotFound(Resource::QueueToken)]),
    ];
    tagged("waiting room", routes)
}

/// How often the position of a waiting token is read; it comes from memory.
const IN_LINE: Duration = Duration::from_secs(1);
/// How often any other token is read; it comes from the store.
const OUT_OF_LINE: Duration = Duration::from_secs(5);
/// The longest silence, so that dead connections are detected.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// An event, field by field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is documentation: events are written as text")]
pub(crate) struct EventBody {
    /// Always `place`.
    #[schema(example = "place")]
    event: String,
    /// A `PlaceBody`, as JSON.
    #[schema(example = r#"{\"status\":\"ACTIVE\"}"#)]
    data: String,
}

async fn follow(
    services: Data<Services>,
    streams: Data<EventStreams>,
    stop: Data<CancellationToken>,
    pass: Pass,
    expiry: Expiry,
) -> Result<HttpResponse, ApiError> {
    let slot = streams.open(pass.0.user_id)?;
    let position = services.waiting_room.look(&pass.0).await?;
    let place = PlaceBody::from(position.ok_or(ApiError::NotFound(Resource::QueueToken))?);
    let mut ticks = interval(IN_LINE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let follower = Follower {
        services,
        stop,
        pass: pass.0,
        expiry,
        last: place,
        started: false,
        looked_at: Instant::now(),
        sent_at: Instant::now(),
        ticks,
        _slot: slot,
    };
    Ok(respond(stream::unfold(follower, |mut follower| async move {
        let event = follower.next_event().await?;
        Some((event, follower))
    })))
}

struct Follower {
    services: Data<Services>,
    stop: Data<CancellationToken>,
    pass: QueuePass,
    expiry: Expiry,
    last: PlaceBody,
    started: bool,
    looked_at: Instant,
    sent_at: Instant,
    ticks: Interval,
    _slot: StreamSlot,
}

impl Follower {
    /// Waits for the next event or keep-alive; nothing when the stream ends.
    async fn next_event(&mut self) -> Option<Bytes> {
        if !self.started {
            self.started = true;
            return self.event();
        }
        while !self.last.has_ended() {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                _ = self.ticks.tick() => {}
            }
            if self.expiry.is_past(&self.services) {
                return None;
            }
            if self.is_due() && self.look().await? {
                return self.event();
            }
            if self.sent_at.elapsed() >= SILENCE_MAX {
                self.sent_at = Instant::now();
                return Some(KEEP_ALIVE);
            }
        }
        None
    }

    fn is_due(&self) -> bool {
        self.last.is_in_line() || self.looked_at.elapsed() >= OUT_OF_LINE
    }

    /// Reads the token again, and returns whether it changed. When the store cannot be reached, the stream
    /// ends and the client reconnects.
    async fn look(&mut self) -> Option<bool> {
        self.looked_at = Instant::now();
        let position = self.services.waiting_room.look(&self.pass).await.ok()??;
        let place = PlaceBody::from(position);
        let news = place.news() != self.last.news();
        self.last = place;
        Some(news)
    }

    fn event(&mut self) -> Option<Bytes> {
        self.sent_at = Instant::now();
        event("place", &self.last)
    }
}
