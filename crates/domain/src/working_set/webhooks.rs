//! What the rules of webhooks read of the set: webhooks, events and deliveries.

use super::WorkingSet;
use crate::{Corrupt, Delivery, Event, Instant, Needs, UserId, Webhook, WebhookId};

impl WorkingSet {
    /// The number of webhooks that a user has.
    pub(crate) fn webhooks_of(&self, owner_id: UserId) -> Result<usize, Corrupt> {
        let named = |needs: &Needs| needs.webhooks_of.contains(&owner_id);
        self.check_named("the webhooks of", owner_id, named)?;
        Ok(self.all::<Webhook>().filter(|webhook| webhook.owner_id == owner_id).count())
    }

    /// All webhooks.
    pub(crate) fn webhooks(&self) -> Result<Vec<Webhook>, Corrupt> {
        self.check_named("the webhooks", "all", |needs| needs.every_webhook)?;
        Ok(self.all().cloned().collect())
    }

    /// Events that are not fanned out, in the order of their subjects and numbers.
    pub(crate) fn new_events(&self) -> Result<Vec<Event>, Corrupt> {
        self.check_named("the events", "new", |needs| needs.new_events > 0)?;
        Ok(self.all::<Event>().filter(|event| !event.fanned_out).copied().collect())
    }

    /// The events of a time, the earliest first.
    pub(crate) fn events_between(
        &self,
        since: Instant,
        until: Instant,
    ) -> Result<Vec<Event>, Corrupt> {
        let named = |needs: &Needs| needs.events_of.contains_key(&(since, until));
        self.check_named("the events of", since, named)?;
        let within = self.all::<Event>().filter(|event| since <= event.at && event.at < until);
        let mut events: Vec<Event> = within.copied().collect();
        events.sort_by_key(|event| (event.at, event.id));
        Ok(events)
    }

    /// The deliveries of a webhook that are due, the earliest first: of each subject the first open one.
    pub(crate) fn due_deliveries(
        &self,
        id: WebhookId,
        most: usize,
        now: Instant,
    ) -> Result<Vec<Delivery>, Corrupt> {
        let named = |needs: &Needs| needs.due_deliveries.contains_key(&id);
        self.check_named("the deliveries of", id, named)?;
        // In the order of their events.
        let of_webhook = self.all::<Delivery>().filter(|delivery| delivery.webhook_id == id);
        let mut first: Vec<_> = of_webhook.filter_map(|it| Some((it.due_at()?, it))).collect();
        first.dedup_by_key(|(_, delivery)| delivery.event_id.subject_id);
        first.retain(|(due_at, _)| *due_at <= now);
        first.sort_by_key(|(due_at, _)| *due_at);
        Ok(first.into_iter().take(most).map(|(_, delivery)| delivery.clone()).collect())
    }
}
