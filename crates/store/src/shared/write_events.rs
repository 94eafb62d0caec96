//! Writing events, webhooks and deliveries.

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use stagedoor_domain::{Changes, Delivery, Event, Webhook};

use super::dialect::{Conn, Prepared, Rows};
use super::write::check_deleted;
use crate::failure::Failure;
use crate::rows::{delivery_columns, kinds_text, webhook_state_text};
use crate::types::{SqlId, SqlInstant, SubjectId};

pub(super) fn write_events(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    Rows::of("events", &changes.inserted::<Event>())
        .column::<SqlId, _>("subject_id", |event| SubjectId(event.id.subject_id))
        .column::<BigInt, _>("number", |event| event.id.number)
        .column::<Text, _>("kind", |event| event.kind.as_str())
        .column::<Nullable<SqlId>, _>("concert_id", |event| event.concert_id)
        .column::<SqlInstant, _>("at", |event| event.at)
        .column::<Bool, _>("fanned_out", |event| event.fanned_out)
        .insert()
        .execute(conn)?;
    Rows::of("events", &changes.updated::<Event>())
        .column::<Bool, _>("fanned_out", |event| event.fanned_out)
        .column::<SqlId, _>("subject_id", |event| SubjectId(event.id.subject_id))
        .column::<BigInt, _>("number", |event| event.id.number)
        .update_by_last(2)
        .execute(conn)
}

pub(super) fn write_webhooks(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    for id in changes.deleted_webhooks() {
        Prepared::new("DELETE FROM deliveries WHERE webhook_id = ?")
            .bind::<SqlId, _>(id)
            .execute(conn)?;
        let webhook = Prepared::new("DELETE FROM webhooks WHERE id = ?").bind::<SqlId, _>(id);
        check_deleted("webhook", webhook.execute(conn)?)?;
    }
    let made = changes.inserted::<Webhook>();
    let made = Rows::of("webhooks", &made)
        .column::<SqlId, _>("id", |webhook| webhook.id)
        .column::<SqlId, _>("owner_id", |webhook| webhook.owner_id)
        .column::<SqlInstant, _>("created_at", |webhook| webhook.created_at);
    webhook_columns(made).insert().execute(conn)?;
    let changed = changes.updated::<Webhook>();
    webhook_columns(Rows::of("webhooks", &changed))
        .update_by::<SqlId, _>("id", |webhook| webhook.id)
        .execute(conn)?;
    let made = changes.inserted::<Delivery>();
    let made =
        Rows::of("deliveries", &made).column::<Text, _>("kind", |delivery| delivery.kind.as_str());
    key_columns(delivery_state_columns(made)).insert().execute(conn)?;
    let changed = changes.updated::<Delivery>();
    key_columns(delivery_state_columns(Rows::of("deliveries", &changed)))
        .update_by_last(3)
        .execute(conn)
}

fn webhook_columns(rows: Rows<'_, Webhook>) -> Rows<'_, Webhook> {
    rows.column::<Text, _>("url", |webhook| webhook.url.as_str())
        .column::<Text, _>("kinds", kinds_text)
        .column::<Text, _>("secret", |webhook| webhook.secret.expose())
        .column::<Nullable<Text>, _>("old_secret", |webhook| {
            webhook.old_secret.as_ref().map(|(secret, _)| secret.expose())
        })
        .column::<Nullable<SqlInstant>, _>("old_secret_until", |webhook| {
            webhook.old_secret.as_ref().map(|(_, until)| *until)
        })
        .column::<Text, _>("state", |webhook| webhook_state_text(webhook.state))
        .column::<BigInt, _>("tests", |webhook| webhook.tests)
}

fn delivery_state_columns(rows: Rows<'_, Delivery>) -> Rows<'_, Delivery> {
    rows.column::<Text, _>("state", |delivery| delivery_columns(delivery).0)
        .column::<Nullable<SqlInstant>, _>("due_at", |delivery| delivery_columns(delivery).1)
        .column::<Integer, _>("attempts", |delivery| delivery.attempts)
        .column::<Nullable<SqlInstant>, _>("last_at", |delivery| delivery_columns(delivery).2)
        .column::<Nullable<Text>, _>("last_answer", |delivery| delivery_columns(delivery).3)
        .column::<SqlInstant, _>("created_at", |delivery| delivery.created_at)
}

fn key_columns(rows: Rows<'_, Delivery>) -> Rows<'_, Delivery> {
    rows.column::<SqlId, _>("webhook_id", |delivery| delivery.webhook_id)
        .column::<SqlId, _>("subject_id", |delivery| SubjectId(delivery.event_id.subject_id))
        .column::<BigInt, _>("number", |delivery| delivery.event_id.number)
}
