//! Locking and loading webhooks, their deliveries, and events.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use stagedoor_domain::{
    Delivery, Event, EventId, Instant, Needs, UserId, Webhook, WebhookId, WorkingSet,
};
use uuid::Uuid;

use super::dialect::{self, Conn, Prepared, for_update};
use super::load::limit;
use crate::failure::Failure;
use crate::rows::{DeliveryRow, EventRow, WebhookRow, fold};
use crate::schema::{events, webhooks};
use crate::types::{At, Id, SqlId, SqlInstant, SubjectId};

/// Loads the webhooks, deliveries and events that are needed.
pub(super) fn load_webhooks(
    conn: &mut Conn,
    set: &mut WorkingSet,
    needs: &Needs,
    now: Instant,
) -> Result<(), Failure> {
    if needs.new_events > 0 {
        dialect::lock_fan_out(conn)?;
    }
    set.load(lock_webhooks(conn, needs)?);
    for owner_id in &needs.webhooks_of {
        set.load::<Webhook>(webhooks_of(conn, *owner_id)?);
    }
    if needs.new_events > 0 {
        set.load(new_events(conn, needs.new_events, now)?);
    }
    for ((since, until), most) in &needs.events_of {
        set.load(events_between(conn, *since, *until, *most)?);
    }
    if !needs.deliveries.is_empty() {
        set.load(dialect::deliveries(conn, &needs.deliveries)?);
    }
    for (webhook_id, most) in needs.due_deliveries.iter().filter(|(_, most)| **most > 0) {
        set.load(due_deliveries(conn, *webhook_id, *most, now)?);
    }
    Ok(())
}

fn lock_webhooks(conn: &mut Conn, needs: &Needs) -> Result<Vec<Webhook>, Failure> {
    if needs.webhooks.is_empty() && !needs.every_webhook {
        return Ok(Vec::new());
    }
    let rows: Vec<WebhookRow> = if needs.every_webhook {
        let all = webhooks::table.select(WebhookRow::as_select());
        for_update!(all.order(webhooks::id)).load(conn)?
    } else {
        let named = webhooks::id.eq_any(needs.webhooks.iter().map(Id));
        let named = webhooks::table.select(WebhookRow::as_select()).filter(named);
        for_update!(named.order(webhooks::id)).load(conn)?
    };
    fold(rows)
}

/// The webhooks of a user, the oldest first.
pub(super) fn webhooks_of(conn: &mut Conn, owner_id: UserId) -> Result<Vec<Webhook>, Failure> {
    let rows: Vec<WebhookRow> = webhooks::table
        .select(WebhookRow::as_select())
        .filter(webhooks::owner_id.eq(Id(owner_id)))
        .order(webhooks::id)
        .load(conn)?;
    fold(rows)
}

fn new_events(conn: &mut Conn, most: usize, now: Instant) -> Result<Vec<Event>, Failure> {
    let rows: Vec<EventRow> = Prepared::new(dialect::NEW_EVENTS)
        .bind::<SqlInstant, _>(now)
        .bind::<BigInt, _>(limit(most))
        .load(conn)?;
    fold(rows)
}

fn events_between(
    conn: &mut Conn,
    since: Instant,
    until: Instant,
    most: usize,
) -> Result<Vec<Event>, Failure> {
    let rows: Vec<EventRow> = events::table
        .select(EventRow::as_select())
        .filter(events::at.ge(At(since)))
        .filter(events::at.lt(At(until)))
        .order((events::at, events::subject_id, events::number))
        .limit(limit(most))
        .load(conn)?;
    fold(rows)
}

/// Events by their ids.
pub(super) fn events_of(conn: &mut Conn, ids: &[EventId]) -> Result<Vec<Event>, Failure> {
    let wanted: BTreeSet<EventId> = ids.iter().copied().collect();
    let subjects: BTreeSet<Uuid> = wanted.iter().map(|id| id.subject_id).collect();
    let subjects: Vec<_> = subjects.into_iter().map(|id| Id(SubjectId(id))).collect();
    let mut found: Vec<Event> = Vec::new();
    for subjects in subjects.chunks(dialect::VALUES_MAX) {
        let rows: Vec<EventRow> = events::table
            .select(EventRow::as_select())
            .filter(events::subject_id.eq_any(subjects))
            .load(conn)?;
        found.extend(fold::<_, Event>(rows)?);
    }
    found.retain(|event| wanted.contains(&event.id));
    Ok(found)
}

/// Deliveries that are due, of each subject those before which no other is open.
const DUE_DELIVERIES: &str = "
    SELECT * FROM deliveries AS due
    WHERE webhook_id = ? AND state = 'PENDING' AND due_at <= ? AND NOT EXISTS (
        SELECT 1 FROM deliveries AS earlier
        WHERE earlier.webhook_id = due.webhook_id AND earlier.subject_id = due.subject_id
            AND earlier.number < due.number AND earlier.state = 'PENDING')
    ORDER BY due_at LIMIT ?";

fn due_deliveries(
    conn: &mut Conn,
    webhook_id: WebhookId,
    most: usize,
    now: Instant,
) -> Result<Vec<Delivery>, Failure> {
    let rows: Vec<DeliveryRow> = Prepared::new(DUE_DELIVERIES)
        .bind::<SqlId, _>(webhook_id)
        .bind::<SqlInstant, _>(now)
        .bind::<BigInt, _>(limit(most))
        .load(conn)?;
    fold(rows)
}
