//! Webhooks and deliveries.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::webhook::{
    Attempt, DeliveryState, NoAnswer, WebhookSecret, WebhookState, WebhookUrl,
};
use stagedoor_domain::{Delivery, EventId, EventKind, Instant, UserId, Webhook, WebhookId};

use super::corrupt;
use crate::failure::Failure;
use crate::schema;
use crate::types::SubjectId;

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::webhooks, check_for_backend(Pg, Sqlite))]
pub(crate) struct WebhookRow {
    id: WebhookId,
    owner_id: UserId,
    url: String,
    kinds: String,
    secret: String,
    old_secret: Option<String>,
    old_secret_until: Option<Instant>,
    state: String,
    tests: i64,
    created_at: Instant,
}

impl TryFrom<WebhookRow> for Webhook {
    type Error = Failure;

    fn try_from(row: WebhookRow) -> Result<Self, Failure> {
        let wrong = |column| corrupt("webhook", row.id, column);
        Ok(Self {
            id: row.id,
            owner_id: row.owner_id,
            url: WebhookUrl::stored(row.url),
            kinds: serde_json::from_str(&row.kinds).map_err(|_| wrong("kinds"))?,
            secret: WebhookSecret::new(row.secret),
            old_secret: row.old_secret.map(WebhookSecret::new).zip(row.old_secret_until),
            state: webhook_state(&row.state).ok_or_else(|| wrong("state"))?,
            tests: row.tests,
            created_at: row.created_at,
        })
    }
}

fn webhook_state(text: &str) -> Option<WebhookState> {
    let all = [WebhookState::Enabled, WebhookState::Disabled, WebhookState::Gone];
    all.into_iter().find(|state| webhook_state_text(*state) == text)
}

pub(crate) fn webhook_state_text(state: WebhookState) -> &'static str {
    match state {
        WebhookState::Enabled => "ENABLED",
        WebhookState::Disabled => "DISABLED",
        WebhookState::Gone => "GONE",
    }
}

/// The kinds as a JSON array.
pub(crate) fn kinds_text(webhook: &Webhook) -> String {
    let names = webhook.kinds.iter().map(|kind| kind.as_str());
    serde_json::Value::from_iter(names).to_string()
}

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::deliveries, check_for_backend(Pg, Sqlite))]
pub(crate) struct DeliveryRow {
    webhook_id: WebhookId,
    subject_id: SubjectId,
    number: i64,
    kind: String,
    state: String,
    due_at: Option<Instant>,
    attempts: i32,
    last_at: Option<Instant>,
    last_answer: Option<String>,
    created_at: Instant,
}

impl DeliveryRow {
    fn state(&self) -> Option<DeliveryState> {
        match self.state.as_str() {
            "PENDING" => Some(DeliveryState::Pending { due_at: self.due_at? }),
            "DELIVERED" => Some(DeliveryState::Delivered),
            "FAILED" => Some(DeliveryState::Failed),
            _ => None,
        }
    }
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = Failure;

    fn try_from(row: DeliveryRow) -> Result<Self, Failure> {
        let event_id = EventId::new(row.subject_id.0, row.number);
        let wrong = |column| corrupt("delivery", event_id, column);
        let answer = row.last_answer.as_deref().map(answer);
        let answer = answer.map(|answer| answer.ok_or_else(|| wrong("last_answer"))).transpose()?;
        Ok(Self {
            webhook_id: row.webhook_id,
            event_id,
            kind: EventKind::of_name(&row.kind).ok_or_else(|| wrong("kind"))?,
            state: row.state().ok_or_else(|| wrong("state"))?,
            attempts: row.attempts,
            last: row.last_at.zip(answer).map(|(at, answer)| Attempt { at, answer }),
            created_at: row.created_at,
        })
    }
}

fn answer(text: &str) -> Option<Result<u16, NoAnswer>> {
    let reason = NoAnswer::ALL.into_iter().find(|reason| reason.as_str() == text);
    reason.map(Err).or_else(|| text.parse().ok().map(Ok))
}

/// The columns `state`, `due_at`, `last_at` and `last_answer`.
pub(crate) fn delivery_columns(
    delivery: &Delivery,
) -> (&'static str, Option<Instant>, Option<Instant>, Option<String>) {
    let (state, due_at) = match delivery.state {
        DeliveryState::Pending { due_at } => ("PENDING", Some(due_at)),
        DeliveryState::Delivered => ("DELIVERED", None),
        DeliveryState::Failed => ("FAILED", None),
    };
    let answer = delivery.last.map(|last| match last.answer {
        Ok(status) => status.to_string(),
        Err(reason) => reason.as_str().to_owned(),
    });
    (state, due_at, delivery.last.map(|last| last.at), answer)
}
