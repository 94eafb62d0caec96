//! The deliveries of events to a webhook.

use std::fmt;
use std::str::FromStr;

use actix_web::web::{Data, Json, Path, Query};
use serde::Serialize;
use stagedoor_domain::webhook::{Attempt, DeliveryState};
use stagedoor_domain::{Delivery, EventId, Instant, Page};
use utoipa::ToSchema;

use super::own;
use crate::auth::{Access, Account};
use crate::route::{Route, get, page};
use crate::services::Services;
use crate::wire::{ApiError, PageBody, PageQuery, Resource, Timestamp};

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/webhooks/{webhookId}/deliveries", list)
            .operation(
                "listDeliveries",
                "List the deliveries to one of one's own webhooks, newest first.",
            )
            .access(Access::Account)
            .response(200, page::<DeliveryBody>())
            .refuses(&[ApiError::NotFound(Resource::Webhook)]),
    ]
}

/// The delivery of an event to a webhook.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliveryBody {
    /// Which event: the header `webhook-id`.
    #[schema(example = "evt_019a0000000070008000000000000001_3")]
    event_id: String,
    /// What happened.
    #[schema(value_type = String, example = "reservation.paid")]
    event: &'static str,
    /// `PENDING`; `DELIVERED`: the receiver has it; or `FAILED`: it was tried for three days, or the webhook is gone.
    #[schema(example = "PENDING")]
    state: &'static str,
    /// How many attempts were begun.
    #[schema(example = 2)]
    attempts: i32,
    /// When the next attempt is made; only while it is pending. While one is under way, when it counts as lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    /// What became of the last attempt that ended, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_attempt: Option<AttemptBody>,
    /// When it was made, or made anew by a replay.
    created_at: Timestamp,
}

/// What became of an attempt: a status, or a failure.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttemptBody {
    /// When it ended.
    at: Timestamp,
    /// The HTTP status that the receiver answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 500)]
    status: Option<u16>,
    /// Why there was no answer: `UNKNOWN_HOST`, `PRIVATE_ADDRESS`, `CONNECTION`, `CERTIFICATE` or `TIMEOUT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "TIMEOUT")]
    failure: Option<&'static str>,
}

impl From<Delivery> for DeliveryBody {
    fn from(delivery: Delivery) -> Self {
        let (state, due_at) = match delivery.state {
            DeliveryState::Pending { due_at } => ("PENDING", Some(due_at)),
            DeliveryState::Delivered => ("DELIVERED", None),
            DeliveryState::Failed => ("FAILED", None),
        };
        Self {
            event_id: delivery.event_id.to_string(),
            event: delivery.kind.as_str(),
            state,
            attempts: delivery.attempts,
            due_at: due_at.map(Timestamp::from),
            last_attempt: delivery.last.map(AttemptBody::from),
            created_at: delivery.created_at.into(),
        }
    }
}

impl From<Attempt> for AttemptBody {
    fn from(Attempt { at, answer }: Attempt) -> Self {
        Self {
            at: at.into(),
            status: answer.ok(),
            failure: answer.err().map(|failure| failure.as_str()),
        }
    }
}

/// The place of a delivery in the list: when it was made, in nanoseconds since 1970, and its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    at: Instant,
    event_id: EventId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at.unix_timestamp_nanos(), self.event_id)
    }
}

/// The text is no cursor.
struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (at, event_id) = text.split_once(' ').ok_or(NoCursor)?;
        // The years of an `i64` are years that both stores support.
        let at: i64 = at.parse().map_err(|_| NoCursor)?;
        let at = Instant::from_unix_timestamp_nanos(at.into()).map_err(|_| NoCursor)?;
        Ok(Self { at, event_id: event_id.parse().map_err(|_| NoCursor)? })
    }
}

async fn list(
    services: Data<Services>,
    owner: Account,
    id: Path<String>,
    query: Query<PageQuery>,
) -> Result<Json<PageBody<DeliveryBody>>, ApiError> {
    let (size, after) = (query.size()?, query.after()?);
    let webhook = own(&services, owner.0, &id).await?;
    let after = after.map(|Cursor { at, event_id }| (at, event_id));
    let Page { items, next } = services.webhooks.deliveries(webhook.id, after, size).await?;
    let next = next.map(|(at, event_id)| Cursor { at, event_id });
    Ok(Json(PageBody::of(Page { items, next }, DeliveryBody::from)))
}
