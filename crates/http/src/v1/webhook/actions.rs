//! What is done with a webhook besides changing it: a new secret, a test, a replay.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::replay_events::Replayed;
use stagedoor_domain::operations::{ReplayEvents, WebhookChange};
use stagedoor_domain::{Invalid, Rule, Submission};
use utoipa::ToSchema;

use super::{WebhookBody, changed, new_secret};
use crate::auth::{Access, Account};
use crate::edge::Action;
use crate::route::{Route, object, post};
use crate::services::Services;
use crate::wire::{ApiError, Body, Resource, Timestamp, ids};

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    const NOT_FOUND: [ApiError; 1] = [ApiError::NotFound(Resource::Webhook)];
    vec![
        post("/webhooks/{webhookId}/secret", rotate)
            .operation("rotateWebhookSecret", "Give one of one's own webhooks a new secret.")
            .description(
                "The new one is shown in this response alone. For a day more the old one signs as well, so that the \
                 receiver can be changed meanwhile.",
            )
            .access(Access::Account)
            .response(200, object::<WebhookBody>())
            .refuses(&NOT_FOUND),
        post("/webhooks/{webhookId}/tests", test)
            .operation("testWebhook", "Send a `webhook.test` to one of one's own webhooks.")
            .description(
                "Its list of deliveries tells what became of it. While the webhook is switched off, the test waits.",
            )
            .access(Access::Account)
            .limit(Action::Create)
            .response(202, object::<WebhookBody>())
            .refuses(&NOT_FOUND),
        post("/webhooks/{webhookId}/replays", replay)
            .operation("replayEvents", "Send the events of a time to one of one's own webhooks again.")
            .description(
                "Those that it takes now, whether or not it received them before: at most 1,000, the earliest first. \
                 If there are more, `restSince` is the `since` of the next replay.",
            )
            .access(Access::Account)
            .limit(Action::Create)
            .response(202, object::<ReplayedBody>())
            .refuses(&NOT_FOUND),
    ]
}

/// Which events are sent again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayBody {
    /// Events that happened then or later.
    #[schema(example = "2026-11-21T10:00:00Z")]
    since: Timestamp,
    /// Events that happened before then; before now, if it is left out.
    #[schema(example = "2026-11-21T11:00:00Z")]
    until: Option<Timestamp>,
}

/// What is sent again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplayedBody {
    /// How many events.
    #[schema(example = 12)]
    events: usize,
    /// When the first event happened that was left out because there were too many; only if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    rest_since: Option<Timestamp>,
}

impl From<Replayed> for ReplayedBody {
    fn from(Replayed { events, rest_since }: Replayed) -> Self {
        Self { events, rest_since: rest_since.map(Timestamp::from) }
    }
}

async fn rotate(
    services: Data<Services>,
    owner: Account,
    id: Path<String>,
) -> Result<Json<WebhookBody>, ApiError> {
    let change = WebhookChange::Rotate(new_secret()?);
    Ok(Json(WebhookBody::with_secret(changed(&services, owner.0, &id, change).await?)))
}

async fn test(
    services: Data<Services>,
    owner: Account,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let webhook = changed(&services, owner.0, &id, WebhookChange::Test).await?;
    Ok(HttpResponse::Accepted().json(WebhookBody::from(webhook)))
}

async fn replay(
    services: Data<Services>,
    owner: Account,
    id: Path<String>,
    body: Body<ReplayBody>,
) -> Result<HttpResponse, ApiError> {
    let webhook_id = ids::parse_id(&id, "webhookId")?;
    let ReplayBody { since: Timestamp(since), until } = body.value;
    let until = until.map_or_else(|| services.clock.now(), |until| until.0);
    if until <= since {
        return Err(Invalid::new("until", Rule::After("since")).into());
    }
    let command = ReplayEvents { webhook_id, owner_id: owner.0, since, until };
    let submission = Submission::new(command);
    let replayed = services.webhook_changes.replay_events.submit(submission).await??;
    Ok(HttpResponse::Accepted().json(ReplayedBody::from(replayed)))
}
