//! Webhooks: addresses of other systems that events are sent to (rule 21).

mod actions;
mod deliveries;

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{ChangeWebhook, CreateWebhook, WebhookChange};
use stagedoor_domain::webhook::{Reach, WebhookEdit, WebhookSecret, WebhookState, WebhookUrl};
use stagedoor_domain::{EventKind, Invalid, Rule, Submission, UserId, Webhook, WebhookId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::event::{self, EventName};
use crate::auth::{Access, Account};
use crate::edge::Action;
use crate::route::{Route, delete, get, nothing, object, patch, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::{ApiError, Body, RequiredAccess, Resource, Timestamp, given, ids, request_id};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let groups = [changes(), reads(), actions::routes(), deliveries::routes()];
    tagged("webhooks", groups.into_iter().flatten().collect())
}

fn changes() -> Vec<Route> {
    use ApiError::*;

    vec![
        post("/webhooks", create)
            .operation("createWebhook", "Register a webhook, to which events are sent.")
            .description(
                "For organizers and operators. A webhook of an operator takes the events of all concerts, another \
                 one those of its owner's. Its requests are signed by the `secret` (Standard Webhooks 1.0), which is \
                 not shown again. A user has at most 20 webhooks.",
            )
            .access(Access::Account)
            .limit(Action::Create)
            .response(201, object::<WebhookBody>())
            .response_header("Location")
            .refuses(&[Forbidden(RequiredAccess::Staff), TooManyWebhooks]),
        patch("/webhooks/{webhookId}", change)
            .operation("changeWebhook", "Change one of one's own webhooks, or switch it on or off.")
            .description(
                "Events of the time in which it is off are not sent later; they can be replayed. A webhook that is \
                 `GONE` is switched on again in the same way.",
            )
            .access(Access::Account)
            .response(200, object::<WebhookBody>())
            .refuses(&[NotFound(Resource::Webhook)]),
        delete("/webhooks/{webhookId}", remove)
            .operation("deleteWebhook", "Delete one of one's own webhooks and its deliveries.")
            .access(Access::Account)
            .response(204, nothing("It is deleted"))
            .refuses(&[NotFound(Resource::Webhook)]),
    ]
}

fn reads() -> Vec<Route> {
    vec![
        get("/webhooks", list)
            .operation("listWebhooks", "List one's own webhooks, oldest first.")
            .access(Access::Account)
            .response(200, object::<WebhooksBody>()),
        get("/webhooks/{webhookId}", find)
            .operation("readWebhook", "Read one of one's own webhooks.")
            .access(Access::Account)
            .response(200, object::<WebhookBody>())
            .refuses(&[ApiError::NotFound(Resource::Webhook)]),
    ]
}

/// A new webhook.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhookBody {
    /// Where events are sent: an `https` URL of a host on the public internet, without a user, a password or a
    /// fragment.
    #[schema(min_length = 1, max_length = 2000, example = "https://example.com/hooks/stagedoor")]
    url: String,
    /// The kinds of events that it takes; all, if it is left out or empty.
    #[serde(default)]
    #[schema(value_type = Vec<EventName>, required = false)]
    events: Vec<String>,
}

/// New values for any of these fields. One that is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookEditBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(min_length = 1, max_length = 2000, example = "https://example.com/hooks/stagedoor")]
    #[schema(value_type = String, required = false)]
    url: Option<String>,
    /// All kinds, if it is empty.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Vec<EventName>, required = false)]
    events: Option<Vec<String>>,
    /// Whether events are sent.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool, required = false, example = true)]
    enabled: Option<bool>,
}

/// A webhook.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookBody {
    id: Uuid,
    #[schema(example = "https://example.com/hooks/stagedoor")]
    url: String,
    /// The kinds of events that it takes.
    #[schema(value_type = Vec<EventName>)]
    events: Vec<&'static str>,
    /// `ENABLED`; `DISABLED` by its owner; or `GONE`: its receiver answered 410, and nothing more is sent.
    #[schema(value_type = String, example = "ENABLED")]
    state: WebhookState,
    created_at: Timestamp,
    /// What signs it; only in the responses to its creation and to a change of the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_c3RhZ2Vkb29yIHN0YWdlZG9vciBzdGFnZWRvb3IgMzI=")]
    secret: Option<String>,
}

/// Webhooks.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhooksBody {
    items: Vec<WebhookBody>,
}

impl From<Webhook> for WebhookBody {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.0,
            url: webhook.url.as_str().to_owned(),
            events: webhook.kinds.into_iter().map(EventKind::as_str).collect(),
            state: webhook.state,
            created_at: webhook.created_at.into(),
            secret: None,
        }
    }
}

impl WebhookBody {
    fn with_secret(webhook: Webhook) -> Self {
        let secret = Some(webhook.secret.expose().to_owned());
        Self { secret, ..Self::from(webhook) }
    }
}

impl WebhookEditBody {
    fn edit(self, reach: Reach) -> Result<WebhookEdit, ApiError> {
        Ok(WebhookEdit {
            url: self.url.map(|url| WebhookUrl::parse(&url, reach)).transpose()?,
            kinds: self.events.as_deref().map(kinds).transpose()?,
            is_enabled: self.enabled,
        })
    }
}

/// The kinds of events with these names; all, if there are no names.
fn kinds(names: &[String]) -> Result<BTreeSet<EventKind>, ApiError> {
    if names.is_empty() {
        return Ok(EventKind::ALL.into());
    }
    let kind = |(index, name): (usize, &String)| {
        let found = EventKind::ALL.into_iter().find(|kind| kind.as_str() == name);
        let rule = Rule::OneOf(event::NAMES.as_slice());
        found.ok_or_else(|| Invalid::at(format!("events[{index}]"), rule).into())
    };
    names.iter().enumerate().map(kind).collect()
}

/// A new secret.
fn new_secret() -> Result<WebhookSecret, ApiError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(request_id = %request_id::current(), %error, "there are no random bytes");
        ApiError::Internal
    })?;
    Ok(WebhookSecret::new(format!("{}{}", WebhookSecret::PREFIX, STANDARD.encode(bytes))))
}

/// One of the webhooks of a user.
async fn own(services: &Services, owner_id: UserId, id: &str) -> Result<Webhook, ApiError> {
    let id: WebhookId = ids::parse_id(id, "webhookId")?;
    let all = services.webhooks.webhooks_of(owner_id).await?;
    let found = all.into_iter().find(|webhook| webhook.id == id);
    found.ok_or(ApiError::NotFound(Resource::Webhook))
}

/// Changes one of the webhooks of a user.
async fn changed(
    services: &Services,
    owner_id: UserId,
    id: &str,
    change: WebhookChange,
) -> Result<Webhook, ApiError> {
    let command = ChangeWebhook { id: ids::parse_id(id, "webhookId")?, owner_id, change };
    let submitted = services.webhook_changes.change_webhook.submit(Submission::new(command));
    Ok(submitted.await??)
}

async fn create(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    owner: Account,
    body: Body<NewWebhookBody>,
) -> Result<HttpResponse, ApiError> {
    let NewWebhookBody { url, events } = body.value;
    let command = CreateWebhook {
        id: WebhookId(ids::new_uuid()),
        owner_id: owner.0,
        url: WebhookUrl::parse(&url, settings.webhook_reach)?,
        kinds: kinds(&events)?,
        secret: new_secret()?,
        open_to_all: settings.open_mode,
    };
    let submission = Submission::new(command);
    let webhook = services.webhook_changes.create_webhook.submit(submission).await??;
    let location = format!("{}/webhooks/{}", super::PREFIX, webhook.id);
    let mut answer = HttpResponse::Created();
    Ok(answer.insert_header((LOCATION, location)).json(WebhookBody::with_secret(webhook)))
}

async fn list(services: Data<Services>, owner: Account) -> Result<Json<WebhooksBody>, ApiError> {
    let all = services.webhooks.webhooks_of(owner.0).await?;
    Ok(Json(WebhooksBody { items: all.into_iter().map(WebhookBody::from).collect() }))
}

async fn find(
    services: Data<Services>,
    owner: Account,
    id: Path<String>,
) -> Result<Json<WebhookBody>, ApiError> {
    Ok(Json(own(&services, owner.0, &id).await?.into()))
}

async fn change(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    owner: Account,
    id: Path<String>,
    body: Body<WebhookEditBody>,
) -> Result<Json<WebhookBody>, ApiError> {
    let edit = WebhookChange::Edit(body.value.edit(settings.webhook_reach)?);
    Ok(Json(changed(&services, owner.0, &id, edit).await?.into()))
}

async fn remove(
    services: Data<Services>,
    owner: Account,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    changed(&services, owner.0, &id, WebhookChange::Delete).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests;
