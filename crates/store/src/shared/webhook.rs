//! Reading webhooks and their deliveries.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{StoreError, Webhooks};
use stagedoor_domain::{Delivery, EventId, Instant, Page, PageSize, UserId, Webhook, WebhookId};

use super::dialect::Store;
use super::{load_webhooks, one_more};
use crate::rows::{DeliveryRow, fold};
use crate::schema::deliveries;
use crate::types::{At, Id, SubjectId};

#[async_trait]
impl Webhooks for Store {
    async fn webhooks_of(&self, owner_id: UserId) -> Result<Vec<Webhook>, StoreError> {
        self.read(move |conn| load_webhooks::webhooks_of(conn, owner_id)).await
    }

    async fn deliveries(
        &self,
        id: WebhookId,
        after: Option<(Instant, EventId)>,
        size: PageSize,
    ) -> Result<Page<Delivery, (Instant, EventId)>, StoreError> {
        self.read(move |conn| {
            let mut query = deliveries::table
                .select(DeliveryRow::as_select())
                .filter(deliveries::webhook_id.eq(Id(id)))
                .order((
                    deliveries::created_at.desc(),
                    deliveries::subject_id.desc(),
                    deliveries::number.desc(),
                ))
                .limit(one_more(size))
                .into_boxed();
            if let Some((at, EventId { subject_id, number })) = after {
                let subject = || Id(SubjectId(subject_id));
                let earlier_event = deliveries::subject_id
                    .lt(subject())
                    .or(deliveries::subject_id.eq(subject()).and(deliveries::number.lt(number)));
                let same_time = deliveries::created_at.eq(At(at)).and(earlier_event);
                query = query.filter(deliveries::created_at.lt(At(at)).or(same_time));
            }
            let found: Vec<Delivery> = fold(query.load(conn)?)?;
            Ok(Page::of(found, size, |delivery| (delivery.created_at, delivery.event_id)))
        })
        .await
    }
}
